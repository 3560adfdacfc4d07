import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, runTests, testFiles } from '../testing/run.ts'
import { rowsNamed } from './catalogue.ts'
import { MUTANTS, type Mutant } from './mutants.ts'

/** Where the rows are that a fault in the daemon's judgement or controller turns red. */
const USUAL = ['test/conformance/*.test.ts']

/** Plants each fault alone in a copy of the tree and runs the rows; true when every one turns at least one row red. */
export async function tryMutants(names: readonly string[]): Promise<boolean> {
  const copy = mkdtempSync(join(tmpdir(), 'everynode-mutants-'))
  try {
    for (const part of ['src', 'test', 'tools', 'package.json', 'tsconfig.json']) cpSync(join(ROOT, part), join(copy, part), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    const chosen = names.length > 0 ? MUTANTS.filter(({ name }) => names.some(wanted => name.includes(wanted))) : MUTANTS
    let survived = 0
    for (const mutant of chosen) if (!(await caught(copy, mutant))) survived++
    console.log(`${chosen.length - survived} of ${chosen.length} faults found`)
    return survived === 0
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

async function caught(copy: string, { name, file, find, replace, tests = USUAL }: Mutant): Promise<boolean> {
  const path = join(copy, file)
  const source = readFileSync(path, 'utf8')
  const places = source.split(find).length - 1
  if (places !== 1) {
    console.log(`FAILED   ${name}: the place to change is there ${places} times in ${file}`)
    return false
  }
  writeFileSync(
    path,
    source.replace(find, () => replace),
  )
  try {
    const results = await runTests(testFiles(...tests), { processes: 1, shared: true, timeout: 20_000, deadline: 120_000, root: copy, quiet: true })
    const rows = [...new Set(results.filter(result => result.outcome === 'failed').flatMap(result => rowsNamed(result.name)))].sort((a, b) => a - b)
    const shown = rows.slice(0, 6).map(row => `#${row}`)
    console.log(rows.length > 0 ? `found    ${name}: ${shown.join(' ')}${rows.length > 6 ? ` and ${rows.length - 6} more` : ''}` : `SURVIVED ${name}`)
    return rows.length > 0
  } finally {
    writeFileSync(path, source)
  }
}
