import { X509Certificate } from 'node:crypto'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

const DAY_MS = 86_400_000
/** From so long before its end on, each day has a warning. */
export const WARN_MS = 90 * DAY_MS

/** When a certificate (PEM) ends, in milliseconds since 1970. */
export const endOf = (certificate: string): number => new X509Certificate(certificate).validToDate.getTime()

export interface AuthorityEndOptions {
  /** The authority's, PEM. */
  readonly certificate: string
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Warns once a day from 90 days before the authority's end: nothing that it signed is good for longer. Ends with the signal. */
export async function warnOfAuthorityEnd({ certificate, clock, log, signal }: AuthorityEndOptions): Promise<void> {
  const end = endOf(certificate)
  for (;;) {
    const left = end - clock.now()
    if (left <= WARN_MS)
      log.warn("the cluster's authority ends soon, and with it every certificate; see docs/operations.md", {
        ends: new Date(end).toISOString(),
        days: Math.floor(left / DAY_MS),
      })
    try {
      await sleep(clock, DAY_MS, signal)
    } catch {
      return
    }
  }
}
