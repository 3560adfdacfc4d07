import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createListener, type Server } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { LifecycleHandler, Probe } from '../../api/types/core/probe.ts'
import { FakeClock } from '../../base/clock.ts'
import { type ExecResult, ExecTimeout } from '../runtime/runtime.ts'
import { SimulatedRuntime } from '../runtime/simulated/simulated.ts'
import { runHook, runProbe } from './run.ts'

/** Commands by their first word. */
class Shell extends SimulatedRuntime {
  override async exec(_id: string, [program]: readonly string[], { timeoutMs }: { readonly timeoutMs: number }): Promise<ExecResult> {
    if (program === 'true') return { exitCode: 0, output: '' }
    if (program === 'false') return { exitCode: 1, output: 'no' }
    if (program === 'sleep') throw new ExecTimeout(timeoutMs)
    throw new Error('rpc error: code = Unknown desc = there is no such program')
  }
}

describe('a probe', () => {
  const runtime = new Shell({ clock: new FakeClock() })
  const servers: Server[] = []
  let web = 0
  let silent = 0
  let closed = 0
  const listening = async (server: Server): Promise<number> => {
    servers.push(server)
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    return (server.address() as AddressInfo).port
  }
  before(async () => {
    const answer: RequestListener = ({ url, headers }, response) => {
      const [, status = '200', rest] = url?.split('/') ?? []
      if (rest) response.setHeader('Location', rest === 'away' ? 'http://elsewhere.example/' : rest === 'round' ? `/302/round` : `/${rest}`)
      response.statusCode = status === 'host' && headers.host === 'named' ? 200 : Number(status) || 500
      response.end('the body')
    }
    web = await listening(createServer(answer))
    silent = await listening(createListener(() => {}))
    const gone = createListener()
    closed = await listening(gone)
    await new Promise(done => gone.close(done))
  })
  after(() => {
    for (const server of servers) server.close()
  })

  const signal = new AbortController().signal
  const target = () => ({ container: { name: 'c', ports: [{ name: 'web', containerPort: web }] }, id: 'id', address: '127.0.0.1' })
  const said = async (probe: Probe) => {
    const { verdict, message } = await runProbe(probe, target(), runtime, signal)
    const named = [String(web), String(silent), String(closed)].reduce((text, port, i) => text.replaceAll(port, ['WEB', 'SILENT', 'CLOSED'][i]!), message)
    return named ? `${verdict}: ${named}` : verdict
  }
  const http = (path: string, port: number | string = 'web', rest: Partial<NonNullable<Probe['httpGet']>> = {}): Probe => ({
    httpGet: { path, port, ...rest },
    timeoutSeconds: 1,
  })

  for (const [what, probe, expected] of [
    ['that the program says yes', () => ({ exec: { command: ['true'] } }), 'success'],
    ['what the program says when it says no', () => ({ exec: { command: ['false'] } }), 'failure: no'],
    [
      'that the program took too long',
      () => ({ exec: { command: ['sleep', '9'] }, timeoutSeconds: 61 }),
      'failure: command timed out: "sleep 9" timed out after 1m1s',
    ],
    [
      'nothing of a container whose program it cannot start',
      () => ({ exec: { command: ['none'] } }),
      'unknown: rpc error: code = Unknown desc = there is no such program',
    ],
    ['that the server is well, at a port by name', () => http('/200'), 'success'],
    ['that the server is not', () => http('/503'), 'failure: HTTP probe failed with statuscode: 503'],
    ['what is asked of the host that it names', () => http('host', 'web', { httpHeaders: [{ name: 'Host', value: 'named' }] }), 'success'],
    ['what a redirect on the same host leads to', () => http('/302/500'), 'failure: HTTP probe failed with statuscode: 500'],
    ['that it does not follow a redirect elsewhere', () => http('/302/away'), 'warning: Probe terminated redirects, Response body: the body'],
    ['that redirects do not end', () => http('/302/round'), 'failure: Get "/302/round": stopped after 10 redirects'],
    ['that nobody listens', () => http('/', closed), 'failure: Get "http://127.0.0.1:CLOSED/": dial tcp 127.0.0.1:CLOSED: connect: connection refused'],
    [
      'that nobody answers',
      () => http('/', silent),
      'failure: Get "http://127.0.0.1:SILENT/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    ],
    ['that there is no port of that name', () => http('/', 'none'), 'unknown: strconv.Atoi: parsing "none": invalid syntax'],
    ['that somebody listens', () => ({ tcpSocket: { port: silent } }), 'success'],
    ['that nobody listens, over TCP', () => ({ tcpSocket: { port: closed } }), 'failure: dial tcp 127.0.0.1:CLOSED: connect: connection refused'],
    [
      'that nobody listens, over gRPC',
      () => ({ grpc: { port: closed }, timeoutSeconds: 1 }),
      'failure: timeout: failed to connect service "127.0.0.1:CLOSED" within 1s: context deadline exceeded',
    ],
  ] as const satisfies readonly (readonly [string, () => Probe, string])[]) {
    it(`tells ${what}`, async () => assert.equal(await said(probe()), expected))
  }

  it('tells what the health service says of the server, and of one of its services', async () => {
    const grpc = await import('@grpc/grpc-js')
    const server = new grpc.Server()
    const asIs = (bytes: Buffer) => bytes
    const check = { path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false } as const
    const methods = { check: { ...check, requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs } }
    // Field 1 is the name; the long one takes two bytes for its length.
    const stateOf = (request: Buffer) => (request.length === 0 ? 1 : request.length === 203 && request.toString().endsWith('y') ? 2 : 3)
    server.addService(methods, {
      check: (call: { request: Buffer }, done: (error: object | null, answer?: Buffer) => void) => {
        if (call.request.toString().endsWith('none')) done({ code: grpc.status.NOT_FOUND, details: 'unknown service' })
        else done(null, Buffer.from([0x08, stateOf(call.request)]))
      },
    })
    const port = await new Promise<number>((done, fail) =>
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? fail(error) : done(bound))),
    )
    try {
      assert.equal(await said({ grpc: { port }, timeoutSeconds: 5 }), 'success')
      assert.equal(await said({ grpc: { port, service: 'y'.repeat(200) }, timeoutSeconds: 5 }), 'failure: service unhealthy (responded with "NOT_SERVING")')
      assert.equal(
        await said({ grpc: { port, service: 'none' }, timeoutSeconds: 5 }),
        'failure: error: health rpc probe failed: rpc error: code = NotFound desc = unknown service',
      )
    } finally {
      server.forceShutdown()
    }
  })

  it('as a hook takes any answer of a server for one', async () => {
    const hook: LifecycleHandler = { httpGet: { path: '/503', port: 'web' } }
    assert.equal((await runHook(hook, target(), runtime, 1000, signal)).verdict, 'success')
  })
})
