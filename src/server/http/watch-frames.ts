import { INITIAL_EVENTS_END } from '../../api/access.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { StatusError } from '../../api/meta/status.ts'
import type { Clock } from '../../base/clock.ts'
import { passingText } from '../../base/json-text.ts'
import type { Bookmark, CacheEvent, ObjectEvent } from '../cache/types.ts'
import type { Served } from '../registry/request.ts'
import { asServed } from '../registry/served.ts'
import { metaVersion, tableHead, tableRow } from '../table/table.ts'
import { type Encoding, encodeObject } from './encode.ts'

/** Watches of objects as they are have nothing of their own to say. */
const ofObjects = new WeakMap<Served, WatchFrames>()

/** What writes the events of a watch. */
export function framesOf(encoding: Encoding, served: Served, clock: Clock): WatchFrames {
  if (encoding.form.as !== 'object') return new WatchFrames(encoding, served, clock)
  let frames = ofObjects.get(served)
  if (!frames) {
    frames = new WatchFrames(encoding, served, clock)
    ofObjects.set(served, frames)
  }
  return frames
}

/**
 * The bytes of the events of one watch, or of all that have the same to say, in their form. Made once per event and form and kept in the
 * event's slot, so that all watchers of a change share one buffer.
 */
export class WatchFrames {
  readonly #encoding: Encoding
  readonly #served: Served
  readonly #form: string
  readonly #clock: Clock
  /** A Table tells its columns in its first event only. */
  #columnsSent = false

  constructor(encoding: Encoding, served: Served, clock: Clock) {
    this.#encoding = encoding
    this.#served = served
    this.#clock = clock
    const { form, include } = encoding
    this.#form = form.as === 'object' ? apiVersionOf(served.at) : form.as === 'table' ? `table ${form.version} ${include}` : `metadata ${form.version}`
  }

  /** Events from one on, until they have as many bytes or more; `next` is the first that is left. */
  piece(events: readonly CacheEvent[], from: number, bytes: number): { readonly written: Buffer | string; readonly next: number } {
    let next = from
    let text = ''
    while (next < events.length && text.length < bytes && isPassing(events[next]!)) text += this.#text(events[next++] as ObjectEvent)
    if (next > from) return { written: text, next }
    const made: Buffer[] = []
    for (let size = 0; next < events.length && size < bytes && !isPassing(events[next]!); size += made.at(-1)!.length) made.push(this.#frame(events[next++]!))
    return { written: made.length === 1 ? made[0]! : Buffer.concat(made), next }
  }

  #frame(event: CacheEvent): Buffer {
    if (event.type === 'BOOKMARK') return Buffer.from(wrap('BOOKMARK', this.#bookmark(event)))
    if (this.#encoding.form.as === 'table' && !this.#columnsSent) return Buffer.from(this.#text(event))
    return shared(event, this.#form, () => this.#text(event))
  }

  #text(event: ObjectEvent): string {
    if (this.#encoding.form.as !== 'table') return wrap(event.type, this.#object(event))
    const columns = !this.#columnsSent
    this.#columnsSent = true
    return wrap(event.type, this.#table(event.object, columns))
  }

  #object({ object, passing }: ObjectEvent): string {
    if (this.#encoding.form.as !== 'object') return encodeObject(object, this.#encoding)
    const served = asServed(this.#served, object)
    return passing ? passingText(served) : encodeObject(served, this.#encoding)
  }

  #table(object: KubeObject, columns: boolean): string {
    const { form, include, kind } = this.#encoding
    if (form.as !== 'table') return ''
    const head = tableHead(form.version, { resourceVersion: object.metadata.resourceVersion }, columns ? kind.columns : undefined)
    return JSON.stringify({ ...head, rows: [tableRow(object, kind, { version: form.version, include }, this.#clock.now())] })
  }

  #bookmark({ revision, initialEventsEnd }: Bookmark): string {
    const { form } = this.#encoding
    const metadata = {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(initialEventsEnd && { annotations: { [INITIAL_EVENTS_END]: 'true' } }),
    }
    if (form.as === 'table') return JSON.stringify({ ...tableHead(form.version, {}, undefined), metadata, rows: [] })
    if (form.as === 'metadata') return JSON.stringify({ kind: 'PartialObjectMetadata', apiVersion: metaVersion(form.version), metadata })
    return JSON.stringify({ kind: this.#served.at.kind, apiVersion: apiVersionOf(this.#served.at), metadata })
  }
}

const isPassing = (event: CacheEvent): boolean => event.type !== 'BOOKMARK' && event.passing === true

function shared(event: ObjectEvent, form: string, make: () => string): Buffer {
  const known = event.encodings?.get(form)
  if (known) return known as Buffer
  const made = bytesOf(make())
  event.encodings ??= new Map()
  event.encodings.set(form, made)
  return made
}

/** Bytes of their own: cut from what others are cut from too, each would keep 64 KiB for as long as it is kept. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}

const wrap = (type: string, object: string): string => `{"type":"${type}","object":${object}}\n`

export const errorFrame = (error: StatusError): Buffer => Buffer.from(wrap('ERROR', JSON.stringify(error.status)))
