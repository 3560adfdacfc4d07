import type { ObjectOf } from '../meta/object.ts'
import { boolean, bytes, explicit, int32, int64, list, message, opt, req, type Schema, type Static, string, time, withDefault } from '../schema/build.ts'
import type { JsonSchemaProps } from '../schema/custom/props.ts'
import { readProps } from '../schema/custom/read-props.ts'
import { ObjectMeta } from './meta.ts'

/** An OpenAPI v3 schema: kept as given, judged by its own rules (schema/custom/structural.ts). */
const jsonSchema: Schema<JsonSchemaProps> = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, read: readProps }

export const ServiceReference = message(
  'apiextensions.v1.ServiceReference',
  {
    name: req(2, string, 'Name of the service.'),
    namespace: req(1, string, 'Namespace of the service.'),
    path: opt(3, explicit(string), 'Path to ask for.'),
    port: opt(4, withDefault(explicit(int32), 443), 'Port of the service.'),
  },
  { doc: 'A service.' },
)

export const WebhookClientConfig = message(
  'apiextensions.v1.WebhookClientConfig',
  {
    caBundle: opt(3, bytes, 'Certificates to trust, base64 PEM.'),
    service: opt(2, ServiceReference, 'The service to ask.'),
    url: opt(1, explicit(string), 'The address to ask, instead of a service.'),
  },
  { doc: 'Who is asked.' },
)

export const WebhookConversion = message(
  'apiextensions.v1.WebhookConversion',
  {
    clientConfig: opt(2, WebhookClientConfig, 'Who is asked.'),
    conversionReviewVersions: req(3, list(string, { list: 'atomic' }), 'Versions of the question it understands.'),
  },
  { doc: 'Conversion by a service.' },
)

export const CustomResourceConversion = message(
  'apiextensions.v1.CustomResourceConversion',
  {
    strategy: req(1, string, 'None changes only apiVersion; Webhook asks a service.'),
    webhook: opt(2, WebhookConversion, 'The service, for strategy Webhook.'),
  },
  { doc: 'How objects are converted between versions.' },
)

export const CustomResourceColumnDefinition = message(
  'apiextensions.v1.CustomResourceColumnDefinition',
  {
    description: opt(4, string, 'What the column shows.'),
    format: opt(3, string, 'Format of the value.'),
    jsonPath: req(6, string, 'Where the value is in the object.'),
    name: req(1, string, 'Head of the column.'),
    priority: opt(5, int32, 'Columns above 0 show in wide output only.'),
    type: req(2, string, 'integer, number, string, boolean or date.'),
  },
  { doc: 'A column that kubectl get shows.' },
)

export const CustomResourceSubresourceScale = message(
  'apiextensions.v1.CustomResourceSubresourceScale',
  {
    labelSelectorPath: opt(3, explicit(string), 'Where the selector is, as text.'),
    specReplicasPath: req(1, string, 'Where the wanted number is.'),
    statusReplicasPath: req(2, string, 'Where the present number is.'),
  },
  { doc: 'Serves scale.' },
)

export const CustomResourceSubresources = message(
  'apiextensions.v1.CustomResourceSubresources',
  {
    scale: opt(2, CustomResourceSubresourceScale, 'Serves scale.'),
    status: opt(
      1,
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as Schema<Readonly<Record<string, unknown>>>,
      'Serves status apart from the rest.',
    ),
  },
  { doc: 'Subresources of a version.' },
)

export const CustomResourceValidation = message(
  'apiextensions.v1.CustomResourceValidation',
  { openAPIV3Schema: opt(1, jsonSchema, 'The schema, which must be structural.') },
  { doc: 'What objects look like.' },
)

export const SelectableField = message(
  'apiextensions.v1.SelectableField',
  { jsonPath: req(1, string, 'Where the field is, such as .spec.color.') },
  { doc: 'A field that field selectors know.' },
)

export const CustomResourceDefinitionVersion = message(
  'apiextensions.v1.CustomResourceDefinitionVersion',
  {
    additionalPrinterColumns: opt(6, list(CustomResourceColumnDefinition, { list: 'atomic' }), 'Columns beside the name; the age when there are none.'),
    deprecated: opt(7, boolean, 'Warns whoever uses the version.'),
    deprecationWarning: opt(8, explicit(string), 'The words of the warning.'),
    name: req(1, string, 'Name of the version, such as v1 or v1beta1.'),
    schema: opt(4, CustomResourceValidation, 'What objects look like.'),
    selectableFields: opt(9, list(SelectableField, { list: 'atomic' }), 'Fields that field selectors know.'),
    served: req(2, boolean, 'Whether the version is served.'),
    storage: req(3, boolean, 'Whether objects are stored at this version; true for exactly one.'),
    subresources: opt(5, CustomResourceSubresources, 'Subresources of the version.'),
  },
  { doc: 'One version of a custom kind.' },
)
export type CustomResourceDefinitionVersion = Static<typeof CustomResourceDefinitionVersion>

export const CustomResourceDefinitionNames = message(
  'apiextensions.v1.CustomResourceDefinitionNames',
  {
    categories: opt(6, list(string, { list: 'atomic' }), 'Groups of kinds it belongs to, such as all.'),
    kind: req(4, string, 'Kind of the objects, in CamelCase.'),
    listKind: opt(5, string, 'Kind of lists of them; the kind and List when not given.'),
    plural: req(1, string, 'Name in the path, in lower case.'),
    shortNames: opt(3, list(string, { list: 'atomic' }), 'Short names for the command line.'),
    singular: opt(2, string, 'Name of one; the kind in lower case when not given.'),
  },
  { doc: 'Names of a custom kind.' },
)
export type CustomResourceDefinitionNames = Static<typeof CustomResourceDefinitionNames>

export const CustomResourceDefinitionSpec = message(
  'apiextensions.v1.CustomResourceDefinitionSpec',
  {
    conversion: opt(9, CustomResourceConversion, 'How objects are converted between versions.'),
    group: req(1, string, 'Group of the kind.'),
    names: req(3, CustomResourceDefinitionNames, 'Names of the kind.'),
    preserveUnknownFields: opt(10, boolean, 'Must be false; schemas say it field by field.'),
    scope: req(4, string, 'Namespaced or Cluster.'),
    versions: req(7, list(CustomResourceDefinitionVersion, { list: 'atomic' }), 'Versions of the kind.'),
  },
  { doc: 'A custom kind.' },
)

export const CustomResourceDefinitionCondition = message(
  'apiextensions.v1.CustomResourceDefinitionCondition',
  {
    lastTransitionTime: opt(3, time, 'When the status last changed.'),
    message: opt(5, string, 'What a person should know about it.'),
    observedGeneration: opt(6, int64, 'Generation of the spec that the condition was judged by.'),
    reason: opt(4, string, 'One word for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'NamesAccepted, Established or Terminating.'),
  },
  { doc: "One aspect of a definition's state." },
)
export type CustomResourceDefinitionCondition = Static<typeof CustomResourceDefinitionCondition>

export const CustomResourceDefinitionStatus = message(
  'apiextensions.v1.CustomResourceDefinitionStatus',
  {
    acceptedNames: opt(2, CustomResourceDefinitionNames, 'The names that are served.'),
    conditions: opt(1, list(CustomResourceDefinitionCondition, { list: 'map', keys: ['type'] }), 'Present conditions of the definition.'),
    observedGeneration: opt(4, int64, 'Generation of the spec that the status speaks of.'),
    storedVersions: opt(3, list(string, { list: 'atomic' }), 'Versions that objects were ever stored at.'),
  },
  { doc: 'State of a definition.' },
)

export const CustomResourceDefinition = message(
  'apiextensions.v1.CustomResourceDefinition',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: req(2, CustomResourceDefinitionSpec, 'The kind.'),
    status: opt(3, CustomResourceDefinitionStatus, 'State of the definition.'),
  },
  { kind: true, doc: 'Adds a kind to the API.' },
)
export type CustomResourceDefinition = ObjectOf<Static<typeof CustomResourceDefinition>>
