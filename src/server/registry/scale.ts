import type { ScaleMapping } from '../../api/kinds/kind.ts'
import { forbiddenField, invalid, invalidObject } from '../../api/meta/field-error.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { badRequest } from '../../api/meta/status.ts'
import { Scale } from '../../api/types/autoscaling.ts'
import { deepFreeze } from '../../base/freeze.ts'
import type { Aspect } from './aspect.ts'
import { readMessage } from './body.ts'
import type { Working } from './metadata.ts'

/** The autoscaling/v1 Scale of an object. */
export function scaleOf(mapping: ScaleMapping<KubeObject>, object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  return deepFreeze({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, ...(namespace && { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { replicas: mapping.replicas(object) },
    status: { replicas: mapping.statusReplicas(object), selector: mapping.selector(object) },
  } as KubeObject)
}

const aspects = new WeakMap<ScaleMapping<KubeObject>, Aspect>()

/** Reads and writes an object as a Scale: only `spec.replicas` is taken. */
export function scaleAspect(mapping: ScaleMapping<KubeObject>): Aspect {
  let aspect = aspects.get(mapping)
  if (aspect === undefined) {
    aspect = {
      part: 'scale',
      show: object => scaleOf(mapping, object),
      schema: () => Scale,
      take: (body, old, { fieldValidation, warn, name, namespace }) => {
        const scale = readMessage(Scale, body, { kind: 'Scale', version: 'autoscaling/v1' }, fieldValidation, warn) as unknown as Draft
        if (scale.kind && scale.kind !== 'Scale') throw badRequest(`${scale.kind} cannot be handled as a Scale`)
        const { metadata } = scale
        if (metadata.name && metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
        if (metadata.namespace && metadata.namespace !== namespace) {
          throw badRequest(`the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${namespace})`)
        }
        const replicas = scale.spec?.replicas ?? 0
        if (replicas < 0) {
          throw invalidObject({ group: 'autoscaling', kind: 'Scale' }, name ?? '', [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')])
        }
        if (metadata.uid && metadata.uid !== old.metadata.uid) {
          throw invalidObject({ group: 'autoscaling', kind: 'Scale' }, name ?? '', [forbiddenField('metadata.uid', 'it is not that of the object')])
        }
        const draft = { ...old, metadata: { ...old.metadata, resourceVersion: metadata.resourceVersion } } as unknown as Working & { spec: object }
        draft.spec = { ...draft.spec }
        mapping.setReplicas(draft, replicas)
        return draft
      },
    }
    aspects.set(mapping, aspect)
  }
  return aspect
}

interface Draft {
  readonly kind?: string
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly uid?: string; readonly resourceVersion?: string }
  readonly spec?: { readonly replicas?: number }
}
