/**
 * `npm run conformance`: runs every test that carries a row of the catalogue and prints how the rows stand.
 * `-- --unit` leaves out what starts servers; `-- --mutants [name…]` plants faults one at a time and wants a row red for each.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { notApplicable, rowsNamed, rowsOf, SECTIONS } from './conformance/catalogue.ts'
import { tryMutants } from './conformance/try-mutants.ts'
import { UNIT } from './ok.ts'
import { ROOT, runTests, testFiles } from './testing/run.ts'

/** At most so many rows of the sections that are not optional may be not applicable. */
const MOST_NOT_APPLICABLE = 40

const carriesRows = (file: string): boolean => /catalogue (#|\$\{)/.test(readFileSync(join(ROOT, file), 'utf8'))

async function conformance(unitOnly: boolean): Promise<boolean> {
  const unit = testFiles(...UNIT).filter(carriesRows)
  const whole = unitOnly ? [] : testFiles('test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts').filter(carriesRows)
  const results = [
    ...(await runTests(unit, { processes: 2, shared: true, timeout: 60_000, deadline: 300_000 })),
    ...(await runTests(whole, { processes: 1, shared: false, timeout: 300_000, deadline: 480_000 })),
  ]
  const passed = new Set<number>()
  const failed = new Set<number>()
  const skipped = new Set<number>()
  for (const { name, outcome } of results) {
    const into = outcome === 'passed' ? passed : outcome === 'failed' ? failed : skipped
    for (const row of rowsNamed(name)) into.add(row)
  }
  const not = notApplicable()
  const total = { rows: 0, passed: 0, failed: 0, skipped: 0, not: 0, missing: 0 }
  const required = { not: 0, missing: 0 }
  for (const section of SECTIONS) {
    const rows = rowsOf(section)
    const red = rows.filter(row => failed.has(row))
    const green = rows.filter(row => passed.has(row) && !failed.has(row))
    const idle = rows.filter(row => skipped.has(row) && !passed.has(row) && !failed.has(row))
    const none = rows.filter(row => not.has(row) && !passed.has(row) && !failed.has(row) && !skipped.has(row))
    const missing = rows.filter(row => !passed.has(row) && !failed.has(row) && !skipped.has(row) && !not.has(row))
    total.rows += rows.length
    total.passed += green.length
    total.failed += red.length
    total.skipped += idle.length
    total.not += none.length
    total.missing += missing.length
    if (!section.optional) {
      required.not += none.length
      required.missing += missing.length
    }
    const range = `#${section.first}-#${section.last}`
    console.log(
      `${range.padEnd(11)} ${section.title.padEnd(30)} ${String(green.length).padStart(3)}/${rows.length}${red.length > 0 ? `, failed ${said(red)}` : ''}` +
        `${idle.length > 0 ? `, skipped ${said(idle)}` : ''}${none.length > 0 ? `, ${none.length} not applicable` : ''}` +
        `${missing.length > 0 ? `, ${section.optional ? 'left out' : 'missing'} ${said(missing)}` : ''}`,
    )
  }
  const covered = total.passed + total.failed
  console.log(
    `${covered} rows covered, ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped, ${total.not} not applicable, ${required.missing} missing`,
  )
  if (required.not > MOST_NOT_APPLICABLE) console.log(`FAILED more than ${MOST_NOT_APPLICABLE} rows are said not to apply`)
  const otherwise = results.some(({ name, outcome }) => outcome === 'failed' && rowsNamed(name).length === 0)
  return total.failed === 0 && required.missing === 0 && required.not <= MOST_NOT_APPLICABLE && !otherwise
}

/** Row numbers with runs drawn together. */
function said(rows: readonly number[]): string {
  const runs: [number, number][] = []
  for (const row of rows) {
    const last = runs.at(-1)
    if (last && last[1] === row - 1) last[1] = row
    else runs.push([row, row])
  }
  return runs.map(([from, to]) => (from === to ? `#${from}` : `#${from}-#${to}`)).join(' ')
}

if (import.meta.main) {
  const args = process.argv.slice(2)
  const mutants = args.includes('--mutants')
  const good = mutants ? await tryMutants(args.filter(arg => !arg.startsWith('--'))) : await conformance(args.includes('--unit'))
  process.exitCode = good ? 0 : 1
}
