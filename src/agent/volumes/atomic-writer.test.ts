import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { writePayload } from './atomic-writer.ts'

const payload = (files: Readonly<Record<string, string>>, mode = 0o644) =>
  new Map(Object.entries(files).map(([path, text]) => [path, { content: Buffer.from(text), mode }]))
let directory: string

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'payload-'))
})
after(() => rm(directory, { recursive: true, force: true }))
const visible = async () => (await readdir(directory)).filter(name => !name.startsWith('..')).sort()

describe('files of a volume', () => {
  it('are links through one directory', async () => {
    assert.equal(await writePayload(directory, payload({ a: '1', 'b/c': '2' }, 0o600)), true)
    assert.deepEqual(await visible(), ['a', 'b'])
    assert.equal(await readlink(join(directory, 'a')), '..data/a')
    assert.equal(await readFile(join(directory, 'b/c'), 'utf8'), '2')
    assert.equal((await stat(join(directory, 'a'))).mode & 0o777, 0o600)
  })
  it('are left alone when nothing changed', async () => assert.equal(await writePayload(directory, payload({ a: '1', 'b/c': '2' }, 0o600)), false))
  it('change all at once, and what is no longer there goes', async () => {
    const before = await readlink(join(directory, '..data'))
    assert.equal(await writePayload(directory, payload({ a: '9', d: '4' })), true)
    assert.notEqual(await readlink(join(directory, '..data')), before)
    assert.deepEqual(await visible(), ['a', 'd'])
    assert.equal(await readFile(join(directory, 'a'), 'utf8'), '9')
    assert.equal((await readdir(directory)).filter(name => name.startsWith('..')).length, 2)
  })
})
