/** Every path of the project that a page names exists, and every page that the pages link to. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ROOT, testFiles } from './testing/run.ts'

const problems: string[] = []
for (const page of testFiles('*.md', 'docs/**/*.md', 'examples/**/*.md', 'bench/**/*.md')) {
  const text = readFileSync(join(ROOT, page), 'utf8')
  for (const [, link = ''] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
    if (/^[a-z]+:/.test(link)) continue
    if (!existsSync(join(ROOT, dirname(page), link))) problems.push(`${page}: links to ${link}, which is not there`)
  }
  for (const [, path = ''] of text.matchAll(/`((?:src|tools|test|bench|docs|examples|bin)\/[\w./-]*)`/g)) {
    if (!existsSync(join(ROOT, path))) problems.push(`${page}: names ${path}, which is not there`)
  }
}
for (const problem of problems) console.error(problem)
console.log(`docs: ${problems.length} problems in ${relative(ROOT, join(ROOT, 'docs')) || 'docs'}`)
process.exitCode = problems.length ? 1 : 0
