import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { readIfThere } from '../../base/node/private-files.ts'
import { type ExecConfig, ExecCredential } from './exec-credential.ts'
import { KubeconfigError } from './kubeconfig-error.ts'

export { KubeconfigError }

/** How to reach a server, and as whom. Texts are PEM. */
export interface Connection {
  /** `https://HOST:PORT`, with a path if the API is below one. */
  readonly server: string
  /** What the server's certificate must come from; the system's authorities when absent. */
  readonly authority?: string | undefined
  /** The name that the certificate must be for, when it is not the host of `server`. */
  readonly serverName?: string | undefined
  readonly insecure?: boolean | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  /** Asked for each connection and request: tokens in files are replaced as they grow old. */
  readonly token?: (() => string | Promise<string>) | undefined
  /** Told of an address at which nobody answered, by who dialled it. */
  readonly unreachable?: ((server: string) => void) | undefined
  /** Calls back whenever what is shown to the server is another: what is open was opened with the one before. Returns how to leave. */
  readonly onReplaced?: ((tell: () => void) => () => void) | undefined
  /** The namespace that commands use when none is named. */
  readonly namespace: string
}

interface Named {
  readonly name: string
}
interface Cluster {
  readonly server?: string
  readonly 'certificate-authority'?: string
  readonly 'certificate-authority-data'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
  readonly 'tls-server-name'?: string
  readonly 'proxy-url'?: string
  readonly extensions?: readonly (Named & { readonly extension?: unknown })[]
}
interface UserEntry {
  readonly 'client-certificate'?: string
  readonly 'client-certificate-data'?: string
  readonly 'client-key'?: string
  readonly 'client-key-data'?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly exec?: ExecConfig
  readonly 'auth-provider'?: { readonly name?: string }
  readonly username?: string
  readonly password?: string
  readonly as?: string
  readonly 'as-uid'?: string
  readonly 'as-groups'?: readonly string[]
  readonly 'as-user-extra'?: unknown
}
interface ContextEntry {
  readonly cluster?: string
  readonly user?: string
  readonly namespace?: string
}
interface Kubeconfig {
  readonly 'current-context'?: string
  readonly clusters?: readonly (Named & { readonly cluster?: Cluster })[]
  readonly users?: readonly (Named & { readonly user?: UserEntry })[]
  readonly contexts?: readonly (Named & { readonly context?: ContextEntry })[]
}
/** An entry and the directory that its relative paths start from. */
interface Found<T> {
  readonly value: T
  readonly directory: string
}

export interface KubeconfigOptions {
  /** One file; otherwise `KUBECONFIG`, otherwise `~/.kube/config`. */
  readonly file?: string | undefined
  readonly context?: string | undefined
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970: when credentials expire. */
  readonly now?: () => number
}

/** Reads the kubeconfig that kubectl would use; of several files the first that says something counts. */
export async function readKubeconfig({ file, context, env = process.env, now = Date.now }: KubeconfigOptions = {}): Promise<Connection> {
  const named = file !== undefined ? [file] : (env['KUBECONFIG']?.split(':').filter(Boolean) ?? [])
  const files = named.length > 0 ? named : [join(env['HOME'] ?? homedir(), '.kube', 'config')]
  const configs: Found<Kubeconfig>[] = []
  for (const path of files) {
    const text = await readIfThere(path)
    if (text === undefined) {
      if (file !== undefined) throw new KubeconfigError(`${path}: there is no such file`)
      continue
    }
    configs.push({ value: await parsed(path, text), directory: dirname(resolve(path)) })
  }
  if (configs.length === 0) throw new KubeconfigError(`no kubeconfig found: looked for ${files.join(', ')}; name one with --kubeconfig`)
  const wanted = context ?? configs.map(({ value }) => value['current-context']).find(Boolean)
  if (!wanted) throw new KubeconfigError(`${files.join(', ')}: current-context is not set; name a context`)
  const at = find(configs, 'contexts', wanted)?.value.context
  if (!at) throw new KubeconfigError(`${files.join(', ')}: there is no context ${JSON.stringify(wanted)}`)
  const cluster = find(configs, 'clusters', at.cluster ?? '')
  const server = cluster?.value.cluster?.server
  if (!cluster || !server) throw new KubeconfigError(`${files.join(', ')}: the context ${JSON.stringify(wanted)} names no cluster with a server`)
  const user = find(configs, 'users', at.user ?? '')
  if (at.user && !user)
    throw new KubeconfigError(`${files.join(', ')}: the context ${JSON.stringify(wanted)} names the user ${JSON.stringify(at.user)}, who is not there`)
  const found = { value: cluster.value.cluster!, directory: cluster.directory }
  return connection(found, user && { value: user.value.user ?? {}, directory: user.directory }, at, { env, now })
}

async function parsed(path: string, text: string): Promise<Kubeconfig> {
  const { parse } = await import('yaml')
  try {
    const value: unknown = parse(text)
    if (value === null) return {}
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    throw new KubeconfigError(`${path} is not a kubeconfig: ${(error as Error).message}`)
  }
  throw new KubeconfigError(`${path} is not a kubeconfig: it holds no mapping`)
}

function find<K extends 'clusters' | 'users' | 'contexts'>(
  configs: readonly Found<Kubeconfig>[],
  list: K,
  name: string,
): Found<NonNullable<Kubeconfig[K]>[number]> | undefined {
  for (const { value, directory } of configs) {
    const entry = (value[list] ?? []).find(one => one.name === name)
    if (entry) return { value: entry, directory }
  }
  return undefined
}

const EXTENSION = 'client.authentication.k8s.io/exec'

async function connection(
  cluster: Found<Cluster>,
  user: Found<UserEntry> | undefined,
  { namespace }: ContextEntry,
  { env, now }: Required<Pick<KubeconfigOptions, 'env' | 'now'>>,
): Promise<Connection> {
  const { value, directory } = cluster
  const who = user?.value ?? {}
  refuseUnsupported(value, who)
  const of = user?.directory ?? directory
  const { tokenFile, token } = who
  const known = {
    server: value.server!,
    authority: await text(value['certificate-authority-data'], value['certificate-authority'], directory),
    serverName: value['tls-server-name'],
    insecure: value['insecure-skip-tls-verify'],
    certificate: await text(who['client-certificate-data'], who['client-certificate'], of),
    key: await text(who['client-key-data'], who['client-key'], of),
    token: tokenFile ? () => readToken(resolve(of, tokenFile)) : token ? () => token : undefined,
    namespace: namespace || 'default',
  }
  if (!who.exec) return known
  const told = {
    server: known.server,
    'tls-server-name': known.serverName,
    'insecure-skip-tls-verify': known.insecure,
    'certificate-authority-data': known.authority && Buffer.from(known.authority).toString('base64'),
    config: value.extensions?.find(({ name }) => name === EXTENSION)?.extension,
  }
  const credential = new ExecCredential(who.exec, { cluster: told, directory: of, env, now })
  // A certificate is for the whole life of the connection; a token is asked for again when it expires.
  const first = await credential.current()
  return {
    ...known,
    certificate: known.certificate ?? first.clientCertificateData,
    key: known.key ?? first.clientKeyData,
    token: known.token ?? (first.token === undefined ? undefined : async () => (await credential.current()).token ?? ''),
  }
}

/** What would be a connection of another kind, or somebody else, if it were passed over. */
function refuseUnsupported(cluster: Cluster, user: UserEntry): void {
  const refuse = (what: string, instead: string): never => {
    throw new KubeconfigError(`${what} in a kubeconfig is not supported: ${instead}`)
  }
  if (cluster['proxy-url']) refuse(`proxy-url (${cluster['proxy-url']})`, 'the server must be reachable without a proxy')
  const provider = user['auth-provider']
  if (provider) refuse(`auth-provider ${provider.name ?? ''}`.trim(), 'Kubernetes removed it, use exec, a certificate, a token or a tokenFile')
  if (user.username !== undefined || user.password !== undefined) refuse('a username with a password', 'use exec, a certificate, a token or a tokenFile')
  const as = (['as', 'as-uid', 'as-groups', 'as-user-extra'] as const).find(key => user[key] !== undefined)
  if (as) refuse(`impersonation (${as})`, 'act as the user whose credentials these are')
}

async function text(data: string | undefined, file: string | undefined, directory: string): Promise<string | undefined> {
  if (data) return Buffer.from(data, 'base64').toString('utf8')
  if (!file) return undefined
  try {
    return await readFile(resolve(directory, file), 'utf8')
  } catch (error) {
    throw new KubeconfigError(`cannot read ${resolve(directory, file)}, which the kubeconfig names: ${(error as Error).message}`)
  }
}

const readToken = async (path: string): Promise<string> => (await readFile(path, 'utf8')).trim()

const ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The connection of a pod: its environment and the account mounted into it. Undefined outside of a pod. */
export async function inClusterConnection(
  env: Readonly<Record<string, string | undefined>> = process.env,
  directory = ACCOUNT_DIRECTORY,
): Promise<Connection | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env
  if (!host || !port) return undefined
  const authority = await readIfThere(join(directory, 'ca.crt'))
  if (authority === undefined) return undefined
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    authority,
    token: () => readToken(join(directory, 'token')),
    namespace: (await readIfThere(join(directory, 'namespace')))?.trim() || 'default',
  }
}
