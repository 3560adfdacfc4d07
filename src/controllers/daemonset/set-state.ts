import type { Failure } from '../../judge/daemonset/failures.ts'
import { Keeper } from '../../judge/daemonset/keeper.ts'

/** What the controller keeps of one set between passes. All of it may be lost: a new one is made from what is observed. */
export class SetState {
  /** `namespace/name`. */
  readonly key: string
  readonly keeper = new Keeper()
  readonly failures = new Map<string, Failure>()
  /** Something may have to be adopted or released. */
  claims = true
  /** The newest revisions written on behalf of this set; a pass waits until the local copies have them. */
  readonly written = { pods: 0, sets: 0, revisions: 0 }
  /** How many creations are tried at once to begin with: one, until a whole pass has gone well. */
  firstBatch = 1
  /** A creation may have been carried out although its answer was an error. */
  uncertain = false
  /** Uids of pods that are deleted and that the local copy still has: judged as going. */
  readonly deleted = new Set<string>()

  constructor(key: string) {
    this.key = key
  }

  wrote(what: 'pods' | 'sets' | 'revisions', object: { readonly metadata?: { readonly resourceVersion?: string | undefined } | undefined }): void {
    const revision = Number(object.metadata?.resourceVersion ?? 0)
    if (revision > this.written[what]) this.written[what] = revision
  }
}
