import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import { type Left, logDirectory, type NodePaths, terminationFile } from '../../pod-files.ts'
import { terminationMessage } from '../../termination-message.ts'
import type { ObservedContainer, ObservedSandbox } from '../runtime.ts'
import { bootId, environOf, isAlive } from './proc.ts'
import { containersOf, type Recorded, sandboxesOf } from './records.ts'

/** Marks a container's processes in their environment. */
export const MARK = 'EVERYNODE_CONTAINER'
/** What the runtime says when a command could not be begun; engines use the same code. */
const NOT_STARTED = 128

export async function observeSandboxes(records: string, hostIPs: readonly string[]): Promise<readonly ObservedSandbox[]> {
  const boot = await bootId()
  return (await sandboxesOf(records))
    .map(({ stopped, boot: own, ...sandbox }) => {
      const ready = !stopped && own === boot
      return { ...sandbox, ready, ips: ready ? hostIPs : [] }
    })
    .sort((a, b) => b.attempt - a.attempt)
}

export async function observeContainers(records: string, pod: Left, paths: NodePaths, clock: Clock): Promise<readonly ObservedContainer[]> {
  const seen = await Promise.all((await containersOf(records)).map(recorded => observe(recorded, pod, paths, clock)))
  return seen.sort((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt)
}

async function observe({ directory, kept }: Recorded, pod: Left, paths: NodePaths, clock: Clock): Promise<ObservedContainer> {
  const text = (file: string) => readFile(join(directory, file), 'utf8').catch(() => '')
  const { id, sandbox, name, attempt, image, createdAt, backoffSeconds, policy, confined } = kept
  const began = await stat(join(directory, confined ? 'pid' : 'main')).then(
    s => Math.max(createdAt, Math.floor(s.mtimeMs)),
    () => 0,
  )
  const known = { id, sandbox, name, attempt, image, imageId: '', createdAt, backoffSeconds, finishedAt: 0, exitCode: 0, reason: '', message: '' }
  const supervisor = await text('supervisor')
  const watched = (await isAlive(supervisor)) || (await isAlive(await text('main')))
  let exit = await text('exit')
  if (!exit && watched) return { ...known, startedAt: began, state: began > 0 ? 'running' : 'starting' }
  if (!exit && confined && (await stillThere(directory, id))) return { ...known, startedAt: began, state: 'unknown' }
  if (!exit && !supervisor) return { ...known, startedAt: 0, state: 'created' }
  if (!exit) {
    // Its supervisor was killed with it, or the machine went down: nobody saw how it ended.
    exit = `137 ${Math.floor(clock.now() / 1000)} unseen`
    await writeFile(join(directory, 'exit'), exit).catch(() => {})
  }
  const [code = '', at = '', said = ''] = exit.trim().split(' ')
  const failed = confined !== undefined && began === 0 && said !== 'unseen'
  const exitCode = failed ? NOT_STARTED : Number(code)
  const log = join(logDirectory(paths, pod), name, `${attempt}.log`)
  const message = failed
    ? await whyNotStarted(directory)
    : await terminationMessage({ terminationMessagePolicy: policy }, exitCode, terminationFile(paths, pod.uid, name, attempt), log)
  const startedAt = began || createdAt
  return {
    ...known,
    state: 'exited',
    startedAt,
    finishedAt: Math.max(startedAt, Number(at) * 1000),
    exitCode,
    reason: reasonOf(exitCode, said, failed),
    message,
  }
}

const reasonOf = (exitCode: number, said: string, failed: boolean): string =>
  failed ? 'StartError' : exitCode === 0 ? 'Completed' : said === 'oom' ? 'OOMKilled' : said === 'unseen' ? 'ContainerStatusUnknown' : 'Error'

/** Whether the command of a confined container runs though nobody watches it any more. */
async function stillThere(directory: string, id: string): Promise<boolean> {
  const pid = Number(await readFile(join(directory, 'pid'), 'utf8').catch(() => ''))
  return pid > 0 && (await environOf(pid))?.[MARK] === id
}

/** What the OCI runtime said last. */
export async function whyNotStarted(directory: string): Promise<string> {
  const lines = (await readFile(join(directory, 'runtime.log'), 'utf8').catch(() => '')).trim().split('\n')
  try {
    return (JSON.parse(lines.at(-1) ?? '') as { msg: string }).msg
  } catch {
    return 'the command could not be started'
  }
}
