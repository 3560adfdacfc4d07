import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSqlite } from '../../src/store/sqlite.ts'

/** `EVERYNODE_KILL_ROUNDS=300` for the long run. */
const ROUNDS = Number(process.env['EVERYNODE_KILL_ROUNDS'] ?? 10)
const WRITER = new URL('../support/store-writer.ts', import.meta.url).pathname

interface Said {
  readonly what: string
  readonly revision: number
  readonly key: string
  readonly value: string
}

/** Runs a writer, kills it `ms` after it has opened the store, and returns the whole lines that it said. */
async function runAndKill(file: string, round: number, ms: number): Promise<Said[]> {
  const child = spawn(process.execPath, [WRITER, file, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), ms))
  await new Promise(resolve => child.once('close', resolve))
  const lines = text.split('\n').slice(0, -1)
  assert.match(lines[0] ?? '', /^opened /, 'the writer came to open the store')
  return lines.map(line => {
    const [what, revision, key = '', value = ''] = line.split(' ')
    return { what: what!, revision: Number(revision), key, value }
  })
}

test(`a store killed ${ROUNDS} times under writes keeps what it acknowledged, shows nothing that is not, and repeats no revision`, {
  timeout: 60_000 + ROUNDS * 5000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'everynode-kill-'))
  const file = join(directory, 'everynode.db')
  /** What was written under each revision, over all rounds. */
  const written = new Map<number, string>()
  let acknowledged = 0
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      const newest = Math.max(0, ...written.keys())
      const said = await runAndKill(file, round, Math.random() * 400)
      assert.ok(said[0]!.revision >= newest, `round ${round}: opens at ${said[0]!.revision}, not before ${newest}`)
      const news = said.filter(({ what }) => what === 'acknowledged' || what === 'seen')
      for (const { what, revision, key, value } of news) {
        const write = `${key} ${value}`
        assert.equal(written.get(revision) ?? write, write, `round ${round}: revision ${revision} means one write`)
        assert.ok(revision > newest, `round ${round}: revision ${revision} is new`)
        written.set(revision, write)
        if (what === 'acknowledged') acknowledged++
      }
      const store = await openSqlite({ file })
      try {
        const latest = await store.latest()
        const now = new Map((await store.list('/')).entries.map(entry => [entry.key, entry]))
        for (const { what, revision, key, value } of news) {
          const where = `round ${round}: ${what} ${revision} ${key} ${value}`
          assert.ok(revision <= latest, `${where}, but the store is at ${latest}`)
          // A lazy write may be lost; that nothing else gets its revision is what was asserted above.
          if (key.startsWith('/lease/')) continue
          const entry = now.get(key)
          if (value === '-') assert.ok(!entry || entry.created > revision, `${where}, but it is there`)
          else if (!entry) assert.ok(deletedAfter(said, key, value), `${where}, but it is gone`)
          else if (entry.modified === revision) assert.equal(Buffer.from(entry.value).toString(), value, where)
          else assert.ok(entry.modified > revision, `${where}, but it is as it was at ${entry.modified}`)
        }
      } finally {
        await store.close()
      }
    }
    assert.ok(acknowledged > ROUNDS, `${acknowledged} writes were acknowledged`)
  } finally {
    await rm(directory, { recursive: true })
  }
})

/** Whether a deletion was asked for after a value was: it may be durable without a word having got out. */
const deletedAfter = (said: readonly Said[], key: string, value: string): boolean =>
  said.some(each => each.what === 'deleting' && each.key === key && orderOf(each.value) > orderOf(value))
const orderOf = (value: string): number => Number(value.split('.')[1])
