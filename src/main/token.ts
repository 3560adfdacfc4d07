import { createHash, randomInt, X509Certificate } from 'node:crypto'
import { Secrets } from '../api/kinds/core/secret.ts'
import { formatDuration } from '../api/meta/age.ts'
import { isStatus } from '../api/meta/status.ts'
import type { Secret } from '../api/types/core/config.ts'
import { type ConnectFlags, withApi } from './connect.ts'
import { Failure, usage } from './failure.ts'

const NAMESPACE = 'kube-system'
const TYPE = 'bootstrap.kubernetes.io/token'
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

interface CreateFlags extends ConnectFlags {
  readonly node?: string
  readonly uses?: number
  readonly ttl: string
  readonly output: 'text' | 'json'
}

/** The SHA-256 of a CA's public key, as a joining agent pins it. */
export const authorityHash = (pem: string): string =>
  `sha256:${createHash('sha256')
    .update(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`

/** Makes a join token and prints the line to paste on the new machine. */
export async function createToken(flags: CreateFlags): Promise<void> {
  const seconds = durationSeconds(flags.ttl)
  const id = randomText(6)
  const secret = randomText(16)
  const expiration = `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`
  await withApi(flags, async (api, { server, authority }) => {
    await api.create(
      { kind: Secrets, namespace: NAMESPACE },
      {
        metadata: { name: `bootstrap-token-${id}`, namespace: NAMESPACE },
        type: TYPE,
        stringData: {
          'token-id': id,
          'token-secret': secret,
          expiration,
          'usage-bootstrap-authentication': 'true',
          'auth-extra-groups': 'system:bootstrappers:everynode:agents',
          ...(flags.node && { 'everynode-node': flags.node }),
          ...(flags.uses && { 'everynode-uses-left': String(flags.uses) }),
        },
      },
    )
    const hash = authority && authorityHash(authority)
    const name = flags.node ? ` --node-name ${flags.node}` : ''
    const command = `everynode agent --server ${server} --token ${id}.${secret}${hash ? ` --ca-hash ${hash}` : ''}${name}`
    if (flags.output === 'json') process.stdout.write(`${JSON.stringify({ token: `${id}.${secret}`, expires: expiration, server, caHash: hash, command })}\n`)
    else process.stdout.write(`${command}\n`)
    if (/^https:\/\/(127\.|\[::1\]|localhost)/.test(server))
      process.stderr.write('This server listens on this machine only. For agents elsewhere start it with --listen ADDRESS:6443 and use that address.\n')
  })
}

/** Prints the tokens there are, without their secrets. */
export async function listTokens(flags: ConnectFlags & { readonly output: 'text' | 'json' }): Promise<void> {
  await withApi(flags, async api => {
    const { items } = await api.list({ kind: Secrets, namespace: NAMESPACE }, { fieldSelector: `type=${TYPE}` })
    const tokens = items.map(describeToken)
    if (flags.output === 'json') {
      process.stdout.write(`${JSON.stringify(tokens)}\n`)
      return
    }
    const rows = tokens.map(t => [
      t.id,
      t.expired ? 'expired' : `in ${formatDuration(Date.parse(t.expires) - Date.now())}`,
      t.node ?? '<any>',
      t.usesLeft ?? '<any number>',
    ])
    const table = [['TOKEN', 'EXPIRES', 'NODE', 'USES LEFT'], ...rows]
    const widths = table[0]!.map((_, column) => Math.max(...table.map(row => row[column]!.length)))
    for (const row of table)
      process.stdout.write(
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('   ')
          .trimEnd()}\n`,
      )
  })
}

/** Makes a token useless; machines that joined with it stay. */
export async function deleteToken(token: string, flags: ConnectFlags): Promise<void> {
  const id = token.split('.')[0]!
  if (!/^[a-z0-9]{6}$/.test(id)) throw usage(`"${id}" is no token id: six of a-z and 0-9, as \`everynode token list\` prints them`)
  await withApi(flags, async api => {
    try {
      await api.delete({ kind: Secrets, namespace: NAMESPACE, name: `bootstrap-token-${id}` })
    } catch (error) {
      if (isStatus(error, 'NotFound')) throw new Failure(`there is no token "${id}"`)
      throw error
    }
    process.stdout.write(`token ${id} deleted\n`)
  })
}

function describeToken(secret: Secret) {
  const text = (key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64').toString() || undefined
  const expires = text('expiration') ?? ''
  return {
    id: text('token-id') ?? '',
    expires,
    expired: Date.parse(expires) <= Date.now(),
    node: text('everynode-node'),
    usesLeft: text('everynode-uses-left'),
  }
}

function durationSeconds(text: string): number {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const seconds = Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN)
  if (!(seconds > 0)) throw usage(`--ttl "${text}": wanted a number and s, m, h or d, such as 24h`)
  return seconds
}

const randomText = (length: number): string => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
