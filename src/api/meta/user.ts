/** Who makes a request. */
export interface User {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
  /** Who it really is, where somebody acts as somebody else. */
  readonly impersonatedBy?: User
}

const NODE = 'system:node:'

/** The node that a user is the agent of. */
export const nodeOfUser = ({ name, groups }: User): string | undefined =>
  name.startsWith(NODE) && name.length > NODE.length && groups.includes('system:nodes') ? name.slice(NODE.length) : undefined
