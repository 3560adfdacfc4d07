import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { SecureContextOptions } from 'node:tls'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { makePrivateDirectory, readIfThere, writePrivateFile } from '../../base/node/private-files.ts'

export interface TicketsOptions {
  /** PEM: a ticket that was given under another authority is good for nothing. */
  readonly authority: string
  readonly directory: string
  readonly clock: Clock
}

const DAY = 86_400_000
/** Clients that stay connected fetch a new ticket before this one ends. */
const LIFETIME_SECONDS = 86_400
/** A key is used so long; what was given under the one before is then no longer taken. */
const KEY_MS = 7 * DAY
const LOOK_AGAIN_MS = DAY / 2
const KEY_BYTES = 48
const FILE = 'session-tickets.key'

interface Key {
  readonly madeAt: number
  readonly bytes: Buffer
}

/**
 * What TLS needs to give tickets with which clients resume their sessions, after a restart too: neither side signs or verifies then.
 * A ticket holds whom the authority has vouched for, sealed with a key that only the server can read. Whether that certificate is
 * still good is asked of every request, as on any connection.
 */
export async function keptTickets(options: TicketsOptions): Promise<SecureContextOptions> {
  return settings(options, (await readKey(options)) ?? (await newKey(options)))
}

/** Hands over the settings anew whenever the key has become old, until the signal aborts. */
export async function keepTicketsRenewed(
  options: TicketsOptions & { readonly log: Log; readonly signal: AbortSignal },
  use: (tickets: SecureContextOptions) => void,
): Promise<void> {
  const { clock, log, signal } = options
  for (;;) {
    await sleep(clock, LOOK_AGAIN_MS, signal).catch(() => {})
    if (signal.aborted) return
    try {
      if ((await readKey(options)) === undefined) use(settings(options, await newKey(options)))
    } catch (error) {
      log.error('renewing the key of session tickets failed', { error })
    }
  }
}

const settings = ({ authority }: TicketsOptions, { bytes }: Key): SecureContextOptions => ({
  ticketKeys: bytes,
  sessionTimeout: LIFETIME_SECONDS,
  sessionIdContext: createHash('sha256').update(authority).digest('hex').slice(0, 32),
})

/** The key that is kept, unless it is old or not one. */
async function readKey({ directory, clock }: TicketsOptions): Promise<Key | undefined> {
  const [madeAt, bytes = ''] = (await readIfThere(join(directory, FILE)))?.trim().split(' ') ?? []
  const key = { madeAt: Number(madeAt), bytes: Buffer.from(bytes, 'base64') }
  const age = clock.now() - key.madeAt
  return key.bytes.length === KEY_BYTES && age >= 0 && age < KEY_MS ? key : undefined
}

async function newKey({ directory, clock }: TicketsOptions): Promise<Key> {
  const key = { madeAt: clock.now(), bytes: randomBytes(KEY_BYTES) }
  await makePrivateDirectory(directory)
  await writePrivateFile(join(directory, FILE), `${key.madeAt} ${key.bytes.toString('base64')}\n`)
  return key
}
