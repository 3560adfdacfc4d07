import { rmSync, writeFileSync } from 'node:fs'
import { openSqlite } from '../../src/store/sqlite.ts'

// Writes before, while and after the syncs of its disk fail, says what came of each as a line of JSON, and dies.

const [file, marker, how] = process.argv.slice(2)
const store = await openSqlite({ file: file! })
const tell = (what: string, result: unknown) => console.log(JSON.stringify({ what, result }))
const write = async (key: string, value: string) => {
  const result = await store.write({ key, value: Buffer.from(value) }).then(
    written => ('revision' in written ? 'written' : 'conflict'),
    (error: Error) => error.name,
  )
  tell(`${key} ${value}`, result)
}
const read = async () => (await store.list('/')).entries.map(({ key, value }) => `${key} ${Buffer.from(value)}`)

await write('/a', 'before')
writeFileSync(marker!, '')
await write('/b', 'refused')
await write('/a', 'refused')
tell('read', await read())
if (how === 'recovers') {
  rmSync(marker!)
  await write('/c', 'after')
}
process.kill(process.pid, 'SIGKILL')
