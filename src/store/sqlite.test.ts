import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StoreUnderTest, testStore } from './contract.ts'
import { openSqlite } from './sqlite.ts'
import type { HistoryLimits } from './store.ts'

const openIn =
  (inTurns: boolean) =>
  async (history?: HistoryLimits): Promise<StoreUnderTest> => {
    const directory = await mkdtemp(join(tmpdir(), 'everynode-store-'))
    const options = { file: join(directory, 'data', 'everynode.db'), inTurns: () => inTurns, ...(history && { history }) }
    let store = await openSqlite(options)
    return {
      store,
      full: full => store.limit(full ? 1 : undefined),
      async reopen(how) {
        if (how === 'close') await store.close()
        else await store.crash()
        store = await openSqlite(options)
        return store
      },
      remove: () => rm(directory, { recursive: true }),
    }
  }

testStore('sqlite', openIn(false), { persists: true })
testStore('sqlite whose writers are told in turns', openIn(true), { persists: true })
