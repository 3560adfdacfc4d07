/**
 * `npm run vulnerabilities`: asks the registry for known vulnerabilities of what the lockfile holds. Exit code 0: none of
 * moderate severity or higher that has a fix; 1: there are; 3: the registry does not say. Then it tells what can be told
 * all the same: of which packages a newer release, and with it perhaps a fix, is published.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareWithPublished, type Locked, packagesOf } from './published.ts'
import { ROOT } from './testing/run.ts'
import { readAudit } from './vulnerabilities.ts'

const npm = (...args: readonly string[]) => spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', timeout: 120_000 })
const { stdout, stderr } = npm('audit', '--json')
const { known, lines } = readAudit(stdout || stderr || '')
for (const line of lines) console.log(line)
if (known === 'unknown') await tellWhatIsNewer().catch(error => console.log(`nor does it tell what is published: ${error}`))
const when = new Date().toISOString().slice(0, 10)
const SAYS = {
  clean: `${when}: no known vulnerability of moderate severity or higher that has a fix`,
  vulnerable: `${when}: update what is named above`,
  unknown: `${when}: whether there are known vulnerabilities cannot be told: ask again where the registry answers npm audit`,
} as const
console.log(SAYS[known])
process.exitCode = { clean: 0, vulnerable: 1, unknown: 3 }[known]

async function tellWhatIsNewer(): Promise<void> {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { readonly packages: Locked }
  const locked = packagesOf(packages)
  const published = await publishedVersions([...locked.keys()])
  const { outdated, elder, newest } = compareWithPublished(locked, name => published.get(name)!)
  for (const line of outdated) console.log(`behind: ${line}`)
  for (const line of elder) console.log(`the newest of its major version: ${line}`)
  console.log(`${newest} packages are the newest there is, ${elder.length} the newest of an elder major version, ${outdated.length} behind`)
}

/** Asks the registry, a few packages at a time. */
async function publishedVersions(names: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const registry = npm('config', 'get', 'registry').stdout.trim()
  const found = new Map<string, readonly string[]>()
  const left = names.values()
  const ask = async () => {
    for (const name of left) {
      const answer = await fetch(`${registry.replace(/\/?$/, '/')}${name.replace('/', '%2f')}`, {
        headers: { accept: 'application/vnd.npm.install-v1+json' },
        signal: AbortSignal.timeout(30_000),
      })
      if (!answer.ok) throw new Error(`${name}: the registry answers ${answer.status}`)
      const { versions } = (await answer.json()) as { readonly versions: object }
      found.set(name, Object.keys(versions))
    }
  }
  await Promise.all(Array.from({ length: 8 }, ask))
  return found
}
