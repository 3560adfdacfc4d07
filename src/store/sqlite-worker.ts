import { parentPort, workerData } from 'node:worker_threads'
import { SqliteDatabase } from './sqlite-database.ts'
import { type Answer, type Opened, packEntries, packResults, type Request, unpackWrites } from './sqlite-messages.ts'
import { Unusable } from './store.ts'

/** A lazy write is on the disk after at most twice this. */
const CARRY = 5000
/** Lazy writes that one commit carries, so that no other waits long for it. */
const CARRIED = 100
/** After so long without a write the log is folded up. */
const QUIET = 1000

const port = parentPort!
const { file, program } = workerData as { readonly file: string; readonly program: string | undefined }

function open(): SqliteDatabase | undefined {
  try {
    const database = new SqliteDatabase(file, program)
    port.postMessage({ type: 'opened', revision: database.revision, unclean: database.unclean, migratedFrom: database.migratedFrom } satisfies Opened)
    return database
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    port.postMessage({ type: 'unusable', message: error.message } satisfies Opened)
    port.close()
    return undefined
  }
}

function serve(database: SqliteDatabase): void {
  const answer = (message: Answer, ...transfer: ArrayBuffer[]) => port.postMessage(message, transfer)
  let quiet: NodeJS.Timeout | undefined
  let carrying: NodeJS.Timeout | undefined

  const carryLater = (ms: number) => {
    carrying ??= setTimeout(() => {
      carrying = undefined
      try {
        if (database.carry(CARRIED)) carryLater(0)
      } catch {
        carryLater(CARRY)
      }
    }, ms)
  }
  const wrote = () => {
    if (database.lazy > 0) carryLater(CARRY)
    if (quiet) quiet.refresh()
    else quiet = setTimeout(() => database.checkpoint(), QUIET)
  }

  const handle = async (request: Request): Promise<void> => {
    const { id } = request
    switch (request.type) {
      case 'write': {
        const results = packResults(database.write(unpackWrites(request.batch)))
        answer({ id, type: 'written', results }, results.numbers.buffer as ArrayBuffer, results.values)
        return wrote()
      }
      case 'page':
      case 'get': {
        const { entries: found, more } =
          request.type === 'page' ? database.page(request.prefix, request.after, request.limit) : { entries: one(database.get(request.key)), more: false }
        const entries = packEntries(found)
        return answer({ id, type: 'entries', revision: database.revision, more, entries }, entries.numbers.buffer as ArrayBuffer, entries.values)
      }
      case 'quota':
        database.quota(request.bytes)
        return answer({ id, type: 'done', revision: database.revision })
      case 'backup':
        await database.backup(request.file, request.files)
        return answer({ id, type: 'done', revision: database.revision })
      case 'vacuum':
        return vacuum(request)
      case 'close':
        clearTimeout(quiet)
        clearTimeout(carrying)
        try {
          database.close()
          answer({ id, type: 'done', revision: database.revision })
        } catch (error) {
          answer(failure(request, error))
        } finally {
          port.close()
        }
    }
  }
  /** Bit by bit, so that writes get their turn. */
  const vacuum = (request: Request): void => {
    try {
      if (database.vacuum()) setTimeout(vacuum, 5, request)
      else answer({ id: request.id, type: 'done', revision: database.revision })
    } catch (error) {
      answer(failure(request, error))
    }
  }

  port.on('message', (request: Request) => {
    handle(request).catch((error: unknown) => answer(failure(request, error)))
  })
}

function failure({ id, type }: Request, error: unknown): Answer {
  const doing = type === 'page' || type === 'get' ? 'read' : type === 'backup' ? 'back up' : 'write'
  return { id, type: 'failed', doing, message: error instanceof Error ? error.message : String(error) }
}

const one = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value])

const database = open()
if (database) serve(database)
