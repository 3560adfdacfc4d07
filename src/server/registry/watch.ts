import { expired, type StatusError } from '../../api/meta/status.ts'
import { Expired } from '../../store/store.ts'
import type { CacheEvent } from '../cache/types.ts'
import { watchSettings } from './options.ts'
import { narrow, seeAtLeast } from './read.ts'
import type { WatchRequest, WatchStream } from './request.ts'
import { cacheOf, type World } from './world.ts'

/** A watch without a timeout ends after 30 to 60 minutes, so that connections move on. */
const SHORTEST_SECONDS = 1_800

/** Begins a watch: registered when it resolves, so that nothing after that is missed. */
export async function watchObjects(world: World, { served, namespace, query, signal }: WatchRequest): Promise<WatchStream> {
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
      timeout: seconds * 1000,
      signal,
    })
    return inOurWords(events, revision)
  } catch (error) {
    throw asStatus(error, revision)
  }
}

/** No generator: one for each of many thousand watches is memory. */
function inOurWords(stream: AsyncIterable<readonly CacheEvent[]>, revision: number): WatchStream {
  const events = stream[Symbol.asyncIterator]()
  const failed = (error: unknown) => {
    throw asStatus(error, revision)
  }
  const ours: AsyncIterableIterator<readonly CacheEvent[]> = {
    next: () => events.next().catch(failed),
    return: async () => (await events.return?.()) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]: () => ours,
  }
  return ours
}

const asStatus = (error: unknown, asked: number): StatusError | unknown =>
  error instanceof Expired ? expired(`too old resource version: ${asked} (${error.oldest})`) : error
