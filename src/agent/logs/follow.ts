import { type FSWatcher, watch } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Clock, sleep } from '../../base/clock.ts'
import { type LogLine, parseLogLine } from './cri-format.ts'
import { tailOf } from './tail.ts'

export interface LogOptions {
  readonly follow?: boolean
  readonly tailLines?: number | undefined
  /** Milliseconds since 1970. */
  readonly since?: number | undefined
  readonly timestamps?: boolean
  readonly limitBytes?: number | undefined
}

export interface LogSource {
  readonly path: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Whether nothing will be written any more. */
  readonly ended: () => Promise<boolean>
}

const BLOCK = 64 * 1024
const POLL_MS = 500
const NEWLINE = 0x0a

/**
 * The text of a container's log, in blocks, from what rotation has put aside and still keeps on. Following goes on over rotation and
 * ends when the container has and all is read.
 */
export async function* readLog({ path, clock, signal, ended }: LogSource, options: LogOptions): AsyncGenerator<Buffer, void> {
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY
  const line = { partial: false }
  const hint = options.follow ? watchFor(path) : undefined
  const parts = await openParts(path, options)
  let rest: Buffer = Buffer.alloc(0)
  let leaving = false
  try {
    while (!signal.aborted && left > 0) {
      const seen = hint?.count ?? 0
      const over = options.follow ? await ended() : true
      if (parts.length === 0) {
        if (over) return
        parts.push(...(await openParts(path, {})))
      }
      const [part] = parts
      let got = 0
      for (;;) {
        if (!part) break
        const block = Buffer.allocUnsafe(BLOCK)
        const { bytesRead } = await part.file.read(block, 0, BLOCK, part.position)
        if (bytesRead === 0) break
        got += bytesRead
        part.position += bytesRead
        const data = Buffer.concat([rest, block.subarray(0, bytesRead)])
        const end = data.lastIndexOf(NEWLINE) + 1
        rest = data.subarray(end)
        const text = render(data.subarray(0, end), options, line)
        if (text.length === 0) continue
        const cut = text.subarray(0, left)
        left -= cut.length
        yield cut
        if (left <= 0 || signal.aborted) return
      }
      if (part && parts.length === 1 && (await rotated(part.file, path))) {
        // What was written just before it was put aside is still to be read.
        if (!leaving) {
          leaving = true
          continue
        }
        parts.push(...(await openParts(path, {}, part.file)))
      }
      if (part && parts.length > 1) {
        leaving = false
        rest = Buffer.alloc(0)
        await parts.shift()?.file.close()
        continue
      }
      if (over && got === 0) return
      if (got === 0 && (hint?.count ?? 0) === seen) await pause(hint, clock, signal)
    }
  } finally {
    hint?.close()
    for (const { file } of parts) await file.close()
  }
}

interface Part {
  readonly file: FileHandle
  position: number
}

/** The files of a log from where reading begins, the oldest first, or those that came after one of them. */
async function openParts(path: string, { tailLines, since }: LogOptions, after?: FileHandle): Promise<Part[]> {
  const prefix = `${basename(path)}.`
  // Opened before the list is made: what is put aside meanwhile is in both, and told by its inode.
  const current = await openWhenThere(path)
  const aside = (await readdir(dirname(path)).catch(() => [])).filter(name => name.startsWith(prefix)).sort()
  const files: FileHandle[] = []
  const inodes = new Set(current && [(await current.stat()).ino])
  const last = (await after?.stat())?.ino
  for (const name of aside) {
    const file = await openWhenThere(join(dirname(path), name))
    const found = await file?.stat()
    if (found?.ino === last && last !== undefined) for (const earlier of files.splice(0)) await earlier.close()
    if (!file || !found) continue
    if (inodes.has(found.ino) || found.ino === last || (since !== undefined && found.mtimeMs < since)) await file.close()
    else files.push(file)
  }
  if (current && (await current.stat()).ino !== last) files.push(current)
  else await current?.close()
  if (tailLines === undefined) return files.map(file => ({ file, position: 0 }))
  const parts: Part[] = []
  let wanted = tailLines
  for (const file of files.reverse()) {
    if (wanted <= 0 && parts.length > 0) await file.close()
    else {
      const { position, lines } = await tailOf(file, (await file.stat()).size, wanted)
      parts.unshift({ file, position })
      wanted -= lines
    }
  }
  return parts
}

/** The lines of a block as the client sees them; a part of a line has no newline and no second timestamp. */
function render(block: Buffer, { since, timestamps }: LogOptions, state: { partial: boolean }): Buffer {
  const parts: Buffer[] = []
  let start = 0
  for (let end = block.indexOf(NEWLINE); end >= 0; start = end + 1, end = block.indexOf(NEWLINE, start)) {
    const line: LogLine | undefined = parseLogLine(block.subarray(start, end))
    if (!line || (since !== undefined && Date.parse(line.time) < since)) continue
    if (timestamps && !state.partial) parts.push(Buffer.from(`${line.time} `))
    parts.push(line.content)
    if (!line.partial) parts.push(Buffer.from('\n'))
    state.partial = line.partial
  }
  return Buffer.concat(parts)
}

const openWhenThere = async (path: string): Promise<FileHandle | undefined> => {
  try {
    return await open(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether the path now names another file, or the file has been cut. */
async function rotated(file: FileHandle, path: string): Promise<boolean> {
  const [open, now] = [await file.stat(), await stat(path).catch(() => undefined)]
  return now !== undefined && now.ino !== open.ino
}

interface Hint {
  count: number
  wake: (() => void) | undefined
  close(): void
}

/** Counts changes of the directory, so that following need not wait for the next poll. */
function watchFor(path: string): Hint {
  let watcher: FSWatcher | undefined
  const hint: Hint = { count: 0, wake: undefined, close: () => watcher?.close() }
  try {
    watcher = watch(dirname(path), () => {
      hint.count++
      hint.wake?.()
    })
    watcher.on('error', () => {})
  } catch {}
  return hint
}

async function pause(hint: Hint | undefined, clock: Clock, signal: AbortSignal): Promise<void> {
  const early = new AbortController()
  if (hint) hint.wake = () => early.abort()
  await sleep(clock, POLL_MS, AbortSignal.any([signal, early.signal])).catch(() => {})
  if (hint) hint.wake = undefined
}
