import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type NodePaths, podDirectory } from '../../pod-files.ts'

/** What is written down of a container before it is started. */
export interface Kept {
  readonly id: string
  readonly sandbox: string
  readonly name: string
  readonly attempt: number
  readonly image: string
  readonly policy: string
  readonly createdAt: number
  readonly backoffSeconds: number
  /** What it is told to end with; SIGTERM when absent. */
  readonly stopSignal?: string | undefined
  /** Where volumes are mounted. */
  readonly places: readonly string[]
  /** Places that were made on the host for it, or for one before it. */
  readonly made: readonly string[]
  /** Of a confined one: its cgroup and the OCI runtime that made it. */
  readonly confined?: { readonly cgroup: string; readonly program: string }
}

export interface Sandbox {
  readonly id: string
  readonly attempt: number
  readonly createdAt: number
  readonly boot: string
  readonly stopped: boolean
}

/** Where the records of a pod lie: `containers/ID/kept` and `sandboxes/ID`. */
export const recordsOf = (paths: NodePaths, uid: string): string => join(podDirectory(paths, uid), 'processes')

export interface Recorded {
  readonly directory: string
  readonly kept: Kept
}

export async function containersOf(records: string): Promise<readonly Recorded[]> {
  const root = join(records, 'containers')
  const found = await Promise.all((await namesIn(root)).map(async id => ({ directory: join(root, id), kept: await readRecord<Kept>(join(root, id, 'kept')) })))
  return found.filter((c): c is Recorded => c.kept !== undefined)
}

export async function sandboxesOf(records: string): Promise<readonly Sandbox[]> {
  const root = join(records, 'sandboxes')
  const found = await Promise.all((await namesIn(root)).map(id => readRecord<Sandbox>(join(root, id))))
  return found.filter(s => s !== undefined)
}

export async function readRecord<T extends Kept | Sandbox>(path: string): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as T)
}

/** Whole or not at all. */
export async function writeRecord(directory: string, name: string, value: Kept | Sandbox): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, `.${name}.new`)
  await writeFile(path, JSON.stringify(value), { mode: 0o600 })
  await rename(path, join(directory, name))
}

const namesIn = async (directory: string): Promise<readonly string[]> => (await readdir(directory).catch(() => [])).filter(name => !name.startsWith('.'))
