import assert from 'node:assert/strict'
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Pod } from '../../api/types/core/pod.ts'
import { diskUseOf } from './disk-use.ts'
import { limitsStorage, planStorageEviction } from './local-storage.ts'

const MIB = 1024 * 1024

/** `a=2Mi` is a container and its limit, `v:1Mi` an emptyDir and its size, `m:1Mi@Memory` one in memory. */
function podOf(words: string): Pod {
  const all = words.split(' ').filter(Boolean)
  const containers = all.filter(word => word.includes('=')).map(word => word.split('='))
  const volumes = all.filter(word => word.includes(':')).map(word => word.split(/[:@]/))
  return {
    metadata: { name: 'p', uid: 'u' },
    spec: {
      containers: containers.map(([name, limit]) => ({ name, ...(limit && { resources: { limits: { 'ephemeral-storage': limit } } }) })),
      volumes: volumes.map(([name, sizeLimit, medium]) => ({ name, emptyDir: { ...(sizeLimit && { sizeLimit }), ...(medium && { medium }) } })),
    },
    status: {},
  } as unknown as Pod
}

describe('the disk that a pod uses', () => {
  const cases: readonly (readonly [
    says: string,
    pod: string,
    dirs: Record<string, number>,
    containers: Record<string, number>,
    message: string | undefined,
  ])[] = [
    ['within every limit: it stays', 'a=2Mi v:1Mi', { v: 1 }, { a: 1 }, undefined],
    ['an emptyDir over its size', 'a= v:1Mi', { v: 2 }, {}, 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". '],
    ['one in memory is the kernel’s affair', 'a= m:1Mi@Memory', { m: 9 }, {}, undefined],
    ['one without a size may grow', 'a= v:', { v: 900 }, { a: 900 }, undefined],
    ['logs, layers and emptyDirs over the sum of the limits', 'a=2Mi b=1Mi v:', { v: 2 }, { a: 1, b: 1 }, total('3Mi')],
    ['a container over its own limit', 'a=2Mi b=1Mi', {}, { a: 0, b: 2 }, 'Container b exceeded its local ephemeral storage limit "1Mi". '],
    ['the emptyDir is told first', 'a=1Mi v:1Mi', { v: 3 }, { a: 3 }, 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". '],
  ]
  for (const [says, pod, dirs, containers, message] of cases) {
    it(says, () => {
      const eviction = planStorageEviction(podOf(pod), { emptyDirs: uses(dirs), logs: uses({}), layers: uses(containers) })
      assert.deepEqual(eviction, message === undefined ? undefined : { uid: 'u', reason: 'Evicted', message, graceSeconds: 1 })
    })
  }

  it('of a container is its log alone where images have a disk of their own; of the pod it is all', () => {
    const judge = (layer: number) =>
      planStorageEviction(podOf('a=1Mi b=9Mi'), { emptyDirs: uses({}), logs: uses({}), layers: uses({ a: layer }) }, true)?.message
    assert.deepEqual([judge(2), judge(11)], [undefined, total('10Mi')])
  })

  it('is measured only where there is a limit', () =>
    assert.deepEqual(
      ['a= v:', 'a= m:1Mi@Memory', 'a= v:1Mi', 'a=1Mi'].map(words => limitsStorage(podOf(words))),
      [false, false, true, true],
    ))

  it('counts what lies below a path, each file once, and follows no link out of it', async () => {
    const root = await mkdtemp(join(tmpdir(), 'everynode-disk-'))
    try {
      await mkdir(join(root, 'in', 'deep'), { recursive: true })
      await writeFile(join(root, 'outside'), Buffer.alloc(4 * MIB))
      const before = await diskUseOf(join(root, 'in'))
      await writeFile(join(root, 'in', 'deep', 'file'), Buffer.alloc(MIB))
      await link(join(root, 'in', 'deep', 'file'), join(root, 'in', 'again'))
      await symlink(join(root, 'outside'), join(root, 'in', 'elsewhere'))
      const { bytes, inodes } = await diskUseOf(join(root, 'in'))
      const more = bytes - before.bytes
      assert.ok(more >= MIB && more < 1.5 * MIB, `${more}`)
      assert.deepEqual([before.inodes, inodes], [2, 4])
      assert.deepEqual(await diskUseOf(join(root, 'nothing')), { bytes: 0, inodes: 0 })
    } finally {
      await rm(root, { recursive: true })
    }
  })
})

/** Mebibytes by name. */
function uses(mebibytes: Record<string, number>) {
  return new Map(Object.entries(mebibytes).map(([name, mib]) => [name, { bytes: mib * MIB, inodes: 1 }]))
}

function total(limit: string): string {
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${limit}. `
}
