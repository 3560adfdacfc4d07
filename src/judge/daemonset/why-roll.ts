import { lowerBound } from '../../base/sorted-keys.ts'
import { budgetOf } from './budget.ts'
import type { SetFacts } from './facts.ts'
import { uses } from './ration.ts'
import type { Tallies } from './tallies.ts'
import type { WhyReason } from './why-types.ts'

const SHOWN = 10

/** Where a roll stands at the moment of making: worked out once for all the nodes that are asked about. */
export class RollTold {
  readonly #problem: string | undefined
  readonly #sentence: string
  readonly #holding: readonly string[]
  readonly #turns: readonly string[]
  /** The first of them, one array and one text for all those who come after: most nodes of a large set. */
  readonly #first: readonly string[]
  readonly #firstNamed: string

  constructor(facts: SetFacts, tallies: Tallies, problem: string | undefined) {
    const { maxUnavailable, maxSurge } = budgetOf(facts.set, tallies.counts.desired)
    const surge = maxSurge > 0
    const holds = surge ? uses.surge : uses.unavailable
    const used = tallies.count(holds)
    this.#problem = problem
    this.#holding = tallies.names(holds, SHOWN)
    this.#turns = tallies.names(uses.turn)
    this.#first = this.#turns.slice(0, SHOWN)
    this.#firstNamed = this.#first.join(', ')
    this.#sentence =
      `the pod is of an older revision and waits for its turn: ${surge ? maxSurge : maxUnavailable} of the nodes ` +
      `${surge ? 'may carry an extra pod' : 'may be without an available pod'} at a time, ${used} ${used === 1 ? 'does' : 'do'} now` +
      `${used > 0 ? ` (${list(this.#holding, used)})` : ''}`
  }

  /** Why an outdated pod of this node is not replaced yet: who is before it, and who uses up the budget. */
  whyNotNow(node: string, pod: string): WhyReason {
    if (this.#problem) return { type: 'roll-stopped', pod, message: `the roll stands still: ${this.#problem}` }
    const at = lowerBound(this.#turns, node)
    const before = this.#turns[at] === node ? at : 0
    const behind = before >= SHOWN ? this.#first : this.#turns.slice(0, before)
    const named = before > SHOWN ? `${this.#firstNamed} and ${before - SHOWN} more` : behind.join(', ')
    const place = before === 0 ? 'it is next' : `${before} ${before === 1 ? 'comes' : 'come'} before it (${named})`
    return { type: 'turn', pod, holding: this.#holding, behind, message: `${this.#sentence}; ${place}` }
  }
}

const list = (names: readonly string[], count: number): string => `${names.slice(0, SHOWN).join(', ')}${count > SHOWN ? ` and ${count - SHOWN} more` : ''}`
