/** Bytes for a TLS socket: upgrades with frames behind them, and requests that no HTTP library would write. */
import { constants, deflateSync } from 'node:zlib'
import { SPDY_DICTIONARY } from '../../src/base/node/spdy-dictionary.ts'
import type { Random } from '../sim/random.ts'
import { mutateBytes } from './values.ts'

/** SPDY within WebSocket messages. */
const TUNNEL = 'SPDY/3.1+portforward.k8s.io'
const PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'base64.channel.k8s.io',
  TUNNEL,
  'x',
  '',
  'v5.channel.k8s.io,,,',
  '__proto__',
  ' ,v4.channel.k8s.io',
]
const PATHS = [
  '/api/v1/namespaces/default/pods/a/exec?command=ls&stdin=true&stdout=true&container=main',
  '/api/v1/namespaces/default/pods/a/exec?command=ls&stdin=true&stdout=true&tty=true',
  '/api/v1/namespaces/default/pods/a/attach?stdout=true&stdin=true',
  '/api/v1/namespaces/default/pods/a/portforward?ports=80',
  '/api/v1/namespaces/default/pods/a/portforward',
  '/api/v1/namespaces/default/pods/a/exec',
  '/api/v1/namespaces/default/pods?watch=1&timeoutSeconds=1',
  '/apis/everynode.dev/v1/nodes/sim-1/link',
  '/version',
]

export function upgradeBytes(random: Random): readonly Buffer[] {
  if (random.chance(0.3)) return [strange(random)]
  const spdy = random.chance(0.45)
  const path = random.pick(PATHS)
  const protocol = random.pick(PROTOCOLS)
  const lines = [
    `${random.chance(0.7) ? 'GET' : 'POST'} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Connection: ${random.pick(['Upgrade', 'upgrade', 'keep-alive, Upgrade'])}`,
    `Upgrade: ${spdy ? random.pick(['SPDY/3.1', 'spdy/3.1']) : random.pick(['websocket', 'WebSocket', 'h2c', 'x'])}`,
    ...(spdy ? [`X-Stream-Protocol-Version: ${random.pick(['v4.channel.k8s.io', 'portforward.k8s.io', 'x', ''])}`] : []),
    ...(spdy || random.chance(0.05) ? [] : [`Sec-WebSocket-Key: ${random.pick(['dGhlIHNhbXBsZSBub25jZQ==', 'x', ''])}`]),
    ...(spdy ? [] : [`Sec-WebSocket-Version: ${random.pick(['13', '13', '13', '12', 'x'])}`, `Sec-WebSocket-Protocol: ${protocol}`]),
  ]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
  const frames = Array.from({ length: random.below(6) }, () => {
    const within = protocol === TUNNEL ? spdyFrame(random) : undefined
    const frame = spdy ? spdyFrame(random) : webSocketFrame(random, within)
    return random.chance(0.4) ? mutateBytes(frame, random) : frame
  })
  return [head, ...frames]
}

function webSocketFrame(random: Random, within: Buffer | undefined): Buffer {
  const payload =
    within?.subarray(0, 125) ?? Buffer.from([random.pick([0, 1, 2, 3, 4, 5, 255]), ...Array.from({ length: random.below(30) }, () => random.below(256))])
  const first = random.pick([0x82, 0x81, 0x88, 0x89, 0x8a, 0x02, 0x80, 0xf2, 0x8f])
  const masked = random.chance(0.9) ? 0x80 : 0
  const claimed = random.chance(0.9) ? payload.length : random.pick([0, 125, payload.length + 5])
  const mask = Buffer.from([1, 2, 3, 4])
  const length = random.chance(0.05) ? Buffer.from([masked | 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]) : Buffer.from([masked | claimed])
  return Buffer.concat([Buffer.from([first]), length, ...(masked ? [mask] : []), payload.map((byte, i) => (masked ? byte ^ mask[i % 4]! : byte))])
}

function spdyFrame(random: Random): Buffer {
  if (random.chance(0.3)) {
    const payload = Buffer.from('data'.repeat(random.below(10)))
    const head = Buffer.alloc(8)
    head.writeUInt32BE(random.pick([1, 3, 5, 2, 0x7fffffff]), 0)
    head.writeUInt32BE(random.chance(0.9) ? payload.length : 0xffffff, 4)
    return Buffer.concat([head, payload])
  }
  const types = [1, 2, 3, 4, 6, 7, 8, 9, 99]
  const payloads = [
    () =>
      Buffer.concat([
        Buffer.from([0, 0, 0, random.pick([1, 3, 5]), 0, 0, 0, 0, 0, 0]),
        deflateSync(headerBlock(random), random.chance(0.9) ? { dictionary: SPDY_DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH } : {}),
      ]),
    () => Buffer.from([0, 0, 0, random.below(6), 0, 0, 0, random.below(12)]),
    () => Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    () => Buffer.alloc(random.below(20), random.below(256)),
  ]
  const payload = random.pick(payloads)()
  const head = Buffer.alloc(8)
  head.writeUInt16BE(0x8003, 0)
  head.writeUInt16BE(random.chance(0.5) ? 1 : random.pick(types), 2)
  head.writeUInt32BE(random.chance(0.95) ? payload.length : 0xffffff, 4)
  return Buffer.concat([head, payload])
}

function headerBlock(random: Random): Buffer {
  const pairs = [
    ['streamtype', random.pick(['stdin', 'error', 'data', 'x', '__proto__'])],
    ['port', random.pick(['80', '-1', 'x'])],
    ['requestid', '0'],
  ] as const
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(random.chance(0.95) ? bytes.length : 0x7fffffff)
    return Buffer.concat([length, bytes])
  }
  const count = Buffer.alloc(4)
  count.writeUInt32BE(random.chance(0.95) ? pairs.length : 0xffffffff)
  return Buffer.concat([count, ...pairs.flatMap(([name, value]) => [text(name), text(value)])])
}

/** Ends in itself: either a whole request or nothing that could become one. */
function strange(random: Random): Buffer {
  return Buffer.from(
    random.pick([
      'GET / HTTP/9.9\r\n\r\n',
      'GET /version HTTP/1.1\r\n\r\n',
      'GET http://127.0.0.1/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'GET \x00 HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET /api/v1/\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
      'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n',
      'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 99999999999999\r\n\r\n',
      'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 99999999999999999999999\r\n\r\n',
      `GET /version HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`,
      `GET /${'a/'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n',
      'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'GET /version HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
      'GET /version HTTP/1.1\r\nHost: x\r\nExpect: x\r\nConnection: close\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n',
    ]),
    'latin1',
  )
}
