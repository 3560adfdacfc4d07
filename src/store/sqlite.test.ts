import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testStore } from './contract.ts'
import { openSqlite } from './sqlite.ts'

testStore(
  'sqlite',
  async history => {
    const directory = await mkdtemp(join(tmpdir(), 'everynode-store-'))
    const options = { file: join(directory, 'data', 'everynode.db'), ...(history && { history }) }
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
  },
  { persists: true },
)
