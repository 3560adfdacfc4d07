import { createWriteStream, existsSync, openSync, renameSync, statSync, type WriteStream } from 'node:fs'
import type { Log } from '../../base/log.ts'

export interface LogFileOptions {
  readonly path: string
  /** The file is put aside as `.1` when it is larger; older ones move up to `.N`. */
  readonly maxBytes: number
  readonly maxFiles: number
  readonly log: Log
}

/** Lines waiting for the disk; beyond that they are dropped, and the log says how many. */
const MOST_WAITING = 16 << 20
const FLUSH_BYTES = 64 << 10
const FLUSH_MS = 200

/** Appends lines to a file that only its owner can read, in the background, and rotates it by size. Never makes anybody wait. */
export class LogFile {
  readonly #options: LogFileOptions
  #stream: WriteStream
  /** Files put aside to which something is still being written. */
  readonly #ending = new Set<Promise<void>>()
  #size: number
  #lines: string[] = []
  #waiting = 0
  #dropped = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: LogFileOptions) {
    this.#options = options
    this.#size = existsSync(options.path) ? statSync(options.path).size : 0
    this.#stream = this.#open()
  }

  /** Does nothing once the file is closed: a request that ends so late has changed nothing, as the store was closed before. */
  write(line: string): void {
    if (this.#closed) return
    if (this.#waiting + this.#stream.writableLength > MOST_WAITING) {
      this.#dropped++
      return
    }
    this.#lines.push(line)
    this.#waiting += line.length
    if (this.#waiting >= FLUSH_BYTES) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref()
  }

  async close(): Promise<void> {
    this.#flush()
    this.#closed = true
    this.#end()
    await Promise.all(this.#ending)
  }

  #end(): void {
    const ended = new Promise<void>(resolve => this.#stream.end(resolve)).then(() => void this.#ending.delete(ended))
    this.#ending.add(ended)
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#lines.length === 0) return
    const bytes = Buffer.from(`${this.#lines.join('\n')}\n`)
    this.#lines = []
    this.#waiting = 0
    this.#size += bytes.length
    this.#stream.write(bytes)
    if (this.#dropped > 0) {
      this.#options.log.warn('audit lines were dropped, the disk cannot keep up', { dropped: this.#dropped })
      this.#dropped = 0
    }
    if (this.#size >= this.#options.maxBytes) this.#rotate()
  }

  #rotate(): void {
    const { path, maxFiles } = this.#options
    this.#end()
    for (let n = maxFiles - 1; n >= 1; n--) if (existsSync(`${path}.${n}`)) renameSync(`${path}.${n}`, `${path}.${n + 1}`)
    renameSync(path, `${path}.1`)
    this.#size = 0
    this.#stream = this.#open()
  }

  #open(): WriteStream {
    const stream = createWriteStream(this.#options.path, { fd: openSync(this.#options.path, 'a', 0o600) })
    stream.on('error', error => this.#options.log.error('the audit log cannot be written', { path: this.#options.path, error }))
    return stream
  }
}
