import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
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

test('a path that is pinned again shows what is there now, and takes nothing out of the volume', async () => {
  const root = await mkdtemp(join(tmpdir(), 'everynode-sub-path-'))
  const volume = join(root, 'volume')
  const pin = () => pinSubPath(volume, 'settings', join(root, 'pin'))
  /** As an update of a config map does it. */
  const replace = async (text: string) => {
    await writeFile(join(volume, 'new'), text)
    await rename(join(volume, 'new'), join(volume, 'settings'))
  }
  try {
    await mkdir(volume)
    await replace('one')
    const first = await pin()
    assert.equal(await readFile(first, 'utf8'), 'one')
    await replace('two')
    assert.equal(await readFile(await pin(), 'utf8'), 'two')
    await rm(join(volume, 'settings'))
    await mkdir(join(volume, 'settings'))
    await writeFile(join(volume, 'settings', 'file'), '')
    assert.deepEqual(await readdir(await pin()), ['file'])
    await rename(join(volume, 'settings'), join(volume, 'old'))
    await replace('three')
    assert.equal(await readFile(await pin(), 'utf8'), 'three')
    assert.deepEqual(await readdir(join(volume, 'old')), ['file'])
  } finally {
    await unmountUnder(root)
    await rm(root, { recursive: true, force: true })
  }
})
