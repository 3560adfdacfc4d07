import { type StatusError, unavailable } from '../../api/meta/status.ts'
import { ASKED_BYTES, askText, beginsText, REQUESTS_OPEN, requestGoesOn } from '../../api/node-requests.ts'
import type { AnsweredElsewhere, AskedElsewhere, Elsewhere, WatchBody } from '../http/elsewhere.ts'
import { failureOf } from '../http/failure.ts'
import { ExpectedLink } from './expected-link.ts'

/** Takes what the server says over a link. */
export interface AttachedRequests {
  /** Takes a line; says how many bytes follow, undefined when it says nothing of a request. Throws when it cannot be read. */
  line(text: string): number | undefined
  bytes(piece: Buffer): void
  /** The link is over: its requests fail as those do whose connection is lost. */
  detach(): void
}

/** Takes what comes of one request. */
interface Asked {
  take(piece: Buffer): void
  /** How many bytes of an answer come. */
  answered?(code: number, bytes: number): void
  end(failure?: StatusError): void
}

interface Link {
  readonly send: (line: string) => void
  readonly takesRequests: boolean
  /** Its requests by number. */
  readonly open: Map<number, Asked>
}

/** Whoever leaves more lying cannot keep up; the others of the link do not wait for them. */
const LEFT_LYING_BYTES = 4 * 1024 * 1024

/** What an agent watches and asks: over its link while there is one that takes it, which costs a fraction of a request. */
export class LinkRequests implements Elsewhere {
  readonly #expected = new ExpectedLink()
  #link: Link | undefined
  #lastNumber = 0

  /** Waits for a link that is about to be there; undefined: it is to be a request. */
  async open(path: string, signal: AbortSignal): Promise<WatchBody | undefined> {
    if (!this.#link) await this.#expected.wait(signal)
    if (!this.#link || this.#link.open.size >= REQUESTS_OPEN) return undefined
    const { send, open } = this.#link
    const number = ++this.#lastNumber
    const body = new LinkedBody(signal, () => {
      if (open.delete(number)) send(beginsText({ number, path: undefined }))
    })
    open.set(number, body)
    send(beginsText({ number, path }))
    return body
  }

  /** Undefined: it is to be a request. */
  ask({ method, path, type, body, signal }: AskedElsewhere): Promise<AnsweredElsewhere> | undefined {
    const bytes = body === undefined ? 0 : Buffer.byteLength(body)
    if (!this.#link?.takesRequests || this.#link.open.size >= REQUESTS_OPEN || bytes > ASKED_BYTES || signal?.aborted) return undefined
    const { send, open } = this.#link
    const number = ++this.#lastNumber
    const answer = new LinkedAnswer(() => open.delete(number))
    const stop = () => {
      if (open.delete(number)) send(beginsText({ number, path: undefined }))
      answer.end(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
    open.set(number, answer)
    send(askText({ number, method, bytes, type, path }) + (body ?? ''))
    return answer.whole.finally(() => signal?.removeEventListener('abort', stop))
  }

  /** Whether there is a link. */
  get linked(): boolean {
    return this.#link !== undefined
  }

  /** Requests go over this link from now on, or over none when it takes none. */
  attach(send: Link['send'] | undefined, takesRequests = false): AttachedRequests {
    const open = new Map<number, Asked>()
    const link = send && { send, takesRequests, open }
    this.#link = link
    this.#expected.settled()
    let current: Asked | undefined
    return {
      line: text => {
        const said = requestGoesOn(text)
        if (!said) return undefined
        const { number } = said
        current = open.get(number)
        if (said.type === 'events') return said.bytes
        if (said.type === 'answer') {
          current?.answered?.(said.code, said.bytes)
          return said.bytes
        }
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
        for (const one of lost) one.end(unavailable('the request was cut off: the link to the server was closed'))
      },
    }
  }

  /** The server refuses a link: everything is a request until there is one. */
  unlinked(): void {
    this.#expected.settled()
  }
}

/** The answer to one request, until it is complete. */
class LinkedAnswer implements Asked {
  readonly #settle = Promise.withResolvers<AnsweredElsewhere>()
  readonly #over: () => void
  readonly #pieces: Buffer[] = []
  #code = 0
  #missing = 0

  /** `over` is called when it is complete. */
  constructor(over: () => void) {
    this.#over = over
  }

  get whole(): Promise<AnsweredElsewhere> {
    return this.#settle.promise
  }

  answered(code: number, bytes: number): void {
    this.#code = code
    this.#missing = bytes
    if (bytes === 0) this.#complete()
  }

  take(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#missing -= piece.length
    if (this.#missing === 0) this.#complete()
  }

  #complete(): void {
    this.#over()
    this.#settle.resolve({ code: this.#code, text: Buffer.concat(this.#pieces).toString() })
  }

  end(failure: unknown = unavailable('the request was not answered')): void {
    this.#settle.reject(failure)
  }
}

/** What comes of one watch, until somebody takes it. */
class LinkedBody implements WatchBody, Asked {
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
