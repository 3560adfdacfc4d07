/** Metrics in Prometheus' text format. A family holds a bounded number of series; what comes later is counted under `overflow`. */
export type Labels = Readonly<Record<string, string>>

const MAX_SERIES = 2000
const SPECIAL = /[\\"\n]/g
const escapeLabel = (value: string): string => (value.search(SPECIAL) < 0 ? value : value.replace(SPECIAL, c => (c === '\n' ? '\\n' : `\\${c}`)))
/** Labels as they stand between the braces. */
export function labelText(labels: Labels): string {
  let text = ''
  for (const key in labels) text += `${text === '' ? '' : ','}${key}="${escapeLabel(labels[key]!)}"`
  return text
}
const braces = (labels: string): string => (labels ? `{${labels}}` : '')

class Family<Cell> {
  readonly cells = new Map<string, Cell>()
  readonly name: string
  readonly help: string
  readonly type: string
  readonly #make: () => Cell
  constructor(name: string, help: string, type: string, make: () => Cell) {
    this.name = name
    this.help = help
    this.type = type
    this.#make = make
  }
  cell(labels: Labels): Cell {
    let key = labelText(labels)
    let cell = this.cells.get(key)
    if (cell) return cell
    if (this.cells.size >= MAX_SERIES) key = Object.keys(labels).length ? 'overflow="true"' : ''
    cell = this.cells.get(key) ?? this.#make()
    this.cells.set(key, cell)
    return cell
  }
}

interface Value {
  value: number
}
interface Distribution {
  readonly counts: number[]
  sum: number
  count: number
}

/** A number that only grows. */
export interface Counter {
  add(amount?: number, labels?: Labels): void
}
/** A number that goes both ways. */
export interface Gauge extends Counter {
  set(value: number, labels?: Labels): void
}
/** Counts observations into buckets; in the unit that the name says. */
export interface Histogram {
  observe(value: number, labels?: Labels): void
}

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** A set of metrics, written out together. Asking for the same name again gives the same metric. */
export class Metrics {
  readonly #families = new Map<string, { write(lines: string[]): void; handle: unknown }>()

  counter(name: string, help: string): Counter {
    return this.#value(name, help, 'counter')
  }
  gauge(name: string, help: string): Gauge {
    return this.#value(name, help, 'gauge')
  }
  /** A gauge, or a counter, that is asked for its value when the metrics are written. */
  measured(name: string, help: string, measure: () => number, type: 'gauge' | 'counter' = 'gauge'): void {
    this.#families.set(name, { handle: undefined, write: lines => lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${measure()}`) })
  }

  histogram(name: string, help: string, buckets: readonly number[] = SECONDS): Histogram {
    const known = this.#families.get(name)
    if (known) return known.handle as Histogram
    const family = new Family<Distribution>(name, help, 'histogram', () => ({ counts: new Array<number>(buckets.length).fill(0), sum: 0, count: 0 }))
    const handle: Histogram = {
      observe(value, labels = {}) {
        const cell = family.cell(labels)
        cell.sum += value
        cell.count++
        for (let i = buckets.length - 1; i >= 0 && value <= buckets[i]!; i--) cell.counts[i]!++
      },
    }
    const write = (lines: string[]) => {
      head(family, lines)
      for (const [labels, cell] of family.cells) {
        const comma = labels && `${labels},`
        buckets.forEach((le, i) => {
          lines.push(`${name}_bucket{${comma}le="${le}"} ${cell.counts[i]}`)
        })
        lines.push(
          `${name}_bucket{${comma}le="+Inf"} ${cell.count}`,
          `${name}_sum${braces(labels)} ${cell.sum}`,
          `${name}_count${braces(labels)} ${cell.count}`,
        )
      }
    }
    this.#families.set(name, { handle, write })
    return handle
  }

  #value(name: string, help: string, type: 'counter' | 'gauge'): Gauge {
    const known = this.#families.get(name)
    if (known) return known.handle as Gauge
    const family = new Family<Value>(name, help, type, () => ({ value: 0 }))
    const handle: Gauge = {
      add(amount = 1, labels = {}) {
        family.cell(labels).value += amount
      },
      set(value, labels = {}) {
        family.cell(labels).value = value
      },
    }
    const write = (lines: string[]) => {
      head(family, lines)
      for (const [labels, cell] of family.cells) lines.push(`${name}${braces(labels)} ${cell.value}`)
    }
    this.#families.set(name, { handle, write })
    return handle
  }

  text(): string {
    const lines: string[] = []
    for (const family of this.#families.values()) family.write(lines)
    return `${lines.join('\n')}\n`
  }
}

function head(family: { readonly name: string; readonly help: string; readonly type: string }, lines: string[]): void {
  lines.push(`# HELP ${family.name} ${family.help}`, `# TYPE ${family.name} ${family.type}`)
}
