/** Connections that speak HTTP/2 as nobody should: each is ended, and nobody else waits. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { type Connection, readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { type Cluster, startCluster } from '../support/cluster.ts'
import {
  CONTINUATION,
  END_HEADERS,
  END_STREAM,
  frame,
  get,
  HEADERS,
  literal,
  PING,
  PREFACE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from '../support/http2-frames.ts'
import { pour, times } from '../support/pour.ts'
import { watched } from '../support/watchdog.ts'

let cluster: Cluster
let admin: Connection
before(async () => {
  cluster = await startCluster(['--nodes', '0', '--simulated', '1'])
  admin = await readKubeconfig({ file: cluster.kubeconfig })
})
after(() => cluster?.stop())

/** A connection as the administrator, who may the most. */
async function open(alpn: 'h2' | 'http/1.1'): Promise<TLSSocket> {
  const { hostname, port } = new URL(admin.server)
  const { authority: ca, certificate: cert, key } = admin
  const socket = connect({ host: hostname, port: Number(port), ca, cert, key, ALPNProtocols: [alpn] })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket
}

const residentMiB = (): number => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${cluster.process.pid}/status`, 'utf8'))?.[1]) / 1024)
/** No answer to somebody else takes longer. */
const HANG_MS = 5_000
/** No flood makes the server hold so much more. */
const MOST_MIB = 250

/** Whether the server ended the connection, while whoever asked beside it was answered and memory stayed within bounds. */
async function suffers(name: string, flood: () => Promise<TLSSocket>): Promise<string> {
  const before = residentMiB()
  const { result, longestMs } = await watched(admin, async () => {
    const socket = await flood()
    const ended = socket.destroyed || (await Promise.race([once(socket, 'close').then(() => true), sleep(1_500).then(() => false)]))
    socket.destroy()
    return ended ? 'ended' : 'borne'
  })
  if (longestMs > HANG_MS) return `${name}: somebody else waited ${longestMs} ms`
  const grown = residentMiB() - before
  return grown > MOST_MIB ? `${name}: ${grown} MiB more` : `${name}: ${result}`
}

test('an HTTP/2 connection that is only there to keep the server busy is ended', async () => {
  const h2 = (pieces: () => Iterable<Buffer>, reads: boolean) => async () => {
    const socket = await open('h2')
    if (reads) socket.resume()
    socket.write(PREFACE)
    await pour(socket, pieces())
    return socket
  }
  const request = (stream: number, more: Buffer = Buffer.alloc(0)) =>
    frame(HEADERS, END_HEADERS | END_STREAM, stream, Buffer.concat([get('/api/v1/pods'), more]))
  const reset = (stream: number) => frame(RST_STREAM, 0, stream, Buffer.from([0, 0, 0, 8]))
  const endless = function* (): Iterable<Buffer> {
    yield frame(HEADERS, END_STREAM, 1, get('/version'))
    yield* times(20_000, i => frame(CONTINUATION, 0, 1, literal(`x-${i}`, 'y'.repeat(100))), 50)
  }
  const window = Buffer.from([0x7f, 0xff, 0xff, 0xff])
  const kept = function* (): Iterable<Buffer> {
    yield frame(HEADERS, END_HEADERS | END_STREAM, 1, Buffer.concat([get('/version'), literal('x-kept', 'y'.repeat(100), true)]))
    // Each byte names the kept header again: a small frame that stands for megabytes.
    yield frame(HEADERS, END_HEADERS | END_STREAM, 3, Buffer.concat([get('/version'), Buffer.alloc(16_000, 0xbe)]))
    yield* times(50, i => frame(HEADERS, END_HEADERS | END_STREAM, 5 + 2 * i, Buffer.concat([get('/version'), Buffer.alloc(16_000, 0xbe)])), 5)
  }
  const lines = [
    await suffers(
      'streams opened and reset',
      h2(() => times(20_000, i => Buffer.concat([request(1 + 2 * i), reset(1 + 2 * i)])), true),
    ),
    await suffers(
      'pings whose answers nobody reads',
      h2(() => times(1_000_000, () => frame(PING, 0, 0, Buffer.alloc(8)), 2_000), false),
    ),
    await suffers(
      'settings whose answers nobody reads',
      h2(() => times(1_000_000, () => frame(SETTINGS, 0, 0), 2_000), false),
    ),
    await suffers('headers that never end', h2(endless, true)),
    await suffers('headers that unfold', h2(kept, true)),
    await suffers(
      'a window too large',
      h2(() => [frame(WINDOW_UPDATE, 0, 0, window), frame(WINDOW_UPDATE, 0, 0, window)], true),
    ),
    await suffers(
      'a frame that is none',
      h2(() => [frame(0, 0, 0, Buffer.alloc(10))], true),
    ),
    await suffers(
      'a frame longer than was agreed',
      h2(() => [frame(HEADERS, END_HEADERS, 1, Buffer.alloc(1_000_000))], true),
    ),
    await suffers('no HTTP/2 at all', async () => {
      const socket = await open('h2')
      socket.resume()
      socket.write('x'.repeat(10_000))
      return socket
    }),
  ]
  // Headers that grow too large cost their stream alone.
  const wanted = (name: string) => (name === 'headers that unfold' ? 'borne' : 'ended')
  assert.deepEqual(
    lines,
    lines.map(line => line.slice(0, line.indexOf(':'))).map(name => `${name}: ${wanted(name)}`),
  )
})
