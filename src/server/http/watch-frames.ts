import { INITIAL_EVENTS_END } from '../../api/access.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { StatusError } from '../../api/meta/status.ts'
import type { Bookmark, CacheEvent, ObjectEvent } from '../cache/types.ts'
import type { Served } from '../registry/request.ts'
import { asServed } from '../registry/served.ts'
import { metaVersion, tableHead, tableRow } from '../table/table.ts'
import { type Encoding, encodeObject } from './encode.ts'

/**
 * The bytes of the events of one watch, in its form. Made once per event and form and kept in the event's slot, so that
 * all watchers of a change share one buffer.
 */
export class WatchFrames {
  readonly #encoding: Encoding
  readonly #served: Served
  readonly #form: string
  readonly #now: () => number
  /** A Table tells its columns in its first event only. */
  #columnsSent = false

  constructor(encoding: Encoding, served: Served, now: () => number) {
    this.#encoding = encoding
    this.#served = served
    this.#now = now
    const { form, include } = encoding
    this.#form = form.as === 'object' ? apiVersionOf(served.at) : form.as === 'table' ? `table ${form.version} ${include}` : `metadata ${form.version}`
  }

  frame(event: CacheEvent): Buffer {
    if (event.type === 'BOOKMARK') return Buffer.from(wrap('BOOKMARK', this.#bookmark(event)))
    const table = this.#encoding.form.as === 'table'
    if (table && !this.#columnsSent) {
      this.#columnsSent = true
      return Buffer.from(wrap(event.type, this.#table(event.object, true)))
    }
    return shared(event, this.#form, () => wrap(event.type, table ? this.#table(event.object, false) : this.#object(event.object)))
  }

  #object(object: KubeObject): string {
    return encodeObject(this.#encoding.form.as === 'object' ? asServed(this.#served, object) : object, this.#encoding)
  }

  #table(object: KubeObject, columns: boolean): string {
    const { form, include, kind } = this.#encoding
    if (form.as !== 'table') return ''
    const head = tableHead(form.version, { resourceVersion: object.metadata.resourceVersion }, columns ? kind.columns : undefined)
    return JSON.stringify({ ...head, rows: [tableRow(object, kind, { version: form.version, include }, this.#now())] })
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

function shared(event: ObjectEvent, form: string, make: () => string): Buffer {
  const known = event.encodings?.get(form)
  if (known) return known as Buffer
  const made = Buffer.from(make())
  event.encodings ??= new Map()
  event.encodings.set(form, made)
  return made
}

const wrap = (type: string, object: string): string => `{"type":"${type}","object":${object}}\n`

export const errorFrame = (error: StatusError): Buffer => Buffer.from(wrap('ERROR', JSON.stringify(error.status)))
