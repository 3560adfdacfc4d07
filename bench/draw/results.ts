/** The committed results: lines of JSON, each run beginning with the machine that it ran on. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../machine.ts'
import type { Figure } from '../run.ts'

export interface Run {
  readonly bench: string
  readonly machine: Machine
  readonly figures: readonly Figure[]
}

export function readResults(directory: string): readonly Run[] {
  const files = readdirSync(directory).filter(file => file.endsWith('.jsonl'))
  return files.sort().flatMap(file => parseRuns(readFileSync(join(directory, file), 'utf8')))
}

export function parseRuns(text: string): readonly Run[] {
  const runs: { bench: string; machine: Machine; figures: Figure[] }[] = []
  for (const line of text.split('\n').filter(Boolean)) {
    const value = JSON.parse(line) as Figure | (Machine & { readonly bench: string })
    if ('figure' in value) runs.at(-1)?.figures.push(value)
    else runs.push({ bench: value.bench, machine: value, figures: [] })
  }
  return runs
}

/** What a figure may be drawn over, the first that has several values. */
const OVER = ['nodes', 'pods', 'objects', 'watchers', 'writers', 'batch'] as const

export interface Growth {
  readonly unit: string
  readonly over: string
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[]
}

/** Of a run, the figures that were taken at several sizes, by unit and by what grew. */
export function growthOf({ figures }: Run): readonly Growth[] {
  const found = new Map<string, { unit: string; over: string; series: Map<string, Map<number, number>> }>()
  for (const [name, own] of Map.groupBy(figures, nameOf)) {
    const over = OVER.find(key => new Set(own.map(figure => figure[key]).filter(value => typeof value === 'number')).size > 1)
    if (!over) continue
    const { unit } = own[0]!
    const key = `${unit} ${over}`
    if (!found.has(key)) found.set(key, { unit, over, series: new Map() })
    found.get(key)!.series.set(name, new Map(own.map(figure => [figure[over] as number, figure.value])))
  }
  return [...found.values()].map(({ unit, over, series }) => ({
    unit,
    over,
    series: [...series].map(([name, points]) => ({ name, points: [...points].sort(([a], [b]) => a - b) })),
  }))
}

/** A figure with what tells it from others of its name. */
export function nameOf({ figure, sets, server }: Figure): string {
  return [figure, typeof sets === 'number' && sets > 1 ? `of ${sets} sets` : '', server].filter(Boolean).join(', ')
}
