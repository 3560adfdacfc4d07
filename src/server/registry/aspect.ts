import { CertificateSigningRequests } from '../../api/kinds/certificates/certificate-signing-request.ts'
import { resizedSpec, validatePodResize } from '../../api/kinds/core/pod-spec/pod-resize.ts'
import { validateEphemeralContainersUpdate } from '../../api/kinds/core/pod-validation.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import { type FieldError, invalid } from '../../api/meta/field-error.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { finalizerName } from '../../api/meta/object-meta.ts'
import type { Message } from '../../api/schema/build.ts'
import type { CertificateSigningRequest } from '../../api/types/certificates.ts'
import type { Namespace } from '../../api/types/core/namespace.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { type Reading, readObject } from './body.ts'
import type { Working } from './metadata.ts'
import type { Body, Served } from './request.ts'
import { scaleAspect } from './scale.ts'
import { asServed } from './served.ts'
import { type Part, withStatus } from './update.ts'

/** One way to see and write an object: as itself or through a subresource. */
export interface Aspect {
  readonly part: Part
  /** What is read, and what a patch is applied to, at the version asked for. */
  readonly show: (object: KubeObject, served: Served) => KubeObject
  /** The next state of the stored object that a body asks for: a draft that shares what it does not touch. */
  readonly take: (body: Body, old: KubeObject, reading: Reading) => Working
  /** What is wrong with the next state; the kind's rules for an update when absent. */
  readonly validate?: (object: KubeObject, old: KubeObject) => readonly FieldError[]
  /** The message of the body. */
  readonly schema: (served: Served) => Message
}

const schemaOf = ({ kind, version }: Served): Message => version?.schema ?? kind.schema
const itself = (object: KubeObject, served: Served): KubeObject => asServed(served, object)

const MAIN: Aspect = { part: 'main', show: itself, take: (body, _old, reading) => readObject(body, reading), schema: schemaOf }

const STATUS: Aspect = {
  part: 'status',
  show: itself,
  take: (body, old, reading) => withStatus(reading.served.kind, readObject(statusOf(body, reading), reading), old),
  schema: schemaOf,
}

/** Of a whole object that is sent for its status only that needs reading; unless somebody wants to hear of every unknown field, or it is to be converted. */
function statusOf(body: Body, { served, fieldValidation }: Reading): Body {
  const { value } = body
  if (served.version !== undefined || fieldValidation === 'Strict' || typeof value !== 'object' || value === null || Array.isArray(value)) return body
  const { apiVersion, kind, metadata, status } = value as Readonly<Record<string, unknown>>
  return { ...body, value: { apiVersion, kind, metadata, status } }
}

/** An aspect that takes only one member of the spec from the body. */
const specMember = (part: string, member: string, validate: NonNullable<Aspect['validate']>): Aspect => ({
  part,
  validate,
  show: itself,
  schema: schemaOf,
  take: (body, old, reading) => {
    const draft = readObject(body, reading) as Working & { spec?: Record<string, unknown> }
    const before = old as KubeObject & { readonly spec?: Readonly<Record<string, unknown>> }
    const spec: Record<string, unknown> = { ...before.spec }
    if (draft.spec?.[member] === undefined) delete spec[member]
    else spec[member] = draft.spec[member]
    const metadata = { ...old.metadata, resourceVersion: draft.metadata.resourceVersion }
    return { ...old, metadata, spec } as unknown as Working
  },
})

const onlyAdded = (object: KubeObject, old: KubeObject): readonly FieldError[] => validateEphemeralContainersUpdate(object as Pod, old as Pod)

/** The resources of containers are taken and nothing else. */
const RESIZE: Aspect = {
  part: 'resize',
  show: itself,
  schema: schemaOf,
  validate: (object, old) => validatePodResize(object as Pod, old as Pod),
  take: (body, old, reading) => {
    const draft = readObject(body, reading)
    const metadata = { ...old.metadata, resourceVersion: draft.metadata.resourceVersion }
    return { ...old, metadata, spec: resizedSpec((old as Pod).spec, (draft as unknown as Pod).spec) } as unknown as Working
  },
}

const qualifiedFinalizers = (object: KubeObject): readonly FieldError[] =>
  ((object as Namespace).spec.finalizers ?? []).flatMap((name, i) => finalizerName(name).map(why => invalid(`spec.finalizers[${i}]`, name, why)))

/** Who may sign decides here: of the status only the conditions that say so are taken. */
const APPROVAL: Aspect = {
  part: 'approval',
  show: itself,
  schema: schemaOf,
  validate: (object, old) =>
    CertificateSigningRequests.validateStatusUpdate?.(object as CertificateSigningRequest, old as CertificateSigningRequest, { now: 0, old }) ?? [],
  take: (body, old, reading) => {
    const draft = readObject(body, reading) as CertificateSigningRequest
    const { conditions: before = [], ...status } = (old as CertificateSigningRequest).status
    const decided = (draft.status.conditions ?? []).filter(isDecision)
    const others = before.filter(condition => !isDecision(condition))
    const conditions = [...others, ...decided]
    const metadata = { ...old.metadata, resourceVersion: draft.metadata.resourceVersion }
    return { ...old, metadata, status: { ...status, ...(conditions.length > 0 && { conditions }) } } as unknown as Working
  },
}
const isDecision = ({ type }: { readonly type: string }): boolean => type === 'Approved' || type === 'Denied'

const OTHERS: Readonly<Record<string, Aspect>> = {
  'certificatesigningrequests/approval': APPROVAL,
  'pods/ephemeralcontainers': specMember('ephemeralcontainers', 'ephemeralContainers', onlyAdded),
  'pods/resize': RESIZE,
  'namespaces/finalize': specMember('finalize', 'finalizers', qualifiedFinalizers),
}

/** The aspect that a subresource of a kind is; undefined for those that are none. */
export function aspectOf(kind: Kind, subresource: string | undefined): Aspect | undefined {
  if (subresource === undefined) return MAIN
  if (subresource === 'status') return kind.subresources?.status ? STATUS : undefined
  if (subresource === 'scale') return kind.subresources?.scale && scaleAspect(kind.subresources.scale)
  const key = `${kind.resource}/${subresource}`
  return kind.subresources?.other?.[subresource] && Object.hasOwn(OTHERS, key) ? OTHERS[key] : undefined
}
