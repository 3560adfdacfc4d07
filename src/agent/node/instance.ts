import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** An id that tells this data directory's agent from any other, made at first use. */
export async function instanceId(dataDir: string): Promise<string> {
  const file = join(dataDir, 'instance')
  const known = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (known) return known
  const made = randomBytes(5).toString('hex')
  await writeFile(file, made, { mode: 0o600 })
  return made
}
