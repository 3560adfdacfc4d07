import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { writeHeapSnapshot } from 'node:v8'

export interface Census {
  readonly count: number
  readonly bytes: number
}

/** What the heap holds, by kind and constructor: from a heap snapshot, so that all garbage is collected first. */
export async function heapCensus(file: string): Promise<ReadonlyMap<string, Census>> {
  writeHeapSnapshot(file)
  return censusOf(file)
}

/** The same of a snapshot that another process wrote; the file is removed. */
export async function censusOf(file: string): Promise<ReadonlyMap<string, Census>> {
  try {
    const chunks: Buffer[] = []
    for await (const chunk of createReadStream(file)) chunks.push(chunk as Buffer)
    return countsOf(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Snapshot)
  } finally {
    await rm(file)
  }
}

interface Snapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly [readonly string[], ...unknown[]] } }
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

function countsOf({ snapshot: { meta }, nodes, strings }: Snapshot): ReadonlyMap<string, Census> {
  const width = meta.node_fields.length
  const [type, name, size] = ['type', 'name', 'self_size'].map(field => meta.node_fields.indexOf(field)) as [number, number, number]
  const counts = new Map<string, Census>()
  for (let at = 0; at < nodes.length; at += width) {
    const kind = meta.node_types[0][nodes[at + type]!] ?? ''
    const key = kind === 'object' || kind === 'closure' ? `${kind} ${strings[nodes[at + name]!]}` : kind
    const { count, bytes } = counts.get(key) ?? { count: 0, bytes: 0 }
    counts.set(key, { count: count + 1, bytes: bytes + nodes[at + size]! })
  }
  return counts
}

/** What grew, the most bytes first. */
export function growth(
  before: ReadonlyMap<string, Census>,
  after: ReadonlyMap<string, Census>,
): readonly { readonly what: string; readonly count: number; readonly bytes: number }[] {
  return [...after]
    .map(([what, { count, bytes }]) => ({ what, count: count - (before.get(what)?.count ?? 0), bytes: bytes - (before.get(what)?.bytes ?? 0) }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
}
