import { Writable } from 'node:stream'
import { internalError, StatusError } from '../../api/meta/status.ts'
import type { AskBegins, RequestGoesOn } from '../../api/node-requests.ts'
import { BaseExchange } from '../http/base-exchange.ts'
import type { Exchange, Peer, ResponseHeaders } from '../http/exchange.ts'
import type { AskedBy } from '../http/routes.ts'

const NOTHING = Buffer.alloc(0)

/** Where an answer goes. */
export interface Answered {
  end(one: LinkedAsk, said: Extract<RequestGoesOn, { readonly type: 'answer' }>, body: Buffer): void
}

/** One request over a link that is no watch: it has come whole, and is answered whole. */
export class LinkedAsk extends BaseExchange implements Exchange {
  readonly number: number
  readonly method: string
  readonly url: string
  readonly headers: AskedBy['headers']
  readonly peer: Peer
  /** Bytes of its body. */
  readonly bytes: number
  readonly #link: Answered
  #body: Buffer

  constructor(link: Answered, { auditId, headers, peer }: AskedBy, { number, method, type, path }: AskBegins, body: Buffer) {
    super(auditId)
    this.#link = link
    this.#body = body
    this.bytes = body.length
    this.number = number
    this.method = method
    this.url = path
    this.headers = { ...headers, 'content-type': type, 'content-length': String(body.length) }
    this.peer = peer
  }

  get only(): 'objects' {
    return 'objects'
  }
  override gone(): void {
    // It may wait for its turn long after nobody wants it.
    this.#body = NOTHING
    super.gone()
  }

  async readBody(limit: number): Promise<Buffer> {
    if (this.#body.length > limit) throw new StatusError('RequestEntityTooLarge', `Request entity too large: limit is ${limit}`)
    return this.#body
  }
  send(code: number, _headers: ResponseHeaders, body: Uint8Array | string): void {
    this.code = code
    const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    this.#link.end(this, { type: 'answer', number: this.number, code, bytes: bytes.length }, bytes)
  }
  /** An object that is written piece by piece, of at most some megabytes. */
  open(code: number, headers: ResponseHeaders): Writable {
    this.code = code
    const pieces: Buffer[] = []
    return new Writable({
      decodeStrings: true,
      write: (piece: Buffer, _encoding, done) => {
        pieces.push(piece)
        done()
      },
      final: done => {
        this.send(code, headers, Buffer.concat(pieces))
        done()
      },
    })
  }
  openOutlet(): never {
    throw internalError('what is answered over a link at once is no watch')
  }
  openBothWays(): undefined {
    return undefined
  }
}
