/** How long each test file took when it last ran here: what to begin with, nothing more. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Milliseconds for a byte of a file that has never run here: those that start whole processes mostly wait. */
const msPerByte = (file: string): number => (/^test\/(?:e2e|integration)\//.test(file) ? 3 : 0.05)

export class Durations {
  readonly #root: string
  readonly #place: string
  readonly #known: Map<string, number>

  constructor(root: string) {
    this.#root = root
    this.#place = join(root, 'node_modules/.cache/everynode/durations.json')
    this.#known = new Map(Object.entries(read(this.#place)))
  }

  /** Milliseconds that a file is likely to take. */
  of(file: string): number {
    return this.#known.get(file) ?? statSync(join(this.#root, file)).size * msPerByte(file)
  }

  note(file: string, ms: number): void {
    this.#known.set(file, Math.round(ms))
  }

  save(): void {
    mkdirSync(dirname(this.#place), { recursive: true })
    writeFileSync(this.#place, JSON.stringify(Object.fromEntries([...this.#known].sort())))
  }
}

function read(place: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(place, 'utf8')) as Record<string, number>
  } catch {
    return {}
  }
}

/** Parts of neighbouring files, which share most of their modules, that cost about the same; `most` of them at most. */
export function dealNeighbours(files: readonly string[], most: number, cost: (file: string) => number): string[][] {
  const total = files.reduce((sum, file) => sum + cost(file), 0)
  const parts: string[][] = Array.from({ length: most }, () => [])
  let before = 0
  for (const file of files) {
    const middle = before + cost(file) / 2
    parts[Math.min(most - 1, Math.floor((middle / total) * most))]!.push(file)
    before += cost(file)
  }
  return parts.filter(part => part.length > 0)
}
