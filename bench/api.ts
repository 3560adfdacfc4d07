/**
 * Requests over TLS with 64 connections: create, get, patch of a status, list, on the server with its default configuration and, in the
 * same run, on a bare Node server with the same store. Then one change to many watches. Whoever asks is no administrator: RBAC
 * decides each request; a client watches all pods meanwhile. `--seconds` of each, `--watchers` of one change; `--figures create,get` are
 * those alone.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pods } from '../src/api/kinds/core/pod.ts'
import { systemClock } from '../src/base/clock.ts'
import { HttpApi } from '../src/client/http/rest.ts'
import { openAuthority } from '../src/server/tls/authority.ts'
import { serverRequest } from '../src/server/tls/requests.ts'
import { fanOut } from './api/fan-out.ts'
import type { LoadJob, LoadResult } from './api/load-process.ts'
import type { Ask, Load, Served, Target } from './api/raw-client.ts'
import { benchPod } from './pods.ts'
import type { Bench } from './run.ts'
import { type ServerProcess, startServerProcess } from './world/server-process.ts'
import { between, megabytes, usageOf } from './world/usage.ts'

const CONNECTIONS = 64
/** As many as keep below what one identity may ask in a second. */
const USERS = Array.from({ length: 8 }, (_, i) => `bench-${i}`)
const LISTED = 500
const PODS = '/api/v1/namespaces/default/pods'
const PATCH = 'application/strategic-merge-patch+json'

export const api: Bench = async ({ more }, print) => {
  const seconds = Number(more['seconds'] ?? 5)
  const wanted = more['figures']?.split(',')
  const server = await startServerProcess({ profile: more['profile'] })
  const directory = mkdtempSync(join(tmpdir(), 'everynode-bare-'))
  let bare: { readonly child: ChildProcess; readonly port: number } | undefined
  const watching = new AbortController()
  try {
    const authority = await openAuthority(join(server.dataDir, 'pki'), systemClock)
    const users = await Promise.all(USERS.map(commonName => authority.issue({ commonName, usage: 'client', days: 1 })))
    await grant(server.api)
    const own = await authority.issue(serverRequest([]))
    bare = await startBare({ directory, cert: own.certificate, key: own.key, ca: authority.certificate })
    const target: Target = { host: '127.0.0.1', port: 0, authority: authority.certificate, clients: users }
    const sides = [
      { name: 'everynode', pid: server.pid, target: { ...target, port: Number(new URL(server.connection.server).port) } },
      { name: 'bare', pid: bare.child.pid!, target: { ...target, port: bare.port } },
    ]
    void watchAll(server, watching.signal)
    const found = new Map<string, number>()
    const measure = async (figure: string, connections: number, asks: (side: string) => Promise<readonly Ask[]>) => {
      if (wanted?.includes(figure) === false) return
      for (const side of sides) {
        const before = usageOf(side.pid)
        const served = await inProcess({ target: side.target, asks: await asks(side.name), load: { connections, seconds } })
        const { cpuSeconds, mainThreadPercent } = between(before, usageOf(side.pid))
        found.set(`${side.name} ${figure}`, served.perSecond)
        print({
          bench: 'api',
          figure,
          value: served.perSecond,
          unit: '/s',
          server: side.name,
          connections,
          p50Ms: served.p50Ms,
          p99Ms: served.p99Ms,
          serverCpuMicros: Math.round((cpuSeconds * 1e6) / Math.max(1, served.count * 1.1)),
          mainThreadPercent,
          refused: served.refused,
          residentMB: megabytes(usageOf(side.pid).residentBytes),
          ...(side.name === 'bare' && { everynodeShare: Number((found.get(`everynode ${figure}`)! / served.perSecond).toFixed(3)) }),
        })
      }
    }
    const names = (side: string) => (side === 'bare' ? bareNames(sides[1]!.target) : podNames(server.api))
    await measure('create', CONNECTIONS, async () => [{ method: 'POST', path: PODS, body: newPod() }])
    await measure('get', CONNECTIONS, async side => (await names(side)).map(name => ({ method: 'GET', path: `${PODS}/${name}` })))
    await measure('patch status', CONNECTIONS, async side =>
      (await names(side)).flatMap((name, i) =>
        ['x', 'y'].map(phase => ({ method: 'PATCH', path: `${PODS}/${name}/status`, type: PATCH, body: statusPatch(`${phase}${i}`) })),
      ),
    )
    await measure(`list of ${LISTED}`, 8, async () => [{ method: 'GET', path: `${PODS}?limit=${LISTED}&resourceVersion=0` }])
    const watchers = more['watchers'] ?? (wanted ? '' : '100,1000')
    for (const count of watchers.split(',').filter(Boolean)) await fanOut(server, Number(count), print)
  } finally {
    watching.abort()
    bare?.child.disconnect()
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** A pod of 2.3 kB as a controller makes it; nobody schedules it, nobody owns it. */
function newPod(): string {
  const { metadata, spec, apiVersion, kind } = benchPod(1, 'Pending') as { metadata: Record<string, unknown>; spec: object; apiVersion: string; kind: string }
  const { labels } = metadata
  return JSON.stringify({
    apiVersion,
    kind,
    metadata: { generateName: 'agent-', namespace: 'default', labels },
    spec: { ...spec, nodeName: undefined, schedulerName: 'nobody' },
  })
}

const statusPatch = (message: string): string =>
  JSON.stringify({ status: { message, conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:00:00Z' }] } })

const podNames = async (client: HttpApi): Promise<readonly string[]> =>
  (await client.list({ kind: Pods, namespace: 'default' }, { limit: 200 })).items.map(({ metadata }) => metadata.name)

async function bareNames({ port, authority, clients }: Target): Promise<readonly string[]> {
  const client = new HttpApi({ server: `https://127.0.0.1:${port}`, authority, ...clients[0]!, namespace: 'default' })
  try {
    return (await client.list({ kind: Pods, namespace: 'default' }, { limit: 200 })).items.map(({ metadata }) => metadata.name)
  } finally {
    client.close()
  }
}

async function grant(client: HttpApi): Promise<void> {
  const { ClusterRoleBindings } = await import('../src/api/kinds/rbac/bindings.ts')
  await client.create(
    { kind: ClusterRoleBindings },
    {
      metadata: { name: 'bench' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: USERS.map(name => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name })),
    },
  )
}

/** Somebody who wants to know of every pod. */
async function watchAll({ api: client }: ServerProcess, signal: AbortSignal): Promise<void> {
  for await (const _ of client.watch({ kind: Pods }, { initialEvents: true, signal })) if (signal.aborted) return
}

async function inProcess(job: LoadJob & { readonly load: Load }): Promise<Served> {
  const child = fork(join(import.meta.dirname, 'api/load-process.ts'), { execArgv: ['--disable-warning=ExperimentalWarning'] })
  const result = await new Promise<LoadResult>((done, fail) => {
    child.once('message', (said: LoadResult) => done(said))
    child.once('exit', code => fail(new Error(`the load ended with ${code}`)))
    child.send(job)
  })
  if ('failed' in result) throw new Error(result.failed)
  return result.served
}

async function startBare(options: { directory: string; cert: string; key: string; ca: string }) {
  const child = fork(join(import.meta.dirname, 'api/bare-server.ts'), [JSON.stringify(options)], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  const port = await new Promise<number>((done, fail) => {
    child.once('message', (said: { port: number }) => done(said.port))
    child.once('exit', code => fail(new Error(`the bare server ended with ${code}`)))
  })
  return { child, port }
}
