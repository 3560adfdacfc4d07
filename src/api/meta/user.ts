/** Who makes a request. */
export interface User {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
  /** Who it really is, where somebody acts as somebody else. */
  readonly impersonatedBy?: User
}
