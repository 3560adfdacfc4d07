/** One thing that must hold for the server to be ready or alive; returns why not, or nothing. */
export interface HealthCheck {
  readonly name: string
  readonly check: () => string | undefined | Promise<string | undefined>
  /** Fails while the server starts, which is no news to whoever reads its log. */
  readonly startup?: true
}

export interface HealthReport {
  readonly ok: boolean
  readonly text: string
}

/**
 * Runs the checks of `/readyz`, `/livez` or `/healthz`. The text is `ok` unless asked for more; a failed one lists all.
 * Reasons stay out of the answer: whoever may ask without a name must not learn them.
 */
export async function healthReport(
  endpoint: string,
  checks: readonly HealthCheck[],
  { only, verbose, exclude }: { readonly only?: string | undefined; readonly verbose: boolean; readonly exclude: readonly string[] },
  onFailure: (check: HealthCheck, why: string) => void,
): Promise<HealthReport | undefined> {
  const wanted = only === undefined ? checks.filter(check => !exclude.includes(check.name)) : checks.filter(check => check.name === only)
  if (only !== undefined && wanted.length === 0) return undefined
  const lines: string[] = []
  let ok = true
  for (const check of wanted) {
    const { name } = check
    let why: string | undefined
    try {
      why = await check.check()
    } catch (error) {
      why = String(error)
    }
    lines.push(why === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`)
    if (why === undefined) continue
    ok = false
    onFailure(check, why)
  }
  if (ok && !verbose) return { ok, text: 'ok' }
  return { ok, text: `${lines.join('\n')}\n${endpoint} check ${ok ? 'passed' : 'failed'}\n` }
}
