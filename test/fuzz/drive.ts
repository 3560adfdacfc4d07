/** Sends the fuzzer's requests to a server over HTTPS and hands back what came. */
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { Agent, request as requestHttp1 } from 'node:https'
import type { Readable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import type { Connection } from '../../src/client/node/kubeconfig.ts'
import type { FuzzAnswer } from './judge.ts'
import type { FuzzRequest } from './requests.ts'

/** No answer begins later. */
const HANG_MS = 5_000
/** Watches and logs that go on are read this long. */
const STREAM_MS = 400
const MAX_READ = 8 * 1024 * 1024

export class Driver {
  readonly #connection: Connection
  readonly #agents: readonly [admin: Agent, nobody: Agent]
  readonly #sessions: [admin: ClientHttp2Session | undefined, nobody: ClientHttp2Session | undefined] = [undefined, undefined]

  constructor(connection: Connection) {
    this.#connection = connection
    const agent = (nobody: boolean) => new Agent({ keepAlive: true, maxSockets: 32, ...this.#tls(nobody) })
    this.#agents = [agent(false), agent(true)]
  }

  /** The answer; undefined where bytes were sent that need none. Throws when none came. */
  send(request: FuzzRequest): Promise<FuzzAnswer | undefined> {
    if (request.wire === 'bytes') return this.#bytes(request)
    if (request.wire === 'h1') return this.#http1(request)
    return this.#http2(request).catch(error => {
      // A server that closes an idle session refuses what meets the word of it on the way: nothing was done, as clients know.
      if (!/NGHTTP2_REFUSED_STREAM/.test((error as Error).message)) throw error
      return this.#http2(request)
    })
  }
  close(): void {
    for (const session of this.#sessions) session?.destroy()
    for (const agent of this.#agents) agent.destroy()
  }

  #tls(nobody: boolean) {
    const { authority, certificate, key } = this.#connection
    return nobody ? { ca: authority } : { ca: authority, cert: certificate, key }
  }

  #sessionOf(nobody: boolean): ClientHttp2Session {
    const at = nobody ? 1 : 0
    const held = this.#sessions[at]
    if (held && !held.closed && !held.destroyed) return held
    const session = connectHttp2(this.#connection.server, this.#tls(nobody))
    session.on('error', () => {})
    this.#sessions[at] = session
    return session
  }

  #http2({ method, url, headers, body, nobody = false }: FuzzRequest): Promise<FuzzAnswer> {
    const stream = this.#sessionOf(nobody).request({ ...headers, ':method': method, ':path': url }, { endStream: body === undefined })
    return new Promise((resolve, reject) => {
      const hang = setTimeout(() => {
        reject(new Error(`no answer within ${HANG_MS} ms`))
        stream.destroy()
      }, HANG_MS)
      stream.on('error', error => {
        clearTimeout(hang)
        reject(error)
      })
      const closed = () => {
        clearTimeout(hang)
        reject(new Error('the stream was closed without an answer'))
      }
      stream.once('close', closed)
      stream.once('response', got => {
        clearTimeout(hang)
        stream.off('close', closed)
        const code = Number(got[':status'])
        read(stream, lasting(code, url)).then(({ bytes, cut }) => resolve(answerOf(code, got as FuzzAnswer['headers'], bytes, cut)), reject)
      })
      if (body !== undefined) stream.end(body)
    })
  }

  #http1({ method, url, headers, body, nobody }: FuzzRequest): Promise<FuzzAnswer> {
    const { hostname, port } = new URL(this.#connection.server)
    return new Promise((resolve, reject) => {
      const all = { ...headers, ...(body && { 'content-length': String(body.length) }) }
      const sent = requestHttp1({ hostname, port, method, path: url, headers: all, agent: this.#agents[nobody ? 1 : 0] }, response => {
        clearTimeout(hang)
        const code = response.statusCode ?? 0
        read(response, lasting(code, url)).then(({ bytes, cut }) => resolve(answerOf(code, response.headers, bytes, cut)), reject)
      })
      const hang = setTimeout(() => sent.destroy(new Error(`no answer within ${HANG_MS} ms`)), HANG_MS)
      sent.on('error', error => {
        clearTimeout(hang)
        reject(error)
      })
      sent.end(body)
    })
  }

  /** Pieces one after the other; what must come is an answer or the end of the connection, unless the server waits for more frames. */
  #bytes({ pieces = [], nobody = false }: FuzzRequest): Promise<undefined> {
    const { hostname, port } = new URL(this.#connection.server)
    return new Promise((resolve, reject) => {
      const socket = connectTls({ host: hostname, port: Number(port), ...this.#tls(nobody), ALPNProtocols: ['http/1.1'] })
      const done = (error?: Error) => {
        clearTimeout(hang)
        socket.destroy()
        if (error) reject(error)
        else resolve(undefined)
      }
      const hang = setTimeout(() => done(new Error(`neither an answer nor an end within ${HANG_MS} ms`)), HANG_MS)
      socket.on('error', () => done())
      socket.on('close', () => done())
      socket.once('data', head => {
        const first = head.toString('latin1')
        if (/^HTTP\/1.1 5(?!03)/.test(first) || first.includes('"InternalError"')) done(new Error(first.slice(0, 400)))
        else setTimeout(done, 50)
      })
      socket.once('secureConnect', () => {
        for (const piece of pieces) socket.write(piece)
      })
    })
  }
}

/** A refusal ends at once, whatever was asked. */
const lasting = (code: number, url: string): boolean => code === 200 && /[?&](watch|follow)\b/.test(url)

function read(body: Readable, streams: boolean): Promise<{ bytes: Buffer; cut: boolean }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const finish = (cut: boolean) => {
      clearTimeout(timer)
      resolve({ bytes: Buffer.concat(chunks), cut })
      if (cut) body.destroy()
    }
    const timer = setTimeout(
      () => {
        if (streams) return finish(true)
        reject(new Error(`an answer that did not end within ${HANG_MS} ms`))
        body.destroy()
      },
      streams ? STREAM_MS : HANG_MS,
    )
    body.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size > MAX_READ) finish(true)
    })
    body.once('end', () => finish(false))
    body.once('error', error => {
      clearTimeout(timer)
      reject(error)
    })
  })
}

function answerOf(code: number, headers: FuzzAnswer['headers'], bytes: Buffer, cut: boolean): FuzzAnswer {
  const body = headers['content-encoding'] === 'gzip' && !cut && bytes.length > 0 ? gunzipSync(bytes) : bytes
  return { code, headers, body: body.toString('utf8'), cut }
}
