/** The lockfile: exact versions, an integrity hash each, every direct dependency named with its reason in docs/dependencies.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './testing/run.ts'

interface Package {
  readonly version?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Readonly<Record<string, Package>> }
const page = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8')
const problems: string[] = []

for (const [path, { version, integrity, link }] of Object.entries(packages)) {
  if (!path.startsWith('node_modules/') || link) continue
  if (!version) problems.push(`${path}: no version`)
  if (!integrity) problems.push(`${path}: no integrity hash`)
}
for (const own of ['', 'tools/runtime']) {
  const { dependencies, devDependencies, optionalDependencies } = packages[own] ?? {}
  for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
    if (!/^\d+\.\d+\.\d+$/.test(range)) problems.push(`${name}: "${range}" is not one exact version`)
    if (!page.includes(`\`${name}\``)) problems.push(`${name}: no reason in docs/dependencies.md`)
  }
}
for (const problem of problems) console.error(problem)
console.log(`lockfile: ${Object.keys(packages).length} packages, ${problems.length} problems`)
process.exitCode = problems.length ? 1 : 0
