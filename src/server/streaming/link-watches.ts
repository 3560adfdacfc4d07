import type { Duplex } from 'node:stream'
import { internalError, type StatusError } from '../../api/meta/status.ts'
import { goesOnText, WATCHES_OPEN, type WatchGoesOn, watchBegins } from '../../api/node-watches.ts'
import type { Clock } from '../../base/clock.ts'
import { draining } from '../../base/node/draining.ts'
import { goOutTogether } from '../../base/node/go-out-together.ts'
import { BaseExchange } from '../http/base-exchange.ts'
import type { Exchange, Peer, ResponseHeaders } from '../http/exchange.ts'
import { tooMany } from '../http/fair-queue.ts'
import type { Outlet } from '../http/outlet.ts'
import type { AskedBy, StreamCall } from '../http/routes.ts'

/** The watches of one link: each is served as a request of its own, and all write to its stream. */
export class LinkWatches {
  readonly stream: Duplex
  readonly #ask: StreamCall['ask']
  readonly #open = new Map<number, LinkedWatch>()
  #draining: Promise<void> | undefined
  #whenNone: (() => void) | undefined

  constructor(stream: Duplex, ask: StreamCall['ask']) {
    this.stream = stream
    this.#ask = ask
    stream.once('close', () => {
      for (const watch of this.#open.values()) watch.gone()
      this.#open.clear()
    })
  }

  /** Takes a line of the agent; throws when it says nothing of a watch, or gives one the number of another. */
  take(line: Buffer): void {
    const said = watchBegins(line.toString('latin1'))
    if (!said) throw new Error('nothing can be made of a line over a link')
    const { number, path } = said
    if (path === undefined) this.#leave(number)
    else this.#begin(number, path)
  }

  #leave(number: number): void {
    const watch = this.#open.get(number)
    this.#open.delete(number)
    watch?.gone()
  }

  #begin(number: number, path: string): void {
    if (this.#open.has(number)) throw new Error(`two watches over a link have the number ${number}`)
    // The end of the link is the answer.
    if (this.#whenNone) return
    if (this.#open.size >= WATCHES_OPEN) this.#refuse(number, tooMany('the link has too many watches open'))
    else this.#serve(number, path)
  }

  #serve(number: number, path: string): void {
    this.#ask(by => {
      const watch = new LinkedWatch(this, by, number, path)
      this.#open.set(number, watch)
      return watch
    })
  }

  /** Begins none any more; calls when none is open. */
  close(whenNone: () => void): void {
    this.#whenNone = whenNone
    if (this.#open.size === 0) whenNone()
  }

  /** Writes a piece of what a watch says; false: wait for `drained`. */
  write(number: number, piece: Buffer | string): boolean {
    const { stream } = this
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    goOutTogether(stream)
    stream.write(goesOnText({ type: 'events', number, bytes: bytes.length }))
    return stream.write(bytes)
  }

  /** Writes the last that is said of a watch. */
  end(watch: LinkedWatch, said: WatchEnds): void {
    const { number } = watch
    if (this.#open.get(number) !== watch) return
    this.#open.delete(number)
    this.stream.write(goesOnText(said))
    if (this.#open.size === 0) this.#whenNone?.()
  }

  /** One wait for all: each listener of a stream is called by itself, and Node warns of many. */
  drained(clock: Clock): Promise<void> {
    this.#draining ??= draining(this.stream, undefined, clock)().then(() => {
      this.#draining = undefined
    })
    return this.#draining
  }

  #refuse(number: number, { code, status }: StatusError): void {
    this.stream.write(goesOnText({ type: 'refused', number, code, body: JSON.stringify(status) }))
  }
}

type WatchEnds = Exclude<WatchGoesOn, { readonly type: 'events' }>

/** One watch over a link, as a request and as what its events are written to: agents have tens of thousands open, so it holds no stream. */
class LinkedWatch extends BaseExchange implements Exchange, Outlet {
  readonly number: number
  url: string
  readonly headers: AskedBy['headers']
  readonly peer: Peer
  readonly #link: LinkWatches

  constructor(link: LinkWatches, { auditId, headers, peer }: AskedBy, number: number, url: string) {
    super(auditId)
    this.#link = link
    this.number = number
    this.url = url
    this.headers = headers
    this.peer = peer
  }

  get method(): string {
    return 'GET'
  }
  get onlyWatches(): boolean {
    return true
  }
  override gone(): void {
    super.gone()
  }

  async readBody(): Promise<Buffer> {
    return Buffer.alloc(0)
  }
  send(code: number, _headers: ResponseHeaders, body: Uint8Array | string): void {
    this.code = code
    this.#link.end(this, { type: 'refused', number: this.number, code, body: Buffer.from(body).toString() })
  }
  openOutlet(code: number): Outlet {
    this.code = code
    // What is open for long holds what it needs only.
    this.url = ''
    this.auditId = ''
    return this
  }
  open(): never {
    throw internalError('a watch over a link is no stream')
  }
  openBothWays(): undefined {
    return undefined
  }

  get destroyed(): boolean {
    return this.aborted || this.#link.stream.destroyed
  }
  write(piece: Buffer | string): boolean {
    return this.#link.write(this.number, piece)
  }
  drained(clock: Clock): Promise<void> {
    return this.#link.drained(clock)
  }
  end(): void {
    this.#link.end(this, { type: 'ended', number: this.number })
  }
}
