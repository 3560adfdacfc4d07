/** Which skipped tests are fine: a missing program fails a CI run; a missing host feature must be on the committed list. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Result } from './reporter.ts'
import { ROOT } from './run.ts'

/** `test/allowed-skips.md` lists them as `- host feature NAME: reason`. */
const allowed = (): string[] =>
  readFileSync(join(ROOT, 'test/allowed-skips.md'), 'utf8')
    .split('\n')
    .flatMap(line => /^- host feature `([^`]+)`:/.exec(line)?.[1] ?? [])

/** What is wrong with the skips of a run; nothing outside CI. */
export function wrongSkips(results: readonly Result[], ci: boolean): string[] {
  if (!ci) return []
  const names = allowed()
  return results
    .filter(result => result.outcome === 'skipped')
    .flatMap(({ name, why = '' }) => {
      if (/^missing folder /.test(why)) return []
      const feature = /^missing host feature ([^:]+)/.exec(why)?.[1]
      if (feature) return names.includes(feature) ? [] : [`${name}: host feature "${feature}" is not in test/allowed-skips.md`]
      return [`${name}: skipped with "${why}"; in CI every program that a test needs must be there`]
    })
}
