import type { OwnerReference } from '../types/meta.ts'

interface Owned {
  readonly metadata: { readonly ownerReferences?: readonly OwnerReference[] | undefined }
}

/** The owner that manages an object, if there is one. */
export function controllerOf(object: Owned): OwnerReference | undefined {
  const owners = object.metadata.ownerReferences
  if (owners) for (const owner of owners) if (owner.controller === true) return owner
  return undefined
}

export const isControlledBy = (object: Owned, owner: { readonly metadata: { readonly uid: string } }): boolean =>
  controllerOf(object)?.uid === owner.metadata.uid

/** The reference that makes `owner` the controller of an object. */
export const controllerReference = (owner: {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly uid: string }
}): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
})

/** `apps` of `apps/v1`; empty for `v1`. */
export const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '')

/** An owner as kubectl prints it: `daemonset.apps/foo`. */
export function formatOwner(owner: { readonly apiVersion: string; readonly kind: string; readonly name: string }): string {
  const group = groupOf(owner.apiVersion)
  return formatResourceName(group ? `${owner.kind}.${group}` : owner.kind, owner.name)
}

/** `kind/name` with the kind (and its group) in lower case; the name alone without a kind. */
export const formatResourceName = (kind: string, name: string): string => (kind ? `${kind.toLowerCase()}/${name}` : name)
