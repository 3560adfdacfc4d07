import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { History } from './history.ts'
import { listAt, type Page } from './listing.ts'
import { type Answer, type Decided, type Opened, packWrites, type Request, unpackEntries, unpackResults } from './sqlite-messages.ts'
import type { BackedUpFile } from './sqlite-restore.ts'
import {
  type Change,
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

/** A commit of more gains nothing and makes everybody wait. */
const BATCH = 200
const BATCH_BYTES = 4 << 20
/** Lazy writes alone wait so long for others: most are renewals of leases, a message for each would wake two threads. */
const GATHER_MS = 50
/** Writers that are told of a commit keep a turn of the event loop so long; what they go on with is done in it. */
const TURN_MS = 5
/** Told at one time, and awaits in which a writer that was told has done its next work. */
const TOLD = 8
const GOING_ON = 12

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

interface Waiting {
  readonly write: Write
  readonly resolve: (written: Written) => void
  readonly reject: (error: unknown) => void
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
  readonly #onFailure: (error: Error) => void
  readonly #inTurns: () => boolean
  readonly #onBatch: NonNullable<SqliteOptions['onBatch']>
  readonly #asked = new Map<number, { readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void }>()
  #lastId = 0
  #waiting: Waiting[] = []
  #writing = false
  /** The writers of earlier batches are told. */
  #telling: Promise<void> = Promise.resolve()
  /** Runs while only lazy writes wait. */
  #gathering: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined
  #dead: Error | undefined

  constructor(worker: Worker, opened: Extract<Opened, { type: 'opened' }>, options: SqliteOptions) {
    this.file = options.file
    this.unclean = opened.unclean
    this.lostUpTo = opened.unclean ? opened.revision : undefined
    this.migratedFrom = opened.migratedFrom
    this.#worker = worker
    this.#history = new History(opened.revision, options.history ?? { changes: 10_000, bytes: 16 << 20 })
    this.#onFailure = options.onFailure ?? (() => {})
    this.#inTurns = options.inTurns ?? (() => false)
    this.#onBatch = options.onBatch ?? (() => {})
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
    // It may hold what was committed before it and is still being told.
    await this.#telling
    if (answer.type !== 'entries') throw new TypeError(`unexpected answer ${answer.type}`)
    return { revision: answer.revision, more: answer.more, entries: unpackEntries(answer.entries) }
  }

  write(write: Write): Promise<Written> {
    if (this.#closing !== undefined) return Promise.reject(new Closed())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject })
      if (this.#writing && !(this.#gathering && !write.lazy)) return
      this.#writing = true
      if (write.lazy) this.#gathering = setTimeout(() => void this.#writeAll(), GATHER_MS)
      else {
        clearTimeout(this.#gathering)
        this.#gathering = undefined
        // What else this turn of the event loop brings goes with it.
        queueMicrotask(() => void this.#writeAll())
      }
    })
  }

  async #writeAll(): Promise<void> {
    this.#gathering = undefined
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch()
      const tell = await this.#commit(batch)
      this.#telling = this.#telling.then(tell)
      // While they are told, what they go on with goes together at the end of each turn.
      if (batch.length > TOLD && this.#inTurns()) await new Promise(setImmediate)
      else await this.#telling
    }
    this.#writing = false
  }

  #nextBatch(): Waiting[] {
    let count = 0
    let bytes = 0
    for (const { write } of this.#waiting) {
      bytes += write.value?.length ?? 0
      if (count > 0 && (count === BATCH || bytes > BATCH_BYTES)) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  /** Resolves when the batch is decided and durable, with the way to tell the writers. */
  async #commit(batch: readonly Waiting[]): Promise<() => Promise<void>> {
    try {
      const began = performance.now()
      const packed = packWrites(batch.map(({ write }) => write))
      const answer = await this.#ask({ type: 'write', batch: packed }, packed.numbers.buffer as ArrayBuffer, packed.values)
      if (answer.type !== 'written') throw new TypeError(`unexpected answer ${answer.type}`)
      this.#onBatch({ writes: batch.length, seconds: (performance.now() - began) / 1000, refused: answer.results.failure !== '' })
      const decided = unpackResults(answer.results, packed.keys)
      const refusal = answer.results.failure && (await this.#refusal({ doing: 'write', message: answer.results.failure }))
      return () => this.#tell(batch, packed.keys, decided, refusal)
    } catch (error) {
      return async () => {
        for (const { reject } of batch) reject(error)
      }
    }
  }

  /** First whoever follows, then the writers, some at a time: others are heard in between. */
  async #tell(batch: readonly Waiting[], keys: readonly string[], decided: readonly Decided[], refusal: unknown): Promise<void> {
    const step = this.#inTurns() ? TOLD : batch.length
    let until = performance.now() + TURN_MS
    for (let from = 0; from < batch.length; from += step) {
      if (from > 0) {
        for (let n = 0; n < GOING_ON; n++) await undefined
        if (performance.now() >= until) {
          await new Promise(setImmediate)
          until = performance.now() + TURN_MS
        }
      }
      const some = batch.slice(from, from + step)
      const changes: Change[] = []
      for (const [i, { write }] of some.entries()) {
        const result = decided[from + i]!
        if ('revision' in result) changes.push({ key: keys[from + i]!, value: write.value, object: write.object, ...result })
      }
      this.#history.append(changes)
      for (const [i, { resolve, reject }] of some.entries()) {
        const result = decided[from + i]!
        if ('revision' in result) resolve({ revision: result.revision })
        else if ('conflict' in result) resolve(result)
        else reject(refusal)
      }
    }
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
    while (this.#writing && !this.#dead) await new Promise(setImmediate)
    await this.#telling
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
