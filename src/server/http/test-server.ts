/** A whole server in the memory of one test: TLS on a free port, the real registry, an empty store. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KINDS, LATER_KINDS } from '../../api/kinds/all.ts'
import { Namespaces } from '../../api/kinds/core/namespace.ts'
import { ServiceAccounts } from '../../api/kinds/core/service-account.ts'
import type { User } from '../../api/meta/user.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { Metrics } from '../../base/metrics.ts'
import { MemoryStore } from '../../store/memory.ts'
import { admissionPlugins } from '../admission/plugins.ts'
import type { Auditor } from '../audit/auditor.ts'
import { openCaches } from '../cache/caches.ts'
import type { WatchCaches } from '../cache/types.ts'
import { discoveryPaths } from '../discovery/paths.ts'
import { openApiPaths } from '../openapi/paths.ts'
import { type Authorizer, allowAll } from '../registry/authorizer.ts'
import { cachedKinds } from '../registry/cached-kinds.ts'
import { Registry } from '../registry/registry.ts'
import { NodeLinks } from '../streaming/node-link.ts'
import { podStreams } from '../streaming/pod-streams.ts'
import { type Authority, openAuthority } from '../tls/authority.ts'
import { adminRequest, serverRequest } from '../tls/requests.ts'
import { authenticator, type TokenVerifier } from './authenticate.ts'
import type { Limits } from './limits.ts'
import { ApiServer } from './server.ts'
import { versionInfo, wellKnownPaths } from './well-known.ts'

export const ADMIN: User = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }
const BUILD = { version: '0.0.0-test' }

export interface TestServer {
  readonly registry: Registry
  readonly caches: WatchCaches
  readonly links: NodeLinks
  readonly authority: Authority
  readonly server: string
  /** How to reach it as its administrator. */
  readonly admin: { readonly server: string; readonly authority: string; readonly certificate: string; readonly key: string; readonly namespace: string }
  close(): Promise<void>
}

export interface TestServerOptions {
  readonly authorizer?: Authorizer
  readonly limits?: Partial<Limits>
  readonly auditor?: Auditor
  readonly tokens?: TokenVerifier
}

const BOB: TokenVerifier = { verify: token => (token === 'good' ? { name: 'bob', groups: ['dev'] } : undefined) }

export async function startTestServer({ authorizer = allowAll, limits = {}, auditor, tokens = BOB }: TestServerOptions = {}): Promise<TestServer> {
  const clock = systemClock
  const log = silentLog
  const directory = await mkdtemp(join(tmpdir(), 'everynode-http-'))
  const kinds = [...KINDS, ...LATER_KINDS]
  const store = new MemoryStore()
  const caches = await openCaches({ store, kinds: cachedKinds(kinds), clock })
  const registry = new Registry({ store, caches, kinds, authorizer, admission: admissionPlugins(), clock, ...(auditor && { auditor }) })
  const api = registry.as({ user: ADMIN })
  for (const namespace of ['default', 'kube-system']) {
    await api.create({ kind: Namespaces }, { metadata: { name: namespace }, spec: {} })
    await api.create({ kind: ServiceAccounts, namespace }, { metadata: { name: 'default' } })
  }
  const authority = await openAuthority(directory, clock)
  const pair = await authority.issue(serverRequest([]))
  const links = new NodeLinks({ clock, log })
  const metrics = new Metrics()
  const served = () => registry.resources
  let address = ''
  const server = new ApiServer({
    handler: registry,
    authenticator: authenticator({ clock, tokens: [tokens] }),
    authorizer,
    paths: {
      ...wellKnownPaths({ build: BUILD, ready: [{ name: 'store', check: () => undefined }], alive: [], metrics, log }),
      ...discoveryPaths({ served, address: () => address }),
      ...openApiPaths({ served, version: versionInfo(BUILD).gitVersion }),
    },
    streams: { ...links.routes, ...podStreams({ handler: registry, authorizer, links, clock }) },
    tls: { cert: pair.certificate, key: pair.key, ca: authority.certificate },
    clock,
    random: () => 0.5,
    log,
    metrics,
    limits,
    ...(auditor && { auditor }),
  })
  const { port } = await server.listen(0, '127.0.0.1')
  address = `127.0.0.1:${port}`
  const { certificate, key } = await authority.issue(adminRequest)
  return {
    registry,
    caches,
    links,
    authority,
    server: `https://${address}`,
    admin: { server: `https://${address}`, authority: authority.certificate, certificate, key, namespace: 'default' },
    async close() {
      await server.close()
      await caches.close()
      await store.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
