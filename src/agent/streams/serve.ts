import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { allContainers } from '../../api/meta/pod.ts'
import { badRequest, notFound, StatusError } from '../../api/meta/status.ts'
import type { NodeStats } from '../../api/node-stats.ts'
import type { StreamRequest } from '../../api/node-stream.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Clock } from '../../base/clock.ts'
import { type LogOptions, readLog } from '../logs/follow.ts'
import { logDirectory, type NodePaths } from '../pod-files.ts'
import type { Doors } from '../runtime/backend.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { isAnswered, writeHead } from './write-head.ts'

export interface StreamContext {
  readonly pods: { find(namespace: string, name: string): Pod | undefined }
  readonly paths: NodePaths
  readonly runtime: Runtime
  readonly doors: Doors
  readonly stats: { stats(): Promise<NodeStats> }
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Serves one stream that the server opened: writes the head line, then bytes, and ends it. */
export async function serveNodeStream(request: StreamRequest, stream: Duplex, context: StreamContext): Promise<void> {
  stream.on('error', () => {})
  try {
    const [, verb, namespace = '', name = '', container = ''] = request.path.split('/').map(decodeURIComponent)
    const pod = context.pods.find(namespace, name)
    if (verb === 'stats') return await serveStats(stream, context)
    if (!pod) throw notFound({ group: '', resource: 'pods' }, name)
    if (verb === 'containerLogs') await serveLogs(pod, container, request, stream, context)
    else if (verb === 'exec' || verb === 'attach') await serveCommand(verb, pod, container, request, stream, context)
    else if (verb === 'portForward') await servePort(pod, request, stream, context)
    else throw new StatusError('NotFound', `the node does not serve ${request.path}`)
  } catch (error) {
    // After the head there is no way to say more.
    if (isAnswered(stream)) throw error
    if (error instanceof StatusError) writeHead(stream, { code: error.code, status: error.status })
    else if (!stream.destroyed) writeHead(stream, { code: 500, status: new StatusError('InternalError', (error as Error).message).status })
  } finally {
    stream.end()
  }
}

async function serveStats(stream: Duplex, { stats }: StreamContext): Promise<void> {
  const text = JSON.stringify(await stats.stats())
  writeHead(stream, { code: 200 })
  stream.write(text)
}

async function serveLogs(pod: Pod, name: string, request: StreamRequest, stream: Duplex, context: StreamContext): Promise<void> {
  const { runtime, paths, clock } = context
  const query = (key: string) => request.query[key]?.[0]
  const { uid, namespace = '' } = pod.metadata
  const spec = allContainers(pod.spec).find(c => c.name === name)
  if (!spec) throw badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`)
  const attempts = ((await runtime.list({ uid }))[0]?.containers ?? []).filter(c => c.name === name && c.state !== 'created')
  const wanted = query('previous') === 'true' ? attempts[1] : attempts[0]
  if (!wanted) {
    if (query('previous') === 'true') throw badRequest(`previous terminated container "${name}" in pod "${pod.metadata.name}" not found`)
    const status = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])].find(s => s.name === name)
    const reason = status?.state?.waiting?.reason ?? 'ContainerCreating'
    throw badRequest(`container "${name}" in pod "${pod.metadata.name}" is waiting to start: ${reason}`)
  }
  const seconds = query('sinceSeconds')
  const time = query('sinceTime')
  const options: LogOptions = {
    follow: query('follow') === 'true',
    timestamps: query('timestamps') === 'true',
    tailLines: numberOf(query('tailLines')),
    limitBytes: numberOf(query('limitBytes')),
    since: seconds !== undefined ? clock.now() - Number(seconds) * 1000 : time !== undefined ? Date.parse(time) : undefined,
  }
  writeHead(stream, { code: 200 })
  const gone = new AbortController()
  stream.once('close', () => gone.abort())
  // The client says nothing; reading is how its leaving is noticed.
  stream.resume()
  const signal = AbortSignal.any([context.signal, gone.signal])
  const path = `${logDirectory(paths, { namespace, name: pod.metadata.name, uid })}/${name}/${wanted.attempt}.log`
  const ended = async () => {
    const now = (await runtime.list({ uid }))[0]?.containers.find(c => c.id === wanted.id)
    return !now || now.state === 'exited'
  }
  for await (const block of readLog({ path, clock, signal, ended }, options)) {
    if (!stream.write(block)) await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]).catch(() => {})
  }
}

async function serveCommand(verb: 'exec' | 'attach', pod: Pod, name: string, request: StreamRequest, stream: Duplex, context: StreamContext): Promise<void> {
  const { runtime, doors, signal } = context
  const { uid } = pod.metadata
  const running = ((await runtime.list({ uid }))[0]?.containers ?? []).find(c => c.name === name && c.state === 'running')
  if (!running) throw badRequest(`container "${name}" of pod "${pod.metadata.name}" is not running`)
  const on = (key: string) => request.query[key]?.[0] === 'true'
  const wanted = { stdin: on('stdin'), stdout: on('stdout'), stderr: on('stderr'), tty: on('tty') }
  const onOpen = () => writeHead(stream, { code: 200 })
  if (verb === 'attach') await doors.attach(running, wanted, stream, onOpen, signal)
  else await doors.exec(running, request.query['command'] ?? [], wanted, stream, onOpen, signal)
}

async function servePort(pod: Pod, request: StreamRequest, stream: Duplex, context: StreamContext): Promise<void> {
  const { runtime, doors, signal } = context
  const port = Number(request.query['port']?.[0])
  const sandbox = (await runtime.list({ uid: pod.metadata.uid }))[0]?.sandboxes.find(s => s.ready)
  if (!sandbox) throw badRequest(`pod "${pod.metadata.name}" is not running`)
  await doors.connect(sandbox, port, stream, () => writeHead(stream, { code: 200 }), signal)
}

const numberOf = (text: string | undefined): number | undefined => (text === undefined || text === '' ? undefined : Number(text))
