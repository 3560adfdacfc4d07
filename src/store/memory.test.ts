import { testStore } from './contract.ts'
import { MemoryStore } from './memory.ts'
import { Unwritable } from './store.ts'

testStore(
  'memory',
  async history => {
    let full = false
    const store = new MemoryStore({
      ...(history && { history }),
      beforeCommit(writes) {
        if (full && writes.some(({ value }) => value && value.length > 100_000)) throw new Unwritable('full')
      },
    })
    return {
      store,
      async full(on) {
        full = on
      },
      async remove() {},
    }
  },
  { persists: false },
)
