import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { KubeconfigError } from './kubeconfig-error.ts'

/** How a kubeconfig names a program that gives credentials. */
export interface ExecConfig {
  readonly apiVersion?: string
  readonly command?: string
  readonly args?: readonly string[] | null
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null
  /** What to tell a user who lacks the program. */
  readonly installHint?: string
  readonly provideClusterInfo?: boolean
  readonly interactiveMode?: string
}

/** The cluster as such a program is told of it. */
export interface ExecCluster {
  readonly server: string
  readonly 'tls-server-name'?: string | undefined
  readonly 'insecure-skip-tls-verify'?: boolean | undefined
  /** Base64 of PEM. */
  readonly 'certificate-authority-data'?: string | undefined
  /** What the cluster's entry holds for such programs. */
  readonly config?: unknown
}

interface Credential {
  readonly token?: string
  /** PEM. */
  readonly clientCertificateData?: string
  readonly clientKeyData?: string
  /** RFC 3339; absent means for as long as this process lives. */
  readonly expirationTimestamp?: string
}

export interface ExecOptions {
  readonly cluster: ExecCluster
  /** Where a command with a `/` in it starts from. */
  readonly directory: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']
const MODES = ['Never', 'IfAvailable', 'Always']
const MAX_OUTPUT = 1024 * 1024
const TIMEOUT_MS = 60_000
/** A credential this close to its end is replaced. */
const EARLY_MS = 10_000

/** A program of the user's that gives credentials (`users[].user.exec`); what it gave is kept until it expires. */
export class ExecCredential {
  readonly #config: ExecConfig
  readonly #options: ExecOptions
  #known: Promise<Credential> | undefined

  /** Throws a `KubeconfigError` for an entry that cannot be run. */
  constructor(config: ExecConfig, options: ExecOptions) {
    this.#config = config
    this.#options = options
    const { apiVersion = '', command, interactiveMode } = config
    if (!command) throw new KubeconfigError('a user of the kubeconfig has exec without a command')
    if (!VERSIONS.includes(apiVersion)) {
      throw new KubeconfigError(`exec of ${command}: apiVersion ${JSON.stringify(apiVersion)} is not supported, only ${VERSIONS.join(' and ')}`)
    }
    if (interactiveMode !== undefined ? !MODES.includes(interactiveMode) : apiVersion === VERSIONS[0]) {
      throw new KubeconfigError(`exec of ${command}: interactiveMode must be one of ${MODES.join(', ')}`)
    }
    if (interactiveMode === 'Always') {
      throw new KubeconfigError(`exec of ${command}: interactiveMode is Always, and no input is handed to such programs; log in with it first`)
    }
  }

  async current(): Promise<Credential> {
    const known = await this.#known?.catch(() => undefined)
    const ends = known?.expirationTimestamp
    if (known && (ends === undefined || Date.parse(ends) - EARLY_MS > this.#options.now())) return known
    this.#known = this.#run()
    return this.#known
  }

  async #run(): Promise<Credential> {
    const { command = '', args, env, installHint, provideClusterInfo, apiVersion } = this.#config
    const { directory, cluster } = this.#options
    const program = command.includes('/') ? resolve(directory, command) : command
    const info = { kind: 'ExecCredential', apiVersion, spec: { ...(provideClusterInfo && { cluster }), interactive: false } }
    const environment = { ...this.#options.env, ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])) }
    const output = await new Promise<string>((done, fail) => {
      const child = execFile(
        program,
        [...(args ?? [])],
        { env: { ...environment, KUBERNETES_EXEC_INFO: JSON.stringify(info) }, maxBuffer: MAX_OUTPUT, timeout: TIMEOUT_MS },
        (error, stdout, stderr) => {
          if (!error) return done(stdout)
          const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
          const why = missing ? `there is no such program${installHint ? `\n${installHint}` : ''}` : `${error.message.split('\n')[0]}\n${stderr}`.trim()
          fail(new KubeconfigError(`the kubeconfig takes credentials from ${command}, but ${why}`))
        },
      )
      child.stdin?.end()
    })
    return this.#read(command, output)
  }

  #read(command: string, output: string): Credential {
    const refuse = (why: string): never => {
      throw new KubeconfigError(`${command} gave no credential: ${why}`)
    }
    let given: { readonly kind?: unknown; readonly apiVersion?: unknown; readonly status?: Credential | null }
    try {
      given = JSON.parse(output) as typeof given
    } catch (error) {
      return refuse((error as Error).message)
    }
    if (given?.kind !== 'ExecCredential') return refuse('its output is no ExecCredential')
    if (given.apiVersion !== this.#config.apiVersion) return refuse(`it answered in ${String(given.apiVersion)}, asked in ${this.#config.apiVersion}`)
    const { status } = given
    if (!status) return refuse('it has no status')
    const { token, clientCertificateData, clientKeyData } = status
    if (!token && !clientCertificateData && !clientKeyData) return refuse('neither a token nor a certificate is in it')
    if (!clientCertificateData !== !clientKeyData) return refuse('a certificate and its key come together')
    return status
  }
}
