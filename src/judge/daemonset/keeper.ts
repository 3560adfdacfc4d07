import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { Alarms } from './alarms.ts'
import type { SetFacts } from './facts.ts'
import { judgeNode } from './judge-node.ts'
import { wantSameNodes } from './placement.ts'
import { Tallies } from './tallies.ts'

/** Where the keeper finds what a node is now. */
export interface NodeSource {
  node(name: string): Node | undefined
  /** The set's claimed pods that are bound or pinned to the node. */
  podsOn(name: string): readonly Pod[]
}

/**
 * The verdicts on every node of one set, kept until the set, the node or one of its pods changes, or time does. Judging again visits
 * only what was touched; the tallies are the same as if all had been judged now.
 */
export class Keeper {
  readonly tallies = new Tallies()
  readonly #touched = new Set<string>()
  readonly #alarms = new Alarms()
  #facts: SetFacts | undefined
  /** How many nodes have been judged since the beginning. */
  visited = 0

  get facts(): SetFacts | undefined {
    return this.#facts
  }
  /** When time alone changes a verdict. */
  get lookAgainAt(): number | undefined {
    return this.#alarms.next
  }
  get pending(): number {
    return this.#touched.size
  }

  touch(node: string): void {
    this.#touched.add(node)
  }

  /** Touches every node that has a verdict. */
  touchJudged(): void {
    for (const name of this.tallies.judged) this.#touched.add(name)
  }

  /**
   * Takes the set as it is now. Says whether every node must be judged again; the caller then touches them all. Another revision alone, or another way of
   * replacing, changes nothing of where pods are wanted: then only nodes whose pods are not alone are touched, which happens here.
   */
  follow(facts: SetFacts): boolean {
    const before = this.#facts
    this.#facts = facts
    if (!before) return true
    if (before.set.status.observedGeneration !== facts.set.status.observedGeneration) for (const node of facts.failures.keys()) this.touch(node)
    const anew = before.minReadyMs !== facts.minReadyMs || !wantSameNodes(before.podSpec, facts.podSpec)
    const turns = before.hash !== facts.hash || before.templateGeneration !== facts.templateGeneration || before.replacement !== facts.replacement
    if (anew || turns) this.tallies.turn(facts)
    if (turns && !anew) for (const node of this.tallies.involved) this.touch(node)
    return anew
  }

  /** Judges what was touched and what time has changed, until all is judged or `enough`, asked after each node, says so. Says whether all is judged. */
  judge(source: NodeSource, now: number, enough: () => boolean = () => false): boolean {
    const facts = this.#facts
    if (!facts) return true
    for (let name = this.#alarms.due(now); name !== undefined; name = this.#alarms.due(now)) this.#touched.add(name)
    for (const name of this.#touched) {
      this.#touched.delete(name)
      this.#judge(facts, source, name, now)
      if (enough()) return this.#touched.size === 0
    }
    return true
  }

  #judge(facts: SetFacts, source: NodeSource, name: string, now: number): void {
    this.visited++
    const object = source.node(name)
    const pods = source.podsOn(name)
    if (!object && pods.length === 0) {
      this.tallies.drop(name)
      this.#alarms.set(name, undefined)
      return
    }
    const verdict = judgeNode(facts, { name, object }, pods, now)
    this.tallies.put(verdict)
    this.#alarms.set(name, verdict.lookAgainAt)
  }
}
