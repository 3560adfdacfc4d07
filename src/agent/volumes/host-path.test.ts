import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { prepareHostPath } from './host-path.ts'

describe('a path of the host', () => {
  let root: string
  const server = createServer()
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'everynode-path-'))
    await mkdir(join(root, 'directory'))
    await writeFile(join(root, 'file'), '')
    await new Promise<void>(done => void server.listen(join(root, 'socket'), done))
  })
  after(async () => {
    server.close()
    await rm(root, { recursive: true })
  })

  const rows: readonly (readonly [type: string, path: string, refused?: string])[] = [
    ['', 'nowhere'],
    ['Directory', 'directory'],
    ['Directory', 'nowhere', 'hostPath type check failed: PATH is not a directory'],
    ['DirectoryOrCreate', 'made/deep'],
    ['DirectoryOrCreate', 'file', 'hostPath type check failed: PATH is not a directory'],
    ['File', 'file'],
    ['File', 'directory', 'hostPath type check failed: PATH is not a file'],
    ['FileOrCreate', 'new'],
    ['FileOrCreate', 'nowhere/new', 'open PATH: no such file or directory'],
    ['Socket', 'socket'],
    ['Socket', 'file', 'hostPath type check failed: PATH is not a socket file'],
    ['CharDevice', '/dev/null'],
    ['CharDevice', 'file', 'hostPath type check failed: PATH is not a character device'],
    ['BlockDevice', '/dev/null', 'hostPath type check failed: PATH is not a block device'],
  ]
  for (const [type, given, refused] of rows) {
    it(`${given} ${refused ? 'is refused as' : 'will do as'} ${type || 'whatever is there'}`, async () => {
      const path = given.startsWith('/') ? given : join(root, given)
      const prepared = prepareHostPath(path, type)
      if (refused) await assert.rejects(prepared, { reason: 'FailedMount', message: refused.replace('PATH', path) })
      else await prepared
    })
  }
  it('is made as the kubelet makes it', async () => {
    const modes = await Promise.all(['made/deep', 'new'].map(async path => ((await stat(join(root, path))).mode & 0o777).toString(8)))
    assert.deepEqual(modes, ['755', '644'])
  })
})
