import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import type { Container } from '../api/types/core/container.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { seccompRootFor } from './seccomp-root.ts'

const asking = (localhostProfile: string) => ({ seccompProfile: { type: 'Localhost', localhostProfile } })

it('a local profile is found where the agent keeps its own, else where daemons bring theirs', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'everynode-seccomp-'))
  const roots = [join(directory, 'own'), join(directory, 'kubelet')] as const
  try {
    for (const root of roots) await mkdir(root)
    for (const [root, name] of [
      [roots[0], 'mine'],
      [roots[0], 'both'],
      [roots[1], 'both'],
      [roots[1], 'brought'],
    ] as const)
      await writeFile(join(root, name), '{}')
    const rootOf = async (ofContainer: object, ofPod: object = {}) => {
      const root = await seccompRootFor({ spec: { securityContext: ofPod } } as Pod, { securityContext: ofContainer } as Container, roots)
      return root.slice(directory.length + 1)
    }
    assert.deepEqual(await Promise.all(['mine', 'both', 'brought', 'nowhere'].map(name => rootOf(asking(name)))), ['own', 'own', 'kubelet', 'own'])
    assert.deepEqual([await rootOf({}, asking('brought')), await rootOf(asking('mine'), asking('brought')), await rootOf({})], ['kubelet', 'own', 'own'])
  } finally {
    await rm(directory, { recursive: true })
  }
})
