import type { Pod } from '../../api/types/core/pod.ts'
import type { SetFacts } from './facts.ts'
import { ration } from './ration.ts'
import type { Tallies } from './tallies.ts'
import type { PodReason } from './verdict.ts'
import { RollTold } from './why-roll.ts'

/** What an answer about a node owes to all the others, as they are at the moment of making: what this pass does, and where the roll stands. */
export class OthersTold {
  /** Pods that go in this pass, and why. */
  readonly decided: ReadonlyMap<Pod, PodReason>
  /** Nodes that get a pod in this pass. */
  readonly creates: ReadonlySet<string>
  readonly roll: RollTold

  constructor(facts: SetFacts, tallies: Tallies) {
    const { actions, problem } = ration(facts, tallies)
    this.decided = new Map(actions.flatMap(action => (action.do === 'delete' ? [[action.pod, action.why] as const] : [])))
    this.creates = new Set(actions.flatMap(action => (action.do === 'create' ? [action.node] : [])))
    this.roll = new RollTold(facts, tallies, problem)
  }
}
