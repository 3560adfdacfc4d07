import type { Draft, KubeObject } from '../meta/object.ts'

type WithStatus = KubeObject & { readonly status: object }

/** Nothing has been observed of a new object: what the client says about it is dropped. */
export const withoutStatus = <T extends WithStatus>(draft: Draft<T>): void => {
  ;(draft as { status: object }).status = {}
}

/** The status is written through its subresource alone. */
export const keepStatus = <T extends WithStatus>(draft: Draft<T>, old: T): void => {
  ;(draft as { status: object }).status = old.status
}
