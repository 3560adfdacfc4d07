/** What the tests of `Aside` call in another process. */
import { serveCalls } from '../../src/base/node/serve-calls.ts'

const calls = {
  add: async (a: number, b: number) => a + b,
  fail: async (message: string) => {
    throw new Error(message)
  },
  nothing: async () => undefined,
  pid: async () => process.pid,
  die: async () => {
    process.kill(process.pid, 'SIGKILL')
  },
}
export type AsideCalls = typeof calls

serveCalls(calls)
