import { expired, type StatusError } from '../../api/meta/status.ts'
import { nodeOfUser } from '../../api/meta/user.ts'
import { Expired } from '../../store/store.ts'
import type { CacheEvent, Reader, Watch } from '../cache/types.ts'
import { watchSettings } from './options.ts'
import { narrow, seeAtLeast } from './read.ts'
import type { WatchRequest, WatchStream } from './request.ts'
import { cacheOf, type World } from './world.ts'

/** A watch without a timeout ends after 30 to 60 minutes, so that connections move on. */
const SHORTEST_SECONDS = 1_800

/** Begins a watch: registered when it resolves, so that nothing after that is missed. */
export async function watchObjects(world: World, { caller, served, namespace, query, signal }: WatchRequest): Promise<WatchStream> {
  const settings = watchSettings(query)
  const { selection } = narrow(served, namespace, query)
  await seeAtLeast(world, settings.present && settings.revision === 0 ? undefined : settings.revision, signal)
  const seconds = settings.timeoutSeconds ?? SHORTEST_SECONDS + world.random(SHORTEST_SECONDS)
  const { present, revision } = settings
  try {
    const events = cacheOf(world, served.kind).watch({
      ...selection,
      after: present ? 'initial' : revision || world.caches.revision,
      markInitialEnd: settings.announce,
      bookmarks: settings.bookmarks,
      // A node watches several kinds over one link; of another user there may be thousands of clients.
      client: nodeOfUser(caller.user),
      timeout: seconds * 1000,
      signal,
    })
    return new InOurWords(events, revision)
  } catch (error) {
    throw asStatus(error, revision)
  }
}

/** A watch that fails with what clients are told. */
class InOurWords implements WatchStream {
  readonly #events: Watch
  readonly #asked: number
  constructor(events: Watch, asked: number) {
    this.#events = events
    this.#asked = asked
  }
  [Symbol.asyncIterator](): this {
    return this
  }
  async next(): Promise<IteratorResult<readonly CacheEvent[]>> {
    try {
      return await this.#events.next()
    } catch (error) {
      throw asStatus(error, this.#asked)
    }
  }
  return(): Promise<IteratorResult<readonly CacheEvent[]>> {
    return this.#events.return()
  }
  whenReady(reader: Reader): void {
    this.#events.whenReady(reader)
  }
}

const asStatus = (error: unknown, asked: number): StatusError | unknown =>
  error instanceof Expired ? expired(`too old resource version: ${asked} (${error.oldest})`) : error
