import { controllerOf } from '../api/meta/owner.ts'
import type { Pod } from '../api/types/core/pod.ts'
import type { OwnerReference } from '../api/types/meta.ts'

/** Name of the index of pods by the node they are bound to. */
export const ON_NODE = 'spec.nodeName'
export const podsByNode = { [ON_NODE]: ({ spec }: Pod): string | undefined => spec.nodeName || undefined }

/** Name of the index by uid of the controlling owner; `''` holds what nobody controls. */
export const CONTROLLED_BY = 'controller uid'
export const byController = {
  [CONTROLLED_BY]: (object: { readonly metadata: { readonly ownerReferences?: readonly OwnerReference[] | undefined } }): string =>
    controllerOf(object)?.uid ?? '',
}

/** Name of the index by namespace. */
export const IN_NAMESPACE = 'namespace'
export const byNamespace = {
  [IN_NAMESPACE]: (object: { readonly metadata: { readonly namespace?: string | undefined } }): string => object.metadata.namespace ?? '',
}
