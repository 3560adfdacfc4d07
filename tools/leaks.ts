/** `node tools/leaks.ts DATA_DIR…`: lists what local nodes of these data directories hold of this machine; exits 1 if anything. */
import { leaksOf } from '../src/agent/local-nodes/leaks.ts'

export { leaksOf, sharedTraces } from '../src/agent/local-nodes/leaks.ts'

if (import.meta.main) {
  const directories = process.argv.slice(2)
  if (directories.length === 0) {
    process.stderr.write('leaks: name a data directory\n')
    process.exitCode = 2
  }
  for (const directory of directories) {
    for (const line of await leaksOf(directory)) {
      process.stdout.write(`${line}\n`)
      process.exitCode = 1
    }
  }
}
