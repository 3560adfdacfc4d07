/**
 * A client that costs as little as a client can: HTTP/1.1 written by hand on TLS sockets, one request at a time on each, answers
 * skipped by their length. What the two cores of a bench spend on asking is not to be taken for the server's.
 */
import { connect, type TLSSocket } from 'node:tls'

export interface Target {
  readonly host: string
  readonly port: number
  readonly authority: string
  /** Whose connections they are, in turn. */
  readonly clients: readonly { readonly certificate: string; readonly key: string }[]
}

export interface Ask {
  readonly method: string
  readonly path: string
  readonly type?: string
  readonly body?: string
}

export interface Load {
  readonly connections: number
  readonly seconds: number
}

export interface Served {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly count: number
  /** Answers from 300 on, by code. */
  readonly refused: Readonly<Record<string, number>>
}

const HEAD_END = Buffer.from('\r\n\r\n')

/** Asks on every connection again and again for so long; the first tenth is not counted. */
export async function load(target: Target, asks: readonly Ask[], { connections, seconds }: Load): Promise<Served> {
  const sockets = await Promise.all(Array.from({ length: connections }, (_, i) => open(target, target.clients[i % target.clients.length]!)))
  const times: number[] = []
  const refused: Record<string, number> = {}
  const began = performance.now()
  const from = began + seconds * 100
  const until = began + seconds * 1100
  try {
    await Promise.all(
      sockets.map(async (socket, i) => {
        const requests = asks.map(ask => encode(target, ask))
        for (let n = i; ; n++) {
          const sent = performance.now()
          if (sent >= until) return
          const code = await socket.ask(requests[n % requests.length]!)
          const ended = performance.now()
          if (code >= 300) refused[code] = (refused[code] ?? 0) + 1
          else if (sent >= from && ended <= until) times.push(ended - sent)
        }
      }),
    )
  } finally {
    for (const { end } of sockets) end()
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => Number((times[Math.floor(times.length * share)] ?? Number.NaN).toFixed(2))
  return { perSecond: Math.round(times.length / seconds), p50Ms: at(0.5), p99Ms: at(0.99), count: times.length, refused }
}

function encode({ host, port }: Target, { method, path, type = 'application/json', body = '' }: Ask): Buffer {
  const bytes = Buffer.from(body)
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}:${port}`,
    'Accept: application/json',
    'User-Agent: bench',
    ...(body ? [`Content-Type: ${type}`, `Content-Length: ${bytes.length}`] : []),
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes])
}

interface Open {
  /** Sends a request; resolves with the code once the whole answer is here. */
  ask(request: Buffer): Promise<number>
  end(): void
}

async function open({ host, port, authority }: Target, { certificate, key }: Target['clients'][number]): Promise<Open> {
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const made = connect({ host, port, ca: authority, ALPNProtocols: ['http/1.1'], cert: certificate, key }, () => resolve(made))
    made.once('error', reject)
  })
  socket.setNoDelay(true)
  let done: { resolve(code: number): void; reject(error: Error): void } | undefined
  let head: Buffer | undefined
  let code = 0
  /** Bytes of the body still to come; -1 for one in chunks, which ends with an empty chunk. */
  let left = 0
  let tail = ''
  const take = (chunk: Buffer) => {
    let rest = chunk
    if (code === 0) {
      const all = head ? Buffer.concat([head, chunk]) : chunk
      const end = all.indexOf(HEAD_END)
      if (end < 0) {
        head = all
        return
      }
      head = undefined
      const text = all.toString('latin1', 0, end)
      code = Number(text.slice(9, 12))
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
      left = length === undefined ? -1 : Number(length)
      tail = ''
      rest = all.subarray(end + HEAD_END.length)
    }
    if (left >= 0) left -= rest.length
    else tail = (tail + rest.toString('latin1', Math.max(0, rest.length - 7))).slice(-7)
    if (left === 0 || tail.endsWith('\r\n0\r\n\r\n')) {
      const answered = code
      code = 0
      done?.resolve(answered)
    }
  }
  socket.on('data', take)
  const failed = (error?: Error) => done?.reject(error ?? new Error('the server closed the connection'))
  socket.on('error', failed)
  socket.on('close', () => failed())
  return {
    ask: request =>
      new Promise((resolve, reject) => {
        done = { resolve, reject }
        socket.write(request)
      }),
    end() {
      done = undefined
      socket.destroy()
    },
  }
}
