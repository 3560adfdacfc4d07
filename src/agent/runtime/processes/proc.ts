import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Names this run of the machine. */
export const bootId = async (): Promise<string> => (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()

/** Whether a process that is named by pid, start time and boot (`script.ts`) still runs. */
export async function isAlive(identity: string): Promise<boolean> {
  const [pid = '', start, boot] = identity.trim().split(' ')
  if (!(Number(pid) > 0) || !start || !boot) return false
  if ((await bootId()) !== boot) return false
  const fields = await statOf(pid)
  return fields?.[19] === start && fields[0] !== 'Z' && fields[0] !== 'X'
}

/** Processes with this line (`NAME=value`) in the environment they were started with. */
export async function processesMarked(line: string): Promise<readonly { readonly pid: number; readonly session: number }[]> {
  const found: { pid: number; session: number }[] = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const environ = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    if (!environ.includes(line) || !environ.split('\0').includes(line)) continue
    const fields = await statOf(pid)
    if (fields && fields[0] !== 'Z') found.push({ pid: Number(pid), session: Number(fields[3]) })
  }
  return found
}

/** So often it is read again, after so many milliseconds each. */
const AGAIN = 20
const AGAIN_MS = 2

/** The environment that a process was started with. While it becomes another program Linux shows an empty one, which is read again; some have none. */
export async function environOf(pid: number): Promise<Record<string, string> | undefined> {
  const read = () => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => undefined)
  let environ = await read()
  for (let again = 0; environ === '' && again < AGAIN; again++) {
    await sleep(AGAIN_MS)
    environ = await read()
  }
  if (environ === undefined) return undefined
  const lines = environ.split('\0').filter(line => line.includes('='))
  return Object.fromEntries(lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

/** The fields of /proc/PID/stat after the name: state, parent, group, session, …; the start time is the 20th. */
export async function statOf(pid: string): Promise<readonly string[] | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}
