import type { Calling, Pattern } from './signature.ts'
import { CelFailure, type Value } from './values.ts'

/** The evaluation used up what it may cost. */
export class CostExceeded extends Error {}

/** One evaluation on its way. Variables live in numbered places that the compiler gave out. */
export class Running implements Calling {
  readonly places: Value[]
  readonly pattern: (text: string) => Pattern
  readonly #limit: number
  #spent = 0

  constructor(places: Value[], pattern: (text: string) => Pattern, limit: number) {
    this.places = places
    this.pattern = pattern
    this.#limit = limit
  }

  get spent(): number {
    return this.#spent
  }

  spend(cost: number): void {
    this.#spent += cost
    if (this.#spent > this.#limit) throw new CostExceeded('operation cancelled: actual cost limit exceeded')
  }
}

/** An expression that has been checked, ready to be evaluated any number of times. */
export interface Compiled {
  readonly run: (running: Running) => Value
}

/** Evaluates what may fail, and gives the failure back instead of throwing it. */
export function attempt(one: Compiled, running: Running): Value | CelFailure {
  try {
    return one.run(running)
  } catch (error) {
    if (error instanceof CelFailure) return error
    throw error
  }
}
