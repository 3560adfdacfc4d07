const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const DAYS = 'sun mon tue wed thu fri sat'.split(' ')

interface CronField {
  readonly from: number
  readonly to: number
  readonly names?: readonly string[]
}
const FIELDS: readonly CronField[] = [
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  { from: 1, to: 12, names: MONTHS },
  { from: 0, to: 6, names: DAYS },
]
const MACROS: ReadonlySet<string> = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'])
const DURATION = /^[+-]?(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$/

/** What is wrong with a schedule: five fields of numbers, names, ranges and steps within their bounds, or a word for it. */
export function scheduleProblem(text: string): string | undefined {
  if (text.startsWith('@')) {
    if (MACROS.has(text)) return undefined
    const every = /^@every (.*)$/.exec(text)?.[1]
    if (every === undefined) return `unrecognized descriptor: ${text}`
    return DURATION.test(every) ? undefined : `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(every)}`
  }
  const parts = text.trim().split(/\s+/)
  if (parts.length !== FIELDS.length) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`
  for (const [i, part] of parts.entries()) {
    for (const range of part.split(',').filter(Boolean)) {
      const problem = rangeProblem(range, FIELDS[i] as CronField)
      if (problem) return problem
    }
  }
  return undefined
}

function rangeProblem(text: string, field: CronField): string | undefined {
  const [range = '', step, ...moreSteps] = text.split('/')
  if (moreSteps.length > 0) return `too many slashes: ${text}`
  const [first = '', last, ...moreDashes] = range.split('-')
  const any = first === '*' || first === '?'
  if (moreDashes.length > 0) return `too many hyphens: ${text}`
  const begin = any ? field.from : numberOf(first, field)
  const end = any || (step !== undefined && last === undefined) ? field.to : last === undefined ? begin : numberOf(last, field)
  const wide = step === undefined ? 1 : /^\d+$/.test(step) ? Number(step) : undefined
  if (begin === undefined) return `failed to parse int from ${first}`
  if (end === undefined) return `failed to parse int from ${last}`
  if (wide === undefined) return `failed to parse int from ${step}`
  if (begin < field.from) return `beginning of range (${begin}) below minimum (${field.from}): ${text}`
  if (end > field.to) return `end of range (${end}) above maximum (${field.to}): ${text}`
  if (begin > end) return `beginning of range (${begin}) beyond end of range (${end}): ${text}`
  return wide === 0 ? `step of range should be a positive number: ${text}` : undefined
}

function numberOf(text: string, { from, names }: CronField): number | undefined {
  const named = names?.indexOf(text.toLowerCase()) ?? -1
  if (named >= 0) return from + named
  return /^\d+$/.test(text) ? Number(text) : undefined
}
