import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Commits, type Outcome } from './commits.ts'
import { History } from './history.ts'
import { listAt, type Page } from './listing.ts'
import { type Answer, type Opened, packWrites, type Request, unpackEntries, unpackResults } from './sqlite-messages.ts'
import type { BackedUpFile } from './sqlite-restore.ts'
import {
  Closed,
  type Entry,
  type HistoryLimits,
  type Listing,
  type ListRange,
  type Store,
  type StoreEvent,
  Unusable,
  Unwritable,
  type Write,
  type Written,
} from './store.ts'

export interface SqliteOptions {
  /** Made with its directory if it does not exist; only its owner may read it. */
  readonly file: string
  /** The version that is noted as the one that wrote last. */
  readonly program?: string
  readonly history?: HistoryLimits
  /** Whether writers are to be told of a commit some at a time just now, so that others are heard in between; all at once when absent. */
  readonly inTurns?: () => boolean
  /** Told of each commit, and of each batch that the medium refused. */
  readonly onBatch?: (batch: { readonly writes: number; readonly seconds: number; readonly refused: boolean }) => void
  /** The worker has died, which no error of the medium makes it do: what was acknowledged is safe, but nothing works any more. */
  readonly onFailure?: (error: Error) => void
}

type Plain = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never

/** Opens the database in a worker thread. Throws `Unusable` with the remedy. */
export async function openSqlite(options: SqliteOptions): Promise<SqliteStore> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`./sqlite-worker.${extension}`, import.meta.url), { workerData: { file: options.file, program: options.program } })
  const opened = await new Promise<Opened>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  }).finally(() => worker.removeAllListeners('error'))
  if (opened.type === 'unusable') throw new Unusable(opened.message)
  return new SqliteStore(worker, opened, options)
}

/**
 * A store in one SQLite file. The database has a thread of its own, since it blocks the one that uses it; it gets one
 * message per batch: whatever arrived while the last commit ran. History is in memory here.
 */
export class SqliteStore implements Store {
  readonly file: string
  /** It was not closed the last time: what was written lazily in the last seconds may be gone. */
  readonly unclean: boolean
  readonly lostUpTo: number | undefined
  /** The schema that the file had before it was opened, when it was an older one. */
  readonly migratedFrom: number | undefined
  readonly #worker: Worker
  readonly #history: History
  readonly #commits: Commits
  readonly #onFailure: (error: Error) => void
  readonly #onBatch: NonNullable<SqliteOptions['onBatch']>
  readonly #asked = new Map<number, { readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void }>()
  #lastId = 0
  #closing: Promise<void> | undefined
  #dead: Error | undefined

  constructor(worker: Worker, opened: Extract<Opened, { type: 'opened' }>, options: SqliteOptions) {
    this.file = options.file
    this.unclean = opened.unclean
    this.lostUpTo = opened.unclean ? opened.revision : undefined
    this.migratedFrom = opened.migratedFrom
    this.#worker = worker
    this.#history = new History(opened.revision, options.history)
    this.#onFailure = options.onFailure ?? (() => {})
    this.#onBatch = options.onBatch ?? (() => {})
    this.#commits = new Commits({
      commit: writes => this.#commit(writes),
      append: changes => this.#history.append(changes),
      inTurns: options.inTurns ?? (() => false),
    })
    worker.on('message', (answer: Answer) => {
      const asked = this.#asked.get(answer.id)
      this.#asked.delete(answer.id)
      if (answer.type === 'failed') void this.#refusal(answer).then(asked?.reject)
      else asked?.resolve(answer)
    })
    worker.on('error', error => this.#die(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', () => this.#die(new Error('its thread has ended')))
  }

  async latest(): Promise<number> {
    return this.#history.newest
  }

  async get(key: string, { revision }: { readonly revision?: number } = {}): Promise<Entry | undefined> {
    const { entries } = await this.#read({ type: 'get', key })
    if (revision === undefined) return entries[0]
    const past = this.#history.stateAt(revision, key, '')
    return past.has(key) ? past.get(key) : entries[0]
  }

  list(prefix: string, range: ListRange = {}): Promise<Listing> {
    return listAt(this.#history, (of, after, limit) => this.#read({ type: 'page', prefix: of, after, limit }), prefix, range)
  }

  async #read(request: Plain): Promise<Page> {
    const answer = await this.#ask(request)
    // It may hold what was committed before it and whoever follows has not been given yet.
    await this.#commits.followed()
    if (answer.type !== 'entries') throw new TypeError(`unexpected answer ${answer.type}`)
    return { revision: answer.revision, more: answer.more, entries: unpackEntries(answer.entries) }
  }

  write(write: Write): Promise<Written> {
    if (this.#closing !== undefined) return Promise.reject(new Closed())
    return this.#commits.write(write)
  }

  async #commit(writes: readonly Write[]): Promise<Outcome> {
    const began = performance.now()
    const packed = packWrites(writes)
    const answer = await this.#ask({ type: 'write', batch: packed }, packed.numbers.buffer as ArrayBuffer, packed.values)
    if (answer.type !== 'written') throw new TypeError(`unexpected answer ${answer.type}`)
    const { failure } = answer.results
    this.#onBatch({ writes: writes.length, seconds: (performance.now() - began) / 1000, refused: failure !== '' })
    const refusal = failure && (await this.#refusal({ doing: 'write', message: failure }))
    return { decided: unpackResults(answer.results, packed.keys), refusal }
  }

  async #refusal({ doing, message }: Pick<Extract<Answer, { type: 'failed' }>, 'doing' | 'message'>): Promise<Error> {
    if (doing !== 'write') return new Error(`cannot ${doing} ${this.file}: ${message}`)
    const free = await statfs(dirname(this.file)).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => undefined,
    )
    return new Unwritable(`cannot write ${this.file}: ${message}${free === undefined ? '' : ` (${free} bytes free on its file system)`}`)
  }

  watch(prefix: string, { after, signal }: { readonly after: number; readonly signal: AbortSignal }): AsyncIterable<readonly StoreEvent[]> {
    return this.#history.watch(prefix, after, signal)
  }

  /** Forgets history, and gives space that has become free back to the file system. */
  async compact(revision: number): Promise<void> {
    this.#history.compact(revision)
    if (this.#closing === undefined) await this.#ask({ type: 'vacuum' })
  }

  /** Copies the database, as it is at one moment not before the call, to a file that does not exist yet, and puts other files into it. Writes go on. */
  async backup(file: string, files: readonly BackedUpFile[] = []): Promise<void> {
    await this.#ask({ type: 'backup', file, files })
  }

  /** The file may not grow beyond so many bytes: writes that would make it are refused as by a full disk. */
  async limit(bytes: number | undefined): Promise<void> {
    await this.#ask({ type: 'quota', bytes })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#commits.settled(() => this.#dead !== undefined)
    if (!this.#dead) {
      const ended = new Promise(resolve => this.#worker.once('exit', resolve))
      try {
        // Should this fail, the next start finds the file as a crash would have left it.
        await this.#ask({ type: 'close' })
      } finally {
        await ended
        this.#history.close()
      }
    }
    this.#history.close()
  }

  /** Ends its thread without a word, as the end of the process would: for tests. */
  async crash(): Promise<void> {
    this.#closing ??= Promise.resolve()
    await this.#worker.terminate()
    this.#history.close()
  }

  #ask(request: Plain, ...transfer: ArrayBuffer[]): Promise<Answer> {
    if (this.#dead) return Promise.reject(this.#dead)
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      this.#asked.set(id, { resolve, reject })
      this.#worker.postMessage({ id, ...request } as Request, transfer)
    })
  }

  #die(error: Error): void {
    if (this.#dead) return
    this.#dead = this.#closing !== undefined ? new Closed() : new Unwritable(`the store in ${this.file} has failed: ${error.message}`, { cause: error })
    for (const { reject } of this.#asked.values()) reject(this.#dead)
    this.#asked.clear()
    this.#history.close()
    if (this.#closing === undefined) this.#onFailure(this.#dead)
  }
}
