import { readFile, realpath } from 'node:fs/promises'
import { run } from './run.ts'

/** Where something is mounted at or below `path`, deepest first. */
export async function mountsUnder(path: string): Promise<readonly string[]> {
  const points = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .flatMap(line => line.split(' ')[4] ?? [])
    .map(plainPath)
    .filter(point => point === path || point.startsWith(`${path}/`))
  return points.sort((a, b) => (a < b ? 1 : -1))
}

/** Whether what is mounted later at or below `path` can be seen by others: the mount that holds it is shared, or follows a shared one. */
export async function propagates(path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => path)
  let holder: { readonly point: string; readonly fields: readonly string[] } | undefined
  for (const line of (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')) {
    const words = line.split(' ')
    const point = plainPath(words[4] ?? '')
    if (point === '' || !(point === '/' || real === point || real.startsWith(`${point}/`))) continue
    if (!holder || point.length >= holder.point.length) holder = { point, fields: words.slice(6, words.indexOf('-')) }
  }
  return holder?.fields.some(field => /^(?:shared|master):/.test(field)) ?? false
}

/** Takes away every mount at or below `path`. */
export async function unmountUnder(path: string): Promise<void> {
  for (const point of await mountsUnder(path)) await run('umount', ['--lazy', point], { quiet: true })
}

export async function mountTmpfs(path: string, options: readonly string[]): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', path])
}

export async function bindMount(source: string, target: string, readOnly: boolean): Promise<void> {
  await run('mount', ['--no-canonicalize', '--bind', source, target])
  if (readOnly) await run('mount', ['-o', 'remount,bind,ro', target])
}

/** The kernel writes blanks in paths as octal. */
const plainPath = (path: string): string => path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
