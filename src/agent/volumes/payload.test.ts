import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodSpec } from '../../api/types/core/pod.ts'
import { type PayloadSources, payloadOf } from './payload.ts'

describe('the token of a pod', () => {
  const user = (runAsUser: number | undefined) => (runAsUser === undefined ? {} : { securityContext: { runAsUser } })
  /** How the file is kept where containers and init containers run as these users, in a pod that says this of itself. */
  const keptBy = (users: readonly (number | undefined)[], pod: object = {}, inits: readonly (number | undefined)[] = []) => {
    const spec = { containers: users.map(user), initContainers: inits.map(user), securityContext: pod } as unknown as PodSpec
    const volume = { name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }
    const sources = { pod: { spec }, token: () => 'secret' } as unknown as PayloadSources
    const file = payloadOf(volume, sources).get('token')
    return `${file?.mode.toString(8)} ${file?.owner ?? 'root'}`
  }
  const rows: readonly (readonly [says: string, kept: string, wanted: string])[] = [
    ['is for everybody to read where nobody says who they are', keptBy([undefined]), '644 root'],
    ['is the user’s as whom all containers run', keptBy([101, 101], {}, [101]), '600 101'],
    ['is the user’s that the pod names', keptBy([undefined, 101], { runAsUser: 101 }), '600 101'],
    ['is for everybody to read where they are several', keptBy([101, 102]), '644 root'],
    ['is so where one does not say', keptBy([101], {}, [undefined]), '644 root'],
    ['is for a group to read that they have in common', keptBy([101, 102], { fsGroup: 5 }), '600 root'],
  ]
  for (const [says, kept, wanted] of rows) it(says, () => assert.equal(kept, wanted))
})
