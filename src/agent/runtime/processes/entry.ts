import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type NodePaths, podsOnDisk } from '../../pod-files.ts'
import { environOf, isAlive } from './proc.ts'
import { containersOf, recordsOf } from './records.ts'

export interface Entry {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Record<string, string>
}

/** How to run a command where a container's own runs. Throws when it does not run. */
export async function entry(paths: NodePaths, container: string, command: readonly string[], tty: boolean): Promise<Entry> {
  const [first, ...rest] = command
  for (const { uid } of await podsOnDisk(paths)) {
    for (const { directory, kept } of await containersOf(recordsOf(paths, uid))) {
      if (kept.id !== container || first === undefined) continue
      const main = await readFile(join(directory, 'main'), 'utf8').catch(() => '')
      if (!(await isAlive(main))) break
      const { confined } = kept
      if (!confined) {
        const env = await environOf(Number(main.split(' ')[0]))
        if (env) return { program: first, args: rest, env }
        break
      }
      const words = ['--root', join(directory, 'state'), 'exec', ...(tty ? ['--tty'] : []), kept.id, ...command]
      return { program: confined.program, args: words, env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' } }
    }
  }
  throw new Error(`container ${container} is not running`)
}
