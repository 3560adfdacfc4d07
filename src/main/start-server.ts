import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import { join } from 'node:path'
import type { Api } from '../api/access.ts'
import { KINDS, LATER_KINDS } from '../api/kinds/all.ts'
import type { KubeObject } from '../api/meta/object.ts'
import type { Secret } from '../api/types/core/config.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { writeKubeconfig } from '../client/node/write-kubeconfig.ts'
import { admissionPlugins } from '../server/admission/plugins.ts'
import { auditor } from '../server/audit/auditor.ts'
import { LogFile } from '../server/audit/log-file.ts'
import { type AuditRule, DEFAULT_POLICY } from '../server/audit/policy.ts'
import { BootstrapTokens } from '../server/authn/bootstrap-tokens.ts'
import { impersonating } from '../server/authn/impersonate.ts'
import { ServiceAccountTokens } from '../server/authn/service-account-tokens.ts'
import { openSigningKeys } from '../server/authn/signing-keys.ts'
import { preventEscalation } from '../server/authz/escalation.ts'
import { nodeRestriction } from '../server/authz/node-restriction.ts'
import { openPermissions } from '../server/authz/permissions.ts'
import { reconcileRoles } from '../server/authz/reconcile-roles.ts'
import { signerPermissions } from '../server/authz/signer-permissions.ts'
import { addReviews } from '../server/authz/virtual-kinds.ts'
import { openCaches } from '../server/cache/caches.ts'
import { runCompaction } from '../server/cache/compaction.ts'
import { definitionPatterns } from '../server/custom/admission.ts'
import { type CustomKinds, openDefinitions } from '../server/custom/definitions.ts'
import { discoveryPaths } from '../server/discovery/paths.ts'
import { authenticator } from '../server/http/authenticate.ts'
import { backupPaths } from '../server/http/backup.ts'
import { openIdPaths } from '../server/http/openid.ts'
import { ApiServer } from '../server/http/server.ts'
import { versionInfo, wellKnownPaths } from '../server/http/well-known.ts'
import { NodeStatsReader } from '../server/metrics/node-stats.ts'
import { measureProcess } from '../server/metrics/process.ts'
import { metricsKinds, resourceText } from '../server/metrics/serve.ts'
import { openApiPaths } from '../server/openapi/paths.ts'
import { cachedKinds } from '../server/registry/cached-kinds.ts'
import { KeptVerdicts } from '../server/registry/kept-verdicts.ts'
import { PlacementKind, placement } from '../server/registry/placement.ts'
import { Registry } from '../server/registry/registry.ts'
import { ensureOwnService, ensureSystemObjects, keepOwnService } from '../server/registry/system-objects.ts'
import { announceAddresses, knownAddresses } from '../server/streaming/announce-addresses.ts'
import { NodeLinks } from '../server/streaming/node-link.ts'
import { podStreams } from '../server/streaming/pod-streams.ts'
import { type Authority, type KeyPair, openAuthority } from '../server/tls/authority.ts'
import { endOf, warnOfAuthorityEnd } from '../server/tls/authority-end.ts'
import { keepRenewed, keptCertificate } from '../server/tls/kept-certificate.ts'
import { adminRequest, serverRequest } from '../server/tls/requests.ts'
import { keepTicketsRenewed, keptTickets } from '../server/tls/tickets.ts'
import { Failure } from './failure.ts'
import type { Opening } from './open-store.ts'
import { VERSION } from './version.ts'

export interface StartOptions {
  /** Exists and can be written. */
  readonly dataDir: string
  /** Of `beginToOpen`. */
  readonly opening: Opening
  readonly listen: { readonly host: string; readonly port: number }
  /** Makes further addresses to listen on, at the same port (the bridge of local nodes): asked when the data directory is ours. */
  readonly alsoListen?: () => Promise<readonly string[]>
  /** Names and addresses for the certificate besides those listened on. */
  readonly advertise?: readonly string[]
  readonly kubeconfig?: string | undefined
  readonly audit?: AuditFlags
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

export interface AuditFlags {
  /** A file with an audit.k8s.io/v1 Policy. */
  readonly auditPolicy?: string
  /** Where the lines go; `audit.log` in the data directory when absent. */
  readonly auditLog?: string
}

export interface RunningServer {
  readonly url: string
  readonly port: number
  readonly kubeconfig: string
  readonly authority: Authority
  /** It was not stopped cleanly the last time: leases renewed in its last seconds may look older than they are. */
  readonly unclean: boolean
  /** The way to the agents; those of this process are added to it. */
  readonly links: NodeLinks
  /** The kinds that definitions add to those of `api/kinds/all.ts`. */
  readonly customKinds: Pick<CustomKinds, 'current' | 'subscribe'>
  /** The API without a wire, as somebody. */
  apiAs(user: string, groups?: readonly string[]): Api
  /** Whether somebody has connected and has to wait until they are listened to. */
  crowded(): boolean
  /** Marks the server ready: `/readyz` answers 200 from now on. */
  markReady(): void
  /** Ends watches and connections cleanly, then closes the store. */
  close(): Promise<void>
}

export const ISSUER = 'https://kubernetes.default.svc.cluster.local'

/** Loads the caches, makes what every cluster has, and serves the API. Controllers are the caller's. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { clock, log, signal, dataDir, listen } = options
  const policy = await auditPolicy(options.audit?.auditPolicy)
  const { metrics } = options.opening
  const store = await options.opening.store
  const further = (await options.alsoListen?.()) ?? []
  const kinds = [...KINDS, ...LATER_KINDS]
  const pki = join(dataDir, 'pki')
  const [caches, keys, authority] = await Promise.all([
    openCaches({ store, kinds: cachedKinds(kinds), clock, log }),
    openSigningKeys(pki, clock.now()),
    openAuthority(pki, clock, options.opening.authority),
  ])
  metrics.measured('everynode_cache_objects', 'Objects in memory.', () => caches.held().objects)
  metrics.measured('everynode_cache_events', 'Past changes in memory, for watches that begin there.', () => caches.held().events)
  metrics.measured('everynode_cache_watches', 'Watches that are open.', () => caches.held().watches)
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  measureProcess(metrics, either)
  const permissions = openPermissions(caches, stop.signal, error => log.warn('permissions are read anew', { error }))
  const { authorizer, rbac, graph } = permissions
  const auditLog = new LogFile({ path: options.audit?.auditLog ?? join(dataDir, 'audit.log'), maxBytes: 64 << 20, maxFiles: 5, log })
  const audit = auditor({ policy, clock, write: line => auditLog.write(line), uuid: randomUUID })
  const registry = new Registry({
    store,
    caches,
    kinds,
    authorizer,
    admission: admissionPlugins([nodeRestriction, preventEscalation(rbac, authorizer), signerPermissions(authorizer), definitionPatterns]),
    auditor: audit,
    clock,
    log,
    outside: options.opening.outside,
  })
  registry.addResource(PlacementKind)
  const verdicts = new KeptVerdicts(caches, clock)
  registry.addGet(placement(caches, verdicts, clock))
  const apiAs = (name: string, groups: readonly string[] = []) =>
    registry.as({ user: { name, groups: [...new Set([...groups, 'system:authenticated'])] }, userAgent: 'everynode' })
  const lookup = (resource: string, namespace: string | undefined, name: string): KubeObject | undefined =>
    caches.of({ group: '', resource })?.get(namespace ? `${namespace}/${name}` : name)
  const tokens = new ServiceAccountTokens({
    keys,
    issuer: ISSUER,
    audiences: [ISSUER],
    lookup,
    clock,
    uuid: randomUUID,
  })
  addReviews(registry, { authorizer, rbac, graph, tokens, audiences: [ISSUER] })
  const bootstrap = new BootstrapTokens({ clock, secret: name => lookup('secrets', 'kube-system', name) as Secret | undefined })

  const moved = knownAddresses(caches).map(known => new URL(known).hostname.replace(/^\[|\]$/g, ''))
  const request = serverRequest([listen.host, ...further, ...(options.advertise ?? []), ...moved].filter(host => host !== '0.0.0.0' && host !== '::'))
  const itself = apiAs('system:apiserver', ['system:masters'])
  const kept = { authority, directory: pki, clock }
  const sealed = { authority: authority.certificate, directory: pki, clock }
  // At a first start all take their time: another process issues the certificates, the disk takes the objects.
  const [pair, admin, tickets] = await Promise.all([
    keptCertificate({ ...kept, file: 'server', request }),
    keptCertificate({ ...kept, file: 'admin', request: adminRequest }),
    keptTickets(sealed),
    makeSystemObjects(itself),
  ])
  const authorityEnd = endOf(authority.certificate) / 1000
  metrics.measured('everynode_authority_not_after_seconds', "When the cluster's authority ends, in seconds since 1970.", () => authorityEnd)

  // The authority stands in the chain, so that a joining agent can pin it.
  const tlsOf = (own: KeyPair) => ({ cert: own.certificate + authority.certificate, key: own.key, ca: authority.certificate })
  const links = new NodeLinks({ clock, log })
  const stats = new NodeStatsReader({ links, clock, log })
  for (const read of metricsKinds({ caches, stats, clock })) registry.addRead(read)
  let ready = false
  let address = ''
  const server = new ApiServer({
    handler: registry,
    authenticator: impersonating(authenticator({ clock, tokens: [tokens, bootstrap] }), authorizer),
    authorizer,
    paths: {
      ...wellKnownPaths({
        build: { version: VERSION },
        ready: [{ name: 'started', startup: true, check: () => (ready ? undefined : 'still starting') }],
        alive: [{ name: 'ping', check: () => undefined }],
        metrics,
        resources: () => resourceText({ caches, stats }),
        log,
      }),
      ...discoveryPaths({ served: () => registry.resources, address: () => address }),
      ...openIdPaths(ISSUER, keys),
      ...backupPaths({ directory: dataDir, backup: async file => store.backup(file, await keyFiles(pki)) }),
      ...openApiPaths({ served: () => registry.resources, version: versionInfo({ version: VERSION }).gitVersion }),
    },
    streams: { ...links.routes, ...podStreams({ handler: registry, authorizer, links, clock }) },
    tls: { ...tlsOf(pair), ...tickets },
    clock,
    random: Math.random,
    log,
    metrics,
    auditor: audit,
  })
  const { port } = await server.listen(listen.port, listen.host)
  for (const host of further) await server.listen(port, host)
  const shown = listen.host.includes(':') ? `[${listen.host}]` : listen.host === '0.0.0.0' ? '127.0.0.1' : listen.host
  address = `${shown}:${port}`
  const url = `https://${address}`
  await keepRenewed({ ...kept, file: 'server', request, log, signal: either }, next => server.renew(tlsOf(next)))
  void keepTicketsRenewed({ ...sealed, log, signal: either }, next => server.renew(next))
  const kubeconfig = options.kubeconfig ?? join(dataDir, 'kubeconfig')
  await writeKubeconfig(kubeconfig, { server: url, authority: authority.certificate, certificate: admin.certificate, key: admin.key, name: 'everynode' })
  const reachable = [...further, ...(options.advertise ?? []), listen.host].find(host => isIPv4(host) && host !== '0.0.0.0') ?? '127.0.0.1'
  const own = { api: itself, address: reachable, port, clusterIP: registry.firstServiceAddress }
  await ensureOwnService(own)
  const definitions = await openDefinitions({ caches, registry, api: itself, clock, log, signal: either })
  const expiring = registry.run(either)
  const judging = verdicts.run(either, error => log.warn('verdicts for questions about placement are drawn when somebody asks', { error }))
  const compacting = runCompaction({ caches, clock, log, signal: either })
  const announcing = announceAddresses(caches, links, error => log.warn('addresses of the server are read anew', { error }), either)
  const keeping = keepOwnService(own, caches, error => log.warn('service default/kubernetes is not as it should be', { error }), either)
  const warning = warnOfAuthorityEnd({ certificate: authority.certificate, clock, log, signal: either })

  return {
    url,
    port,
    kubeconfig,
    authority,
    unclean: store.unclean,
    links,
    customKinds: definitions,
    apiAs,
    crowded: () => server.crowded,
    markReady() {
      ready = true
    },
    async close() {
      ready = false
      await server.close()
      stop.abort()
      await permissions.done
      await definitions.done
      await expiring
      await judging
      await compacting
      await warning
      await announcing
      await keeping
      await caches.close()
      await store.close()
      await auditLog.close()
    },
  }
}

/** What every cluster has, wherever it is. */
async function makeSystemObjects(api: Api): Promise<void> {
  await ensureSystemObjects(api)
  await reconcileRoles(api)
}

async function auditPolicy(file: string | undefined): Promise<readonly AuditRule[]> {
  if (file === undefined) return DEFAULT_POLICY
  try {
    const { readAuditPolicy } = await import('../server/audit/read-policy.ts')
    return await readAuditPolicy(await readFile(file, 'utf8'))
  } catch (error) {
    throw new Failure(`--audit-policy ${file}: ${(error as Error).message}`, 1, { cause: error })
  }
}

/** What a restored server needs to be the same to its clients. */
async function keyFiles(pki: string): Promise<{ readonly name: string; readonly content: Uint8Array }[]> {
  const names = (await readdir(pki, { withFileTypes: true })).filter(entry => entry.isFile()).map(({ name }) => name)
  return Promise.all(names.map(async name => ({ name: `pki/${name}`, content: await readFile(join(pki, name)) })))
}
