import { boolean, explicit, message, opt, quantity, req, type Static, string, withDefault } from '../../schema/build.ts'

export const ConfigMapKeySelector = message(
  'core.v1.ConfigMapKeySelector',
  {
    key: req(2, string, 'The key.'),
    name: opt([1, 1], string, 'Name of the ConfigMap.'),
    optional: opt(3, explicit(boolean), 'Whether it may be missing.'),
  },
  { map: 'atomic', doc: 'A key of a ConfigMap in the same namespace.' },
)
export type ConfigMapKeySelector = Static<typeof ConfigMapKeySelector>

export const ObjectFieldSelector = message(
  'core.v1.ObjectFieldSelector',
  {
    apiVersion: opt(1, withDefault(string, 'v1'), 'Version in which the path is meant.'),
    fieldPath: req(2, string, 'Path of the field, such as metadata.name or status.podIP.'),
  },
  { map: 'atomic', doc: 'A field of the pod.' },
)
export type ObjectFieldSelector = Static<typeof ObjectFieldSelector>

export const FileKeySelector = message(
  'core.v1.FileKeySelector',
  {
    key: req(3, string, 'Name of the variable in the file.'),
    optional: opt(4, explicit(boolean), 'Whether file or variable may be missing.'),
    path: req(2, string, 'Path of the file in the volume.'),
    volumeName: req(1, string, "Name of the pod's volume."),
  },
  { map: 'atomic', doc: 'A variable in a file on a volume.' },
)
export type FileKeySelector = Static<typeof FileKeySelector>

export const ResourceFieldSelector = message(
  'core.v1.ResourceFieldSelector',
  {
    containerName: opt(1, string, 'The container; needed in volumes.'),
    divisor: opt(3, withDefault(quantity, '0'), 'The unit the value is given in, rounded up.'),
    resource: req(2, string, 'The resource, such as limits.cpu or requests.memory.'),
  },
  { map: 'atomic', doc: 'A request or limit of a container.' },
)
export type ResourceFieldSelector = Static<typeof ResourceFieldSelector>

export const SecretKeySelector = message(
  'core.v1.SecretKeySelector',
  {
    key: req(2, string, 'The key.'),
    name: opt([1, 1], string, 'Name of the Secret.'),
    optional: opt(3, explicit(boolean), 'Whether it may be missing.'),
  },
  { map: 'atomic', doc: 'A key of a Secret in the same namespace.' },
)
export type SecretKeySelector = Static<typeof SecretKeySelector>

export const EnvVarSource = message(
  'core.v1.EnvVarSource',
  {
    configMapKeyRef: opt(3, ConfigMapKeySelector, 'A key of a ConfigMap.'),
    fieldRef: opt(1, ObjectFieldSelector, 'A field of the pod itself.'),
    fileKeyRef: opt(5, FileKeySelector, 'A key in a file of variables on a volume.'),
    resourceFieldRef: opt(2, ResourceFieldSelector, 'A request or limit of a container.'),
    secretKeyRef: opt(4, SecretKeySelector, 'A key of a Secret.'),
  },
  { doc: 'Where the value of a variable comes from; exactly one of these.' },
)
export type EnvVarSource = Static<typeof EnvVarSource>

export const EnvVar = message(
  'core.v1.EnvVar',
  {
    name: req(1, string, 'Name of the variable.'),
    value: opt(2, string, 'Its value; $(NAME) stands for a variable defined before, $$ for a dollar.'),
    valueFrom: opt(3, EnvVarSource, 'Where the value is taken from, when none is given.'),
  },
  { doc: 'One environment variable.' },
)
export type EnvVar = Static<typeof EnvVar>

export const ConfigMapEnvSource = message(
  'core.v1.ConfigMapEnvSource',
  {
    name: opt([1, 1], string, 'Name of the ConfigMap.'),
    optional: opt(2, explicit(boolean), 'Whether it may be missing.'),
  },
  { doc: 'A ConfigMap in the same namespace.' },
)
export type ConfigMapEnvSource = Static<typeof ConfigMapEnvSource>

export const SecretEnvSource = message(
  'core.v1.SecretEnvSource',
  {
    name: opt([1, 1], string, 'Name of the Secret.'),
    optional: opt(2, explicit(boolean), 'Whether it may be missing.'),
  },
  { doc: 'A Secret in the same namespace.' },
)
export type SecretEnvSource = Static<typeof SecretEnvSource>

export const EnvFromSource = message(
  'core.v1.EnvFromSource',
  {
    configMapRef: opt(2, ConfigMapEnvSource, 'The ConfigMap to take them from.'),
    prefix: opt(1, string, 'Put before each name.'),
    secretRef: opt(3, SecretEnvSource, 'The Secret to take them from.'),
  },
  { doc: 'A map whose entries become environment variables.' },
)
export type EnvFromSource = Static<typeof EnvFromSource>
