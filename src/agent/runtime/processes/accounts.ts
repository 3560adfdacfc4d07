/** Whom a process runs as. */
export interface Account {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

export interface Asked {
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  readonly groups: readonly number[]
  /** `supplementalGroupsPolicy: Strict`: no groups but those that the pod names. */
  readonly strict: boolean
}

/** The account that a pod asks for, on a host with these users (`/etc/passwd`) and groups (`/etc/group`). `own` is the agent's. */
export function accountOf(asked: Asked, own: number, passwd: string, group: string): Account {
  const uid = asked.uid ?? own
  const user = passwd
    .split('\n')
    .map(line => line.split(':'))
    .find(([, , id]) => id === String(uid))
  const gid = asked.gid ?? Number(user?.[3] ?? 0)
  const named = asked.strict || !user?.[0] ? [] : groupsWith(user[0], group)
  return { uid, gid, groups: [...new Set([...named, ...asked.groups])].filter(id => id !== gid) }
}

const groupsWith = (user: string, group: string): number[] =>
  group
    .split('\n')
    .map(line => line.split(':'))
    .filter(([, , , members]) => members?.split(',').includes(user))
    .map(([, , id]) => Number(id))
