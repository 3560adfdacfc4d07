import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../testing/run.ts'

export interface Section {
  readonly title: string
  readonly first: number
  readonly last: number
  /** About the insides of upstream's libraries: tested where a request can show them. */
  readonly optional?: true
}

/** The sections of the catalogue of upstream's tests, by their row numbers. */
export const SECTIONS: readonly Section[] = [
  { title: 'reconciling', first: 1, last: 98 },
  { title: 'rolling', first: 99, last: 127 },
  { title: 'the pods of a set', first: 128, last: 151 },
  { title: 'validation', first: 152, last: 234 },
  { title: 'defaults and conversion', first: 235, last: 248 },
  { title: 'registry', first: 249, last: 297 },
  { title: 'history', first: 298, last: 328 },
  { title: 'claims', first: 329, last: 342 },
  { title: 'controller utilities', first: 343, last: 378, optional: true },
  { title: 'integration', first: 379, last: 395 },
  { title: 'end to end', first: 396, last: 405 },
  { title: 'life of a revision', first: 406, last: 412 },
  { title: 'upgrades, restarts and speed', first: 413, last: 421 },
  { title: 'kubectl against a server', first: 422, last: 442 },
  { title: 'kubectl by itself', first: 443, last: 499, optional: true },
  { title: 'scattered', first: 500, last: 512 },
  { title: 'columns', first: 513, last: 591 },
  { title: 'node affinity and taints', first: 592, last: 665 },
  { title: 'scheduling by node name', first: 666, last: 674 },
  { title: 'pod collection', first: 675, last: 699 },
  { title: 'stale caches', first: 700, last: 707, optional: true },
]

export const rowsOf = ({ first, last }: Section): readonly number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** The rows that a test's name carries: `catalogue #103 #104: …` and `catalogue #521-#523: …`. */
export function rowsNamed(name: string): readonly number[] {
  const [, list] = /catalogue ((?:#\d+(?:\s*[-–]\s*#?\d+)?[\s,]*)+)/.exec(name) ?? []
  return [...(list ?? '').matchAll(/#(\d+)(?:\s*[-–]\s*#?(\d+))?/g)].flatMap(([, from, to]) =>
    rowsOf({ title: '', first: Number(from), last: Number(to ?? from) }),
  )
}

/** Rows that do not apply, with the reason: lines `- #337: reason` or `- #337-#340: reason`. */
export function notApplicable(): ReadonlyMap<number, string> {
  const text = readFileSync(join(ROOT, 'test/conformance/not-applicable.md'), 'utf8')
  const rows = new Map<number, string>()
  for (const [, from, to, reason] of text.matchAll(/^- #(\d+)(?:-#(\d+))?: (.+)$/gm)) {
    for (const row of rowsOf({ title: '', first: Number(from), last: Number(to ?? from) })) rows.set(row, reason!)
  }
  return rows
}
