/** What `npm audit --json` says about the packages of the lockfile. */
export interface Audited {
  readonly known: 'clean' | 'vulnerable' | 'unknown'
  readonly lines: readonly string[]
}

interface Vulnerability {
  readonly severity?: string
  readonly range?: string
  readonly fixAvailable?: unknown
  readonly via?: readonly (string | { readonly title?: string; readonly url?: string })[]
}

const GRAVE = new Set(['moderate', 'high', 'critical'])

/**
 * Vulnerable: at least one of moderate severity or higher that has a fix; those without one are named and do not count.
 * Unknown: the registry did not answer, which is never taken for an answer.
 */
export function readAudit(output: string): Audited {
  let report: { readonly auditReportVersion?: number; readonly vulnerabilities?: Readonly<Record<string, Vulnerability>>; readonly message?: string }
  try {
    report = JSON.parse(output.slice(Math.max(0, output.indexOf('{')))) as typeof report
  } catch {
    return { known: 'unknown', lines: [`npm audit gave no answer: ${output.trim().slice(0, 300) || 'nothing at all'}`] }
  }
  const { auditReportVersion, vulnerabilities, message } = report
  if (auditReportVersion === undefined || !vulnerabilities) return { known: 'unknown', lines: [`npm audit gave no answer: ${message ?? 'no report'}`] }
  const lines: string[] = []
  let fixable = 0
  for (const [name, { severity = '', range = '', fixAvailable, via = [] }] of Object.entries(vulnerabilities)) {
    if (!GRAVE.has(severity)) continue
    if (fixAvailable) fixable++
    const what = via.map(one => (typeof one === 'string' ? `through ${one}` : [one.title, one.url].filter(Boolean).join(' '))).join('; ')
    lines.push(`${severity}: ${name} ${range}: ${what}${fixAvailable ? '' : ' (no fix yet)'}`)
  }
  return { known: fixable > 0 ? 'vulnerable' : 'clean', lines }
}
