import type { WatchEvent } from '../../api/access.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { internalError, StatusError, unavailable } from '../../api/meta/status.ts'
import type { Status } from '../../api/types/meta.ts'
import { deepFreeze } from '../../base/freeze.ts'
import { isCutOff } from './cut-off.ts'
import type { WatchBody } from './elsewhere.ts'

const NEWLINE = 0x0a
/** One event is never longer: an object is at most 3 MiB. */
const MAX_LINE = 16 * 1024 * 1024

/** The events of a watch as they come over the wire; those of one chunk together. An ERROR event is thrown. */
export async function* watchEvents<T extends KubeObject>(body: WatchBody, signal: AbortSignal): AsyncGenerator<readonly WatchEvent<T>[], void> {
  let rest: Buffer[] = []
  let held = 0
  try {
    for await (const chunk of body) {
      const last = chunk.lastIndexOf(NEWLINE)
      if (last < 0) {
        rest.push(chunk)
        held += chunk.length
        if (held > MAX_LINE) throw internalError('the server sent a watch event that is too long')
        continue
      }
      const head = chunk.subarray(0, last)
      const text = rest.length === 0 ? head.toString('utf8') : Buffer.concat([...rest, head]).toString('utf8')
      rest = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : []
      held = chunk.length - last - 1
      const events: WatchEvent<T>[] = []
      let failure: StatusError | undefined
      for (const line of text.split('\n')) {
        if (line === '') continue
        const event = JSON.parse(line) as { type: string; object: unknown }
        if (event.type === 'ERROR') {
          failure = StatusError.from(event.object as Status)
          break
        }
        events.push(deepFreeze(event) as WatchEvent<T>)
      }
      if (events.length > 0) yield events
      if (failure) throw failure
    }
    if (isCutOff(body)) throw new Error('the connection was lost')
  } catch (error) {
    if (signal.aborted) return
    if (error instanceof StatusError) throw error
    throw unavailable(`the watch was cut off: ${(error as Error).message}`)
  } finally {
    body.destroy()
  }
}
