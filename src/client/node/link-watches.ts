import { type StatusError, unavailable } from '../../api/meta/status.ts'
import { beginsText, WATCHES_OPEN, watchGoesOn } from '../../api/node-watches.ts'
import { failureOf } from '../http/failure.ts'
import type { OtherWay, WatchBody } from '../http/watch-lines.ts'
import { ExpectedLink } from './expected-link.ts'

/** Takes what the server says over a link. */
export interface AttachedWatches {
  /** Takes a line; says how many bytes follow, undefined when it says nothing of a watch. Throws when it cannot be read. */
  line(text: string): number | undefined
  bytes(piece: Buffer): void
  /** The link is over: its watches fail as those do whose connection is lost. */
  detach(): void
}

interface Link {
  readonly send: (line: string) => void
  /** Its watches by number. */
  readonly open: Map<number, LinkedBody>
}

/** Whoever leaves more lying cannot keep up; the others of the link do not wait for them. */
const LEFT_LYING_BYTES = 4 * 1024 * 1024

/** The watches of an agent: over its link while there is one that takes them, which costs a fraction of a request. */
export class LinkWatches implements OtherWay {
  readonly #expected = new ExpectedLink()
  #link: Link | undefined
  #lastNumber = 0

  /** Waits for a link that is about to be there; undefined: it is to be a request. */
  async open(path: string, signal: AbortSignal): Promise<WatchBody | undefined> {
    if (!this.#link) await this.#expected.wait(signal)
    if (!this.#link || this.#link.open.size >= WATCHES_OPEN) return undefined
    const { send, open } = this.#link
    const number = ++this.#lastNumber
    const body = new LinkedBody(signal, () => {
      if (open.delete(number)) send(beginsText({ number, path: undefined }))
    })
    open.set(number, body)
    send(beginsText({ number, path }))
    return body
  }

  /** Watches go over this link from now on, or over none when it takes none. */
  attach(send: Link['send'] | undefined): AttachedWatches {
    const open = new Map<number, LinkedBody>()
    const link = send && { send, open }
    this.#link = link
    this.#expected.settled()
    let current: LinkedBody | undefined
    return {
      line: text => {
        const said = watchGoesOn(text)
        if (!said) return undefined
        const { number } = said
        current = open.get(number)
        if (said.type === 'events') return said.bytes
        open.delete(number)
        current?.end(said.type === 'refused' ? failureOf(said.code, said.body) : undefined)
        return 0
      },
      bytes: piece => current?.take(piece),
      detach: () => {
        if (this.#link === link) {
          this.#link = undefined
          this.#expected.lost()
        }
        const lost = [...open.values()]
        open.clear()
        for (const body of lost) body.end(unavailable('the watch was cut off: the link to the server was closed'))
      },
    }
  }

  /** The server refuses a link: watches are requests until there is one. */
  unlinked(): void {
    this.#expected.settled()
  }
}

/** What comes of one watch, until somebody takes it. */
class LinkedBody implements WatchBody {
  readonly #signal: AbortSignal
  readonly #leave: () => void
  readonly #pieces: Buffer[] = []
  #lying = 0
  #over = false
  #failure: StatusError | undefined
  #wake: (() => void) | undefined
  readonly #stop = () => this.destroy()

  /** `leave` is called when no more of it is wanted. */
  constructor(signal: AbortSignal, leave: () => void) {
    this.#signal = signal
    this.#leave = leave
    signal.addEventListener('abort', this.#stop, { once: true })
  }

  take(piece: Buffer): void {
    if (this.#over) return
    this.#pieces.push(piece)
    this.#lying += piece.length
    if (this.#lying > LEFT_LYING_BYTES) {
      this.#leave()
      this.end(unavailable('the watch was cut off: nobody takes its events'))
    }
    this.#wake?.()
  }

  /** No more comes. */
  end(failure?: StatusError): void {
    if (this.#over) return
    this.#over = true
    this.#failure = failure
    this.#signal.removeEventListener('abort', this.#stop)
    this.#wake?.()
  }

  destroy(): void {
    this.#leave()
    this.#pieces.length = 0
    this.end()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    for (;;) {
      const piece = this.#pieces.shift()
      if (piece) {
        this.#lying -= piece.length
        yield piece
      } else if (this.#failure) throw this.#failure
      else if (this.#over) return
      else await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }
}
