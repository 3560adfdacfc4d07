import { writeSync } from 'node:fs'
import { openSqlite } from '../../src/store/sqlite.ts'

// Writes to the store in the file that is named, about 500 times a second, and says what it knows as soon as it knows it,
// one line each: `opened REVISION`, `acknowledged REVISION KEY VALUE`, `seen REVISION KEY VALUE`, and before it asks for a
// deletion `deleting 0 KEY ORDER`; values are `ROUND.ORDER`, `-` is the value of what is gone. Until it is killed.

const [file, round] = process.argv.slice(2)
const say = (line: string) => writeSync(1, `${line}\n`)

const store = await openSqlite({ file: file! })
const after = await store.latest()
say(`opened ${after}`)

async function watch(): Promise<void> {
  for await (const events of store.watch('/', { after, signal: new AbortController().signal }))
    for (const event of events) if ('key' in event) say(`seen ${event.revision} ${event.key} ${event.value ? Buffer.from(event.value).toString() : '-'}`)
}
void watch()

let count = 0
async function write(lazy: boolean): Promise<void> {
  const text = `${round}.${++count}`
  const gone = !lazy && count % 7 === 0
  const key = lazy ? `/lease/${count % 3}` : `/kept/${Math.floor(Math.random() * 50)}`
  if (gone) say(`deleting 0 ${key} ${text}`)
  const written = await store.write({ key, value: gone ? undefined : Buffer.from(text), lazy })
  if ('revision' in written) say(`acknowledged ${written.revision} ${key} ${gone ? '-' : text}`)
}
// Turns of lazy writes alone, so that there are batches without a commit.
for (let turn = 0; ; turn++) {
  for (let i = 0; i < 5; i++) void write(turn % 3 !== 0)
  await new Promise(resolve => setTimeout(resolve, 10))
}
