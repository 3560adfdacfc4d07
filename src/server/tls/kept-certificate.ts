import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { readIfThere, writePrivateFile } from '../../base/node/private-files.ts'
import { type Authority, type CertificateRequest, covers, type KeyPair, renewAt } from './authority.ts'

export interface KeptOptions {
  readonly authority: Authority
  readonly directory: string
  /** `server` gives `server.crt` and `server.key`. */
  readonly file: string
  readonly request: CertificateRequest
  readonly clock: Clock
}

/** The certificate of a file; made anew when there is none, when two thirds of its life are over, or when it lacks a name. */
export async function keptCertificate({ authority, directory, file, request, clock }: KeptOptions): Promise<KeyPair> {
  const certificateFile = join(directory, `${file}.crt`)
  const keyFile = join(directory, `${file}.key`)
  const [certificate, key] = await Promise.all([readIfThere(certificateFile), readIfThere(keyFile)])
  if (certificate !== undefined && key !== undefined && renewAt(certificate) > clock.now() && covers(certificate, request, authority.certificate)) {
    return { certificate, key }
  }
  const pair = await authority.issue(request)
  await writePrivateFile(keyFile, pair.key)
  await writePrivateFile(certificateFile, pair.certificate)
  return pair
}

const LOOK_AGAIN_MS = 12 * 3600_000

/** Keeps a certificate fresh until the signal aborts: hands each new one to `use`, the first at once. */
export async function keepRenewed(options: KeptOptions & { readonly log: Log; readonly signal: AbortSignal }, use: (pair: KeyPair) => void): Promise<void> {
  const { clock, signal, log } = options
  let current = await keptCertificate(options)
  use(current)
  const again = () => {
    // A timer of days is cut into half days: a machine may sleep in between.
    const cancel = clock.after(Math.min(LOOK_AGAIN_MS, Math.max(1000, renewAt(current.certificate) - clock.now())), () => {
      signal.removeEventListener('abort', cancel)
      keptCertificate(options)
        .then(next => {
          if (next.certificate !== current.certificate) use(next)
          current = next
        })
        .catch(error => log.error('renewing a certificate failed', { file: options.file, error }))
        .finally(again)
    })
    if (signal.aborted) return cancel()
    signal.addEventListener('abort', cancel, { once: true })
  }
  again()
}
