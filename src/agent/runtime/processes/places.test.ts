import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makePlaces, removePlaces } from './places.ts'

test('places that were made are taken away again when nobody needs them, and nothing else', async () => {
  const root = await mkdtemp(join(tmpdir(), 'everynode-places-'))
  try {
    const file = join(root, 'source')
    await writeFile(file, 'x')
    await mkdir(join(root, 'old'))
    const mounts = [
      { container_path: join(root, 'old/new/deep'), host_path: root },
      { container_path: join(root, 'old/conf'), host_path: file },
      { container_path: '/dev/termination-log', host_path: file },
    ]
    const made = await makePlaces(mounts, true)
    assert.deepEqual(
      made,
      ['old/new', 'old/new/deep', 'old/conf'].map(path => join(root, path)),
    )
    assert.deepEqual(await makePlaces(mounts, true), [])
    await removePlaces(made, new Set([join(root, 'old/new')]))
    assert.deepEqual(
      ['old', 'old/new', 'old/new/deep', 'old/conf'].map(path => existsSync(join(root, path))),
      [true, true, false, false],
    )
    await writeFile(join(root, 'old/new/kept'), 'written by somebody')
    await removePlaces(made, new Set())
    assert.equal(existsSync(join(root, 'old/new/kept')), true)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
