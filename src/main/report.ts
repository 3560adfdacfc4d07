import { DaemonSets } from '../api/kinds/apps/daemon-set.ts'
import { Nodes } from '../api/kinds/core/node.ts'
import type { DaemonSet } from '../api/types/apps/daemon-set.ts'
import type { Node } from '../api/types/core/node.ts'
import type { Clock } from '../base/clock.ts'
import type { Informers } from '../client/informers.ts'

/** At most this often the lines are drawn anew. */
const REDRAW_MS = 200
const MOST_SETS = 12

/** What a person at a terminal sees below the first lines: nodes and DaemonSets as they are now. */
export function liveLines(nodes: Iterable<Node>, sets: Iterable<DaemonSet>): readonly string[] {
  let count = 0
  let ready = 0
  for (const node of nodes) {
    count++
    if (node.status.conditions?.some(c => c.type === 'Ready' && c.status === 'True')) ready++
  }
  const lines = [`nodes ${ready}/${count} ready`]
  const sorted = [...sets].sort((a, b) => key(a).localeCompare(key(b)))
  for (const set of sorted.slice(0, MOST_SETS)) {
    const { desiredNumberScheduled: wanted, numberReady, updatedNumberScheduled: updated = 0 } = set.status
    const rolling = updated < wanted ? `, ${updated} up to date` : ''
    lines.push(`ds ${key(set)} ${numberReady}/${wanted} ready${rolling}`)
  }
  if (sorted.length > MOST_SETS) lines.push(`and ${sorted.length - MOST_SETS} more DaemonSets`)
  return lines
}

const key = ({ metadata }: DaemonSet): string => (metadata.namespace === 'default' ? metadata.name : `${metadata.namespace}/${metadata.name}`)

/** Keeps live lines at the end of a terminal until the signal aborts; elsewhere says nothing. */
export function showLiveLines(informers: Informers, terminal: NodeJS.WriteStream, clock: Clock, signal: AbortSignal): void {
  if (!terminal.isTTY) return
  const nodes = informers.of(Nodes)
  const sets = informers.of(DaemonSets)
  let drawn: readonly string[] = []
  let pending: (() => void) | undefined
  const draw = () => {
    pending = undefined
    const lines = liveLines(nodes.list(), sets.list())
    if (lines.join('\n') === drawn.join('\n')) return
    const up = drawn.length > 0 ? `\u001b[${drawn.length}A` : ''
    const width = terminal.columns || 80
    terminal.write(`${up}\u001b[J${lines.map(line => `  ${line.slice(0, width - 3)}\n`).join('')}`)
    drawn = lines
  }
  const soon = () => {
    pending ??= clock.after(REDRAW_MS, draw)
  }
  const stops = [nodes.subscribe(soon), sets.subscribe(soon)]
  signal.addEventListener(
    'abort',
    () => {
      for (const stop of stops) stop()
      pending?.()
    },
    { once: true },
  )
}
