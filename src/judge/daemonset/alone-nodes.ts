import { SortedKeys } from '../../base/sorted-keys.ts'
import { HASH_LABEL, type SetFacts, TEMPLATE_GENERATION_LABEL } from './facts.ts'
import { isOfRevision } from './pod-facts.ts'
import { ALONE, type Standing } from './standing.ts'
import type { NodeVerdict } from './verdict.ts'

/** The nodes whose pods carry the same labels of a revision. */
interface Group {
  readonly labels: Readonly<Record<string, string>>
  updated: boolean
  readonly available: SortedKeys
  readonly unavailable: SortedKeys
}

/** Nodes with one running pod each, by the revision that the pod is of: when the set turns to another one, groups change sides and no node is looked at. */
export class AloneNodes {
  /** By the revision's hash, then by the template's generation; '' stands for none. */
  readonly #groups = new Map<string, Map<string, Group>>()

  add(verdict: NodeVerdict): void {
    namesIn(this.#group(verdict), verdict).add(verdict.node)
  }

  delete(verdict: NodeVerdict): void {
    const group = this.#group(verdict)
    namesIn(group, verdict).delete(verdict.node)
    if (group.available.size + group.unavailable.size > 0) return
    const [hash, generation] = keysOf(group.labels)
    const generations = this.#groups.get(hash)!
    generations.delete(generation)
    if (generations.size === 0) this.#groups.delete(hash)
  }

  /** How many more pods are up to date from now on. */
  turn(facts: SetFacts): number {
    let more = 0
    for (const group of this.#all()) {
      const updated = isOfRevision(group.labels, facts)
      if (updated === group.updated) continue
      group.updated = updated
      more += (updated ? 1 : -1) * (group.available.size + group.unavailable.size)
    }
    return more
  }

  /** Who stands how; a standing may come more than once. */
  *standings(): Iterable<readonly [Standing, SortedKeys]> {
    for (const { updated, available, unavailable } of this.#all()) {
      yield [updated ? ALONE.newAvailable : ALONE.oldAvailable, available]
      yield [updated ? ALONE.newUnavailable : ALONE.oldUnavailable, unavailable]
    }
  }

  *#all(): Iterable<Group> {
    for (const generations of this.#groups.values()) yield* generations.values()
  }

  #group({ pods, updated }: NodeVerdict): Group {
    const labels = pods[0]!.pod.metadata.labels ?? {}
    const [hash, generation] = keysOf(labels)
    const generations = this.#groups.get(hash) ?? new Map<string, Group>()
    const known = generations.get(generation)
    if (known) return known
    const own = { [HASH_LABEL]: hash, [TEMPLATE_GENERATION_LABEL]: generation }
    const group: Group = { labels: own, updated, available: new SortedKeys(), unavailable: new SortedKeys() }
    this.#groups.set(hash, generations.set(generation, group))
    return group
  }
}

const namesIn = (group: Group, { available }: NodeVerdict): SortedKeys => (available ? group.available : group.unavailable)
const keysOf = (labels: Readonly<Record<string, string>>): readonly [string, string] => [labels[HASH_LABEL] ?? '', labels[TEMPLATE_GENERATION_LABEL] ?? '']
