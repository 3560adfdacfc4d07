import { type FileHandle, open } from 'node:fs/promises'
import { parseLogLine } from './cri-format.ts'

const NEWLINE = 0x0a
const BLOCK = 16 * 1024

export interface Tail {
  readonly position: number
  /** How many whole lines there are from there on. */
  readonly lines: number
}

/** Where the last `lines` whole lines of a log begin, counting lines put together from their parts. */
export async function tailOf(file: FileHandle, size: number, lines: number): Promise<Tail> {
  if (lines <= 0) return { position: size, lines: 0 }
  let found = 0
  let position = size
  let rest = Buffer.alloc(0)
  while (position > 0) {
    const length = Math.min(BLOCK, position)
    position -= length
    const block = Buffer.alloc(length)
    await file.read(block, 0, length, position)
    const data = Buffer.concat([block, rest])
    // Walk lines backwards; the first of the data may be cut and is kept for the next block.
    let end = data.length
    let at = data.lastIndexOf(NEWLINE, end - 2)
    while (at >= 0) {
      if (isWhole(data.subarray(at + 1, end)) && ++found > lines) return { position: position + end, lines }
      end = at + 1
      at = end >= 2 ? data.lastIndexOf(NEWLINE, end - 2) : -1
    }
    rest = data.subarray(0, end)
  }
  const all = found + (isWhole(rest) ? 1 : 0)
  return all > lines ? { position: rest.length, lines } : { position: 0, lines: all }
}

const isWhole = (line: Buffer): boolean => line.length > 0 && !(parseLogLine(line.at(-1) === NEWLINE ? line.subarray(0, -1) : line)?.partial ?? false)

/** The text of the last lines of a log, at most `bytes` of it; '' when there is none. */
export async function lastLines(path: string, lines: number, bytes: number): Promise<string> {
  let file: FileHandle | undefined
  try {
    file = await open(path)
    const { size } = await file.stat()
    const start = Math.max((await tailOf(file, size, lines)).position, size - 4 * bytes)
    const data = Buffer.alloc(size - start)
    await file.read(data, 0, data.length, start)
    const text: string[] = []
    for (const line of data.toString('latin1').split('\n')) {
      const parsed = parseLogLine(Buffer.from(line, 'latin1'))
      if (parsed) text.push(parsed.content.toString() + (parsed.partial ? '' : '\n'))
    }
    return Buffer.from(text.join('')).subarray(-bytes).toString()
  } catch {
    return ''
  } finally {
    await file?.close()
  }
}
