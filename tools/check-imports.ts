/** The architecture as data: each part and the parts it may import. Anything not listed is an error. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { parseSync } from 'oxc-parser'

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  api: ['base'],
  judge: ['api', 'base'],
  store: ['base'],
  server: ['judge', 'api', 'store', 'base'],
  client: ['api', 'base'],
  controllers: ['judge', 'client', 'api', 'base'],
  agent: ['judge', 'client', 'api', 'base'],
  cli: ['judge', 'client', 'api', 'base'],
  main: ['base', 'api', 'judge', 'store', 'server', 'client', 'controllers', 'agent', 'cli'],
}
/** Parts that also run in a browser: no `node:` module, except below `base/node`, which they may not import. */
const NEUTRAL = ['base', 'api', 'judge']
const NODE_ONLY = 'base/node/'
/** Packages a neutral part may load, when it loads them only at the moment of use. */
const NEUTRAL_PACKAGES = ['yaml', 're2js']
/** Judgement sees data only: no clock, no chance, no process. */
const IMPURE = /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|setImmediate|process\.|console\.|fetch\()/

const root = resolve(import.meta.dirname, '..')
const src = join(root, 'src')
const problems: string[] = []

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .map(file => file.split(sep).join('/'))
const partEdges = new Map<string, Set<string>>()

for (const file of files) {
  const text = readFileSync(join(src, file), 'utf8')
  const part = file.split('/')[0]!
  const isTest = /\.test\.ts$|(^|\/)(contract|.*-contract)\.ts$/.test(file)
  const { module } = parseSync(file, text)
  const imported = [
    ...module.staticImports.map(i => i.moduleRequest.value),
    ...module.staticExports.flatMap(e => e.entries.flatMap(entry => (entry.moduleRequest ? [entry.moduleRequest.value] : []))),
    ...module.dynamicImports.flatMap(i => text.slice(i.moduleRequest.start + 1, i.moduleRequest.end - 1)),
  ]
  for (const name of imported) {
    if (!name.startsWith('.')) {
      if (isTest) continue
      if (part === 'judge') problems.push(`${file}: judgement may not import "${name}"`)
      else if (NEUTRAL.includes(part) && !file.startsWith(NODE_ONLY) && !NEUTRAL_PACKAGES.includes(name))
        problems.push(`${file}: ${part} also runs in a browser and may not import "${name}"`)
      continue
    }
    const target = relative(src, resolve(src, dirname(file), name))
      .split(sep)
      .join('/')
    const to = target.split('/')[0]!
    if (!isTest && NEUTRAL.includes(part) && target.startsWith(NODE_ONLY) && !file.startsWith(NODE_ONLY))
      problems.push(`${file}: ${name} does not run in a browser`)
    if (to === '..') {
      if (!isTest) problems.push(`${file}: imports ${name} from outside src`)
      continue
    }
    if (to === part) continue
    if (isTest && MAY_IMPORT[to]) continue
    if (!MAY_IMPORT[part]) problems.push(`${file}: ${part} is not in the table of parts`)
    else if (!MAY_IMPORT[part].includes(to)) problems.push(`${file}: ${part} may not import ${to}`)
    const edges = partEdges.get(part) ?? new Set()
    partEdges.set(part, edges.add(to))
  }
  if (!isTest && (part === 'judge' || /(^|\/)plan\.ts$/.test(file))) {
    const hit = IMPURE.exec(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''))
    if (hit) problems.push(`${file}: judgement may not use ${hit[0]}`)
  }
  const lines = text.split('\n').length
  if (lines > 600 && file.startsWith('api/types/') && file !== 'agent/runtime/cri/messages.ts')
    problems.push(`${file}: ${lines} lines; one subject each, 600 at most`)
}

for (const problem of problems) console.error(problem)
console.log(`imports: ${files.length} files, ${problems.length} problems`)
process.exitCode = problems.length ? 1 : 0
