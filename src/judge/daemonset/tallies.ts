import { compareKeys, SortedKeys } from '../../base/sorted-keys.ts'
import { AloneNodes } from './alone-nodes.ts'
import type { SetFacts } from './facts.ts'
import { turned } from './judge-node.ts'
import type { Standing } from './standing.ts'
import type { Action, NodeVerdict } from './verdict.ts'

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
  /** Nodes where a creation, or a deletion, is due whatever the budget. */
  readonly #due: Readonly<Record<Action['do'], SortedKeys>> = { create: new SortedKeys(), delete: new SortedKeys() }
  /** Nodes whose pods are not alone, or that have none. */
  readonly #standings = new Map<Standing, SortedKeys>()
  readonly #alone = new AloneNodes()
  /** Nodes with pods that are not alone. */
  readonly #involved = new Set<string>()
  readonly #verdicts = new Map<string, NodeVerdict>()
  /** The newest facts that verdicts on pods that are alone may not have been brought up to yet. */
  #turnedTo: SetFacts | undefined

  /** How many nodes have been judged into this. */
  get size(): number {
    return this.#verdicts.size
  }

  /** The names of all nodes judged, in the order in which they first were. */
  get judged(): Iterable<string> {
    return this.#verdicts.keys()
  }

  /** Those that must be judged again when the set has turned to another revision: their pods are not alone. */
  get involved(): Iterable<string> {
    return this.#involved
  }

  get(node: string): NodeVerdict | undefined {
    const verdict = this.#verdicts.get(node)
    return verdict && this.#upToDate(verdict)
  }

  /** By node, in the order in which they were first judged. */
  get verdicts(): ReadonlyMap<string, NodeVerdict> {
    if (this.#turnedTo) for (const verdict of this.#verdicts.values()) this.#upToDate(verdict)
    this.#turnedTo = undefined
    return this.#verdicts
  }

  /** The set has turned to another revision, or to another way of replacing: all counts and groups are as if every node whose pod is alone were judged anew. */
  turn(facts: SetFacts): void {
    this.counts.updated += this.#alone.turn(facts)
    this.#turnedTo = facts
  }

  #upToDate(verdict: NodeVerdict): NodeVerdict {
    if (!this.#turnedTo || !verdict.alone) return verdict
    const now = turned(this.#turnedTo, verdict)
    if (now !== verdict) this.#verdicts.set(verdict.node, now)
    return now
  }

  /** Takes the place of the node's former verdict. */
  put(verdict: NodeVerdict): void {
    const before = this.get(verdict.node)
    this.#verdicts.set(verdict.node, verdict)
    this.#replace(verdict.node, before, verdict)
  }

  drop(node: string): void {
    const before = this.get(node)
    this.#verdicts.delete(node)
    this.#replace(node, before, undefined)
  }

  #replace(node: string, before: NodeVerdict | undefined, after: NodeVerdict | undefined): void {
    if (before) this.#count(before, -1)
    if (after) this.#count(after, 1)
    this.#mark(node, before, after, 'create')
    this.#mark(node, before, after, 'delete')
    this.#regroup(node, before, after)
  }

  #mark(node: string, before: NodeVerdict | undefined, after: NodeVerdict | undefined, what: Action['do']): void {
    const is = isDue(after, what)
    if (is === isDue(before, what)) return
    if (is) this.#due[what].add(node)
    else this.#due[what].delete(node)
  }

  #regroup(node: string, before: NodeVerdict | undefined, after: NodeVerdict | undefined): void {
    if (before?.alone && after?.alone && before.standing === after.standing && before.pods[0]!.pod.metadata.labels === after.pods[0]!.pod.metadata.labels)
      return
    if (before?.alone) this.#alone.delete(before)
    if (after?.alone) this.#alone.add(after)
    const [stood, stands] = [before?.alone ? undefined : before?.standing, after?.alone ? undefined : after?.standing]
    if (stood !== stands) {
      if (stood) this.#group(stood).delete(node)
      if (stands) this.#group(stands).add(node)
    }
    if (after && !after.alone && after.pods.length > 0) this.#involved.add(node)
    else this.#involved.delete(node)
  }

  /** The first nodes by name where a creation is due, and those where a deletion is, at most `limit` of each, together in order. */
  due(limit: number): readonly NodeVerdict[] {
    const names = new Set([...this.#due.create.first(limit), ...this.#due.delete.first(limit)])
    return [...names].sort(compareKeys).map(name => this.get(name)!)
  }

  /** How many nodes stand so. */
  count(test: (standing: Standing) => boolean): number {
    let sum = 0
    for (const [standing, nodes] of this.#groups()) if (test(standing)) sum += nodes.size
    return sum
  }

  /** The first nodes by name that stand so, at most `limit`. */
  nodes(test: (standing: Standing) => boolean, limit = Number.POSITIVE_INFINITY): NodeVerdict[] {
    return this.names(test, limit).map(name => this.get(name)!)
  }

  /** Their names alone, in order. */
  names(test: (standing: Standing) => boolean, limit = Number.POSITIVE_INFINITY): readonly string[] {
    const groups: (readonly string[])[] = []
    for (const [standing, nodes] of this.#groups()) if (nodes.size > 0 && test(standing)) groups.push(nodes.first(limit))
    return groups.length <= 1 ? (groups[0] ?? []) : groups.flat().sort().slice(0, limit)
  }

  *#groups(): Iterable<readonly [Standing, SortedKeys]> {
    yield* this.#standings
    yield* this.#alone.standings()
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

const isDue = (verdict: NodeVerdict | undefined, what: Action['do']): boolean => verdict?.due.some(action => action.do === what) ?? false
