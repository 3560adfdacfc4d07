import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { linkInto, removeLinked } from './memory-directory.ts'

test('a directory that may not be a mount lies elsewhere behind a link, and goes with its pod alone', async () => {
  const root = await mkdtemp(join(tmpdir(), 'everynode-memory-'))
  try {
    const shared = join(root, 'shared')
    const [mine, other] = ['one', 'two'].map(name => join(root, name, 'volumes/secret')) as [string, string]
    await mkdir(mine, { recursive: true })
    for (const path of [mine, other]) await linkInto(path, shared)
    await writeFile(join(mine, 'token'), 'secret')
    await linkInto(mine, shared)
    assert.equal(await readFile(join(mine, 'token'), 'utf8'), 'secret')
    assert.equal((await readdir(shared)).length, 2)
    await removeLinked(join(root, 'one'), shared)
    assert.equal(existsSync(mine), false)
    assert.equal(existsSync(other), true)
    await removeLinked(join(root, 'two'), shared)
    assert.equal(existsSync(shared), false)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
