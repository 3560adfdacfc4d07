import { deepFreeze } from '../../base/freeze.ts'

/** A long array that is the last member of a body. Its elements are made one at a time as they are sent, so that it never lies in memory whole. */
export interface LongMember {
  readonly member: string
  readonly elements: readonly (() => unknown)[]
}

/** The body with its long member, for whoever takes it at once. */
export const wholeBody = <T>({ body, long }: { readonly body: T; readonly long?: LongMember | undefined }): T =>
  long ? deepFreeze({ ...body, [long.member]: long.elements.map(make => make()) }) : body
