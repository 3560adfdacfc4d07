import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { unmountUnder } from '../host/mounts.ts'
import { pinSubPath } from './sub-path.ts'

test('a path inside a volume that is missing is made with the permissions of the volume; one that leaves it is refused', async () => {
  const root = await mkdtemp(join(tmpdir(), 'everynode-sub-path-'))
  const volume = join(root, 'volume')
  try {
    await mkdir(volume)
    await chmod(volume, 0o2777)
    await symlink('/etc', join(volume, 'out'))
    await pinSubPath(volume, 'a/b', join(root, 'pin'))
    for (const path of ['a', 'a/b']) assert.equal((await stat(join(volume, path))).mode & 0o7777, 0o2777)
    for (const path of ['../x', 'out', 'out/new']) {
      await assert.rejects(pinSubPath(volume, path, join(root, 'other')), { reason: 'CreateContainerConfigError', message: /leads out of its volume/ })
    }
  } finally {
    await unmountUnder(root)
    await rm(root, { recursive: true, force: true })
  }
})
