/**
 * `npm run vulnerabilities`: asks the registry for known vulnerabilities of what the lockfile holds. Exit code 0: none of
 * moderate severity or higher that has a fix; 1: there are; 3: the registry does not say.
 */
import { spawnSync } from 'node:child_process'
import { ROOT } from './testing/run.ts'
import { readAudit } from './vulnerabilities.ts'

const { stdout, stderr } = spawnSync('npm', ['audit', '--json'], { cwd: ROOT, encoding: 'utf8', timeout: 120_000 })
const { known, lines } = readAudit(stdout || stderr || '')
for (const line of lines) console.log(line)
const when = new Date().toISOString().slice(0, 10)
const SAYS = {
  clean: `${when}: no known vulnerability of moderate severity or higher that has a fix`,
  vulnerable: `${when}: update what is named above`,
  unknown: `${when}: whether there are known vulnerabilities cannot be told: ask again where the registry answers npm audit`,
} as const
console.log(SAYS[known])
process.exitCode = { clean: 0, vulnerable: 1, unknown: 3 }[known]
