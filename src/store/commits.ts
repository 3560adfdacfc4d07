import { goingOn } from '../base/going-on.ts'
import type { Decided } from './sqlite-messages.ts'
import type { Change, Write, Written } from './store.ts'

/** A commit of more gains nothing and makes everybody wait. */
const BATCH = 200
const BATCH_BYTES = 4 << 20
/** Lazy writes alone wait so long for others: most are renewals of leases, a message for each would wake two threads. */
const GATHER_MS = 50
/** Batches that are with the medium at one time while others are heard: one is decided, the next lies ready. */
const UNDER_WAY = 3
/**
 * What follows from a commit keeps a turn of the event loop so long, with what those go on with who are told: followers longer, since a
 * change that waits for a further turn has everybody wait who watches it.
 */
const FOLLOW_MS = 8
const TELL_MS = 3
/** Given or told at one time, and awaits in which those who were told have done their next work. */
const TOLD = 16
const GOING_ON = 12

/** What became of a batch, in its order; `refusal` is what those fail with that are neither written nor in conflict. */
export interface Outcome {
  readonly decided: readonly Decided[]
  readonly refusal: unknown
}

export interface CommitsOptions {
  /** Resolves when the batch is decided and durable: batches are decided in the order in which they are handed over. Rejects when nothing works any more. */
  readonly commit: (writes: readonly Write[]) => Promise<Outcome>
  /** Takes what was written, in order of revision: whoever follows sees it. */
  readonly append: (changes: readonly Change[]) => void
  /** Whether others are to be heard just now while a commit is given to those who follow and its writers are told. */
  readonly inTurns: () => boolean
}

const NOT_DECIDED: Decided = { failed: 'the medium has not answered' }

interface Waiting {
  readonly write: Write
  readonly resolve: (written: Written) => void
  readonly reject: (error: unknown) => void
}

/**
 * Makes batches of writes and tells what became of them: of each write first whoever follows, then the writer. When others are to be
 * heard, what one turn of the event loop brought is a batch at its end, and the followers do not wait for the writers of earlier batches.
 * Otherwise a batch is whatever came while the one before was written and told.
 */
export class Commits {
  readonly #options: CommitsOptions
  #waiting: Waiting[] = []
  #underWay = 0
  #scheduled = false
  /** Runs while only lazy writes wait. */
  #gathering: NodeJS.Timeout | undefined
  #followed: Promise<void> = Promise.resolve()
  #told: Promise<void> = Promise.resolve()

  constructor(options: CommitsOptions) {
    this.#options = options
  }

  write(write: Write): Promise<Written> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject })
      if (!write.lazy) this.#schedule()
      else if (!this.#scheduled && this.#underWay === 0) this.#gathering ??= setTimeout(() => this.#begin(), GATHER_MS)
    })
  }

  /** Resolves when what was handed over before the call can be seen by whoever follows. */
  followed(): Promise<void> {
    return this.#followed
  }

  /** Resolves when nothing waits and everybody is told, or when `over` says that nothing works any more. */
  async settled(over: () => boolean): Promise<void> {
    while ((this.#underWay > 0 || this.#waiting.length > 0) && !over()) await new Promise(setImmediate)
    await this.#told
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0) return
    const { inTurns } = this.#options
    if (this.#underWay > 0 && !(inTurns() && this.#underWay < UNDER_WAY)) return
    this.#scheduled = true
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    // What else this turn of the event loop brings goes with it.
    if (this.#underWay === 0) queueMicrotask(() => this.#begin())
    else setImmediate(() => this.#begin())
  }

  #begin(): void {
    this.#scheduled = false
    this.#gathering = undefined
    void this.#carryOut(this.#nextBatch())
    this.#schedule()
  }

  #nextBatch(): Waiting[] {
    let count = 0
    let bytes = 0
    for (const { write } of this.#waiting) {
      bytes += write.value?.length ?? 0
      if (count > 0 && (count === BATCH || bytes > BATCH_BYTES)) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #carryOut(batch: readonly Waiting[]): Promise<void> {
    this.#underWay++
    const { commit, inTurns } = this.#options
    const outcome = commit(batch.map(({ write }) => write))
      .catch((refusal: unknown): Outcome => ({ decided: batch.map(() => NOT_DECIDED), refusal }))
      .then(({ decided, refusal }) => ({ decided, refusal, at: performance.now() }))
    // In this order whenever each is heard of.
    const followed = Promise.all([outcome, this.#followed]).then(([{ decided, at }]) => this.#follow(batch, decided, at))
    const told = Promise.all([outcome, followed, this.#told]).then(([{ decided, refusal }]) => this.#tell(batch, decided, refusal))
    this.#followed = followed
    this.#told = told
    await outcome
    // What the writers go on with is the next batch, unless they are told in turns.
    if (!inTurns()) await told
    this.#underWay--
    this.#schedule()
  }

  #follow(batch: readonly Waiting[], decided: readonly Decided[], decidedAt: number): Promise<void> {
    return this.#someAtATime(batch.length, FOLLOW_MS, (from, to) => {
      const changes: Change[] = []
      for (let i = from; i < to; i++) {
        const result = decided[i]!
        const { key, value, object } = batch[i]!.write
        if ('revision' in result) changes.push({ key, value, object, ...result, decidedAt })
      }
      if (changes.length > 0) this.#options.append(changes)
    })
  }

  #tell(batch: readonly Waiting[], decided: readonly Decided[], refusal: unknown): Promise<void> {
    return this.#someAtATime(batch.length, TELL_MS, (from, to) => {
      for (let i = from; i < to; i++) {
        const result = decided[i]!
        const { resolve, reject } = batch[i]!
        if ('revision' in result) resolve({ revision: result.revision })
        else if ('conflict' in result) resolve(result)
        else reject(refusal)
      }
    })
  }

  async #someAtATime(count: number, milliseconds: number, take: (from: number, to: number) => void): Promise<void> {
    const step = this.#options.inTurns() ? TOLD : count
    let until = performance.now() + milliseconds
    for (let from = 0; from < count; from += step) {
      if (from > 0) {
        await goingOn(GOING_ON)
        if (performance.now() >= until) {
          await new Promise(setImmediate)
          until = performance.now() + milliseconds
        }
      }
      take(from, Math.min(from + step, count))
    }
  }
}
