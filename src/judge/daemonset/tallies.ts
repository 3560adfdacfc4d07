import { SortedKeys } from '../../base/sorted-keys.ts'
import type { Standing } from './standing.ts'
import type { NodeVerdict } from './verdict.ts'

/** What the status counts. */
export interface Counts {
  desired: number
  current: number
  misscheduled: number
  ready: number
  available: number
  updated: number
}

/** All that rationing and reporting know: totals, and which nodes stand how. A verdict is added or taken out without looking at another. */
export class Tallies {
  readonly counts: Counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 }
  /** Nodes where something is due whatever the budget. */
  readonly due = new SortedKeys()
  readonly #standings = new Map<Standing, SortedKeys>()
  readonly #verdicts = new Map<string, NodeVerdict>()

  /** How many nodes have been judged into this. */
  get size(): number {
    return this.#verdicts.size
  }

  get(node: string): NodeVerdict | undefined {
    return this.#verdicts.get(node)
  }

  /** By node, in the order in which they were first judged. */
  get verdicts(): ReadonlyMap<string, NodeVerdict> {
    return this.#verdicts
  }

  /** Takes the place of the node's former verdict. */
  put(verdict: NodeVerdict): void {
    const before = this.#verdicts.get(verdict.node)
    this.#verdicts.set(verdict.node, verdict)
    this.#replace(verdict.node, before, verdict)
  }

  drop(node: string): void {
    const before = this.#verdicts.get(node)
    this.#verdicts.delete(node)
    this.#replace(node, before, undefined)
  }

  #replace(node: string, before: NodeVerdict | undefined, after: NodeVerdict | undefined): void {
    if (before) this.#count(before, -1)
    if (after) this.#count(after, 1)
    const [wasDue, isDue] = [before !== undefined && before.due.length > 0, after !== undefined && after.due.length > 0]
    if (wasDue && !isDue) this.due.delete(node)
    else if (isDue && !wasDue) this.due.add(node)
    if (before?.standing === after?.standing) return
    if (before?.standing) this.#group(before.standing).delete(node)
    if (after?.standing) this.#group(after.standing).add(node)
  }

  /** How many nodes stand so. */
  count(test: (standing: Standing) => boolean): number {
    let sum = 0
    for (const [standing, nodes] of this.#standings) if (test(standing)) sum += nodes.size
    return sum
  }

  /** The first nodes by name that stand so, at most `limit`. */
  nodes(test: (standing: Standing) => boolean, limit = Number.POSITIVE_INFINITY): NodeVerdict[] {
    return this.names(test, limit).map(name => this.#verdicts.get(name)!)
  }

  /** Their names alone, in order. */
  names(test: (standing: Standing) => boolean, limit = Number.POSITIVE_INFINITY): readonly string[] {
    const groups: (readonly string[])[] = []
    for (const [standing, nodes] of this.#standings) if (nodes.size > 0 && test(standing)) groups.push(nodes.first(limit))
    return groups.length <= 1 ? (groups[0] ?? []) : groups.flat().sort().slice(0, limit)
  }

  #group(standing: Standing): SortedKeys {
    let group = this.#standings.get(standing)
    if (!group) {
      group = new SortedKeys()
      this.#standings.set(standing, group)
    }
    return group
  }

  #count({ placement, counted, ready, available, updated }: NodeVerdict, sign: 1 | -1): void {
    const counts = this.counts
    if (placement.because === 'node-missing') return
    if (!placement.run) {
      if (counted) counts.misscheduled += sign
      return
    }
    counts.desired += sign
    if (counted) counts.current += sign
    if (ready) counts.ready += sign
    if (available) counts.available += sign
    if (updated) counts.updated += sign
  }
}
