import { isControlledBy } from '../../api/meta/owner.ts'
import type { ControllerRevision } from '../../api/types/apps/controller-revision.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { Event } from '../../api/types/core/event.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import { Stretches } from '../../base/node/stretches.ts'
import { factsOf, type SetFacts } from '../../judge/daemonset/facts.ts'
import { type Failures, failuresFrom } from '../../judge/daemonset/failures.ts'
import { Keeper, type NodeSource } from '../../judge/daemonset/keeper.ts'
import { isAtRest } from '../../judge/daemonset/report.ts'
import type { Tallies } from '../../judge/daemonset/tallies.ts'
import { currentHash } from '../../judge/daemonset/why.ts'
import { Expired } from '../../store/store.ts'
import type { ObjectEvent, WatchCache, WatchCaches } from '../cache/types.ts'
import { pages } from './pages.ts'
import { PodsByNode } from './pods-by-node.ts'

/** Sets whose verdicts are kept at once; those not asked about for longest give way. */
const SETS = 8
/** With fewer nodes all are judged while somebody asks. */
const LARGE = 1000
const AHEAD_MS = 250
/** How often it is seen whether a cluster has become large. */
const SMALL_MS = 5000
/** A set at rest is looked after in one of so many rounds: often enough that the caches still hold what has changed. */
const REST_ROUNDS = 8

/**
 * The verdicts on every node of the sets that were asked about last, and of those of a large cluster. Each question judges what has
 * changed since the one before; only the first, or one after more changes than the caches hold, judges every node, a stretch at a turn.
 */
export class KeptVerdicts {
  readonly #caches: WatchCaches
  readonly #clock: Clock
  readonly #stretches: () => Stretches
  /** By uid, in order of the last question. */
  readonly #kept = new Map<string, Kept>()
  #round = 0

  constructor(caches: WatchCaches, clock: Clock, stretches = () => new Stretches()) {
    this.#caches = caches
    this.#clock = clock
    this.#stretches = stretches
  }

  /** Judges what has to be judged, then gives the verdicts to `take`, which must be done with them when it returns. */
  use<T>(set: DaemonSet, hash: string, take: (facts: SetFacts, tallies: Tallies) => T): Promise<T> {
    const { uid } = set.metadata
    const kept = this.#kept.get(uid) ?? new Kept(this.#caches, this.#clock, this.#stretches)
    this.#kept.delete(uid)
    this.#kept.set(uid, kept)
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= SETS) break
      this.#kept.delete(oldest)
    }
    return kept.use(set, hash, take)
  }

  /**
   * Asks ahead, until the signal aborts, about the sets of a large cluster: where a node stands in a roll depends on all others, and whoever asks must
   * not wait for ten thousand judgements. It costs one judgement more for each change.
   */
  async run(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    while (!signal.aborted) {
      await this.ahead().catch(onError)
      await sleep(this.#clock, this.#isSmall ? SMALL_MS : AHEAD_MS, signal).catch(() => {})
    }
  }

  /** One round of it. */
  async ahead(): Promise<void> {
    if (this.#isSmall) return
    const sets = this.#caches.of<DaemonSet>({ group: 'apps', resource: 'daemonsets' })!.list().items
    const there = new Set(sets.map(({ metadata }) => metadata.uid))
    for (const uid of this.#kept.keys()) if (!there.has(uid)) this.#kept.delete(uid)
    const restToo = this.#round++ % REST_ROUNDS === 0
    const importance = (set: DaemonSet) => (isAtRest(set) ? 0 : 2) + (this.#kept.has(set.metadata.uid) ? 1 : 0)
    const first = [...sets].sort((a, b) => importance(b) - importance(a)).slice(0, SETS)
    for (const set of first) if (restToo || !isAtRest(set)) await this.use(set, hashOf(this.#caches, set), () => {})
  }

  get #isSmall(): boolean {
    return this.#caches.of({ group: '', resource: 'nodes' })!.size < LARGE
  }

  /** How many nodes of a set have been judged since the beginning. */
  visited(set: DaemonSet): number {
    return this.#kept.get(set.metadata.uid)?.keeper.visited ?? 0
  }
}

/** The hash of the set's current revision. */
export function hashOf(caches: WatchCaches, set: DaemonSet): string {
  const { namespace } = set.metadata
  const revisions = caches.of<ControllerRevision>({ group: 'apps', resource: 'controllerrevisions' })!
  return currentHash(set, revisions.list({ namespace, matches: revision => isControlledBy(revision, set) }).items)
}

/** Back-off of each node, told by the events about a set, which are named after it: read a page at a turn. */
export async function failuresOf(caches: WatchCaches, set: DaemonSet): Promise<Failures> {
  const { name, namespace, uid } = set.metadata
  const about: Event[] = []
  for await (const page of pages<Event>(caches.of({ group: '', resource: 'events' })!, namespace, `${namespace}/${name}.`)) {
    for (const event of page) if (event.involvedObject.uid === uid && event.reason === 'FailedDaemonPod') about.push(event)
    if (!page.at(-1)?.metadata.name.startsWith(`${name}.`)) break
  }
  return failuresFrom(about, set.status.observedGeneration ?? 0)
}

class Kept {
  readonly keeper = new Keeper()
  readonly #caches: WatchCaches
  readonly #clock: Clock
  readonly #stretches: () => Stretches
  readonly #nodes: WatchCache<Node>
  readonly #pods: WatchCache<Pod>
  /** All changes up to here are in `#own` and have touched their nodes. */
  #revision: number | undefined
  /** The set's pods. */
  readonly #own = new PodsByNode()
  /** Nodes with a failed pod: what becomes of it also depends on the events. */
  readonly #failing = new Set<string>()
  /** Questions are answered one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(caches: WatchCaches, clock: Clock, stretches: () => Stretches) {
    this.#caches = caches
    this.#clock = clock
    this.#stretches = stretches
    this.#nodes = caches.of({ group: '', resource: 'nodes' })!
    this.#pods = caches.of({ group: '', resource: 'pods' })!
  }

  use<T>(set: DaemonSet, hash: string, take: (facts: SetFacts, tallies: Tallies) => T): Promise<T> {
    const answer = this.#last.then(async () => {
      await this.#follow(set, hash)
      return take(this.keeper.facts!, this.keeper.tallies)
    })
    this.#last = answer.catch(() => {})
    return answer
  }

  async #follow(set: DaemonSet, hash: string): Promise<void> {
    const since = this.#revision
    this.#revision = this.#caches.revision
    const anew = this.keeper.follow(factsOf(set, hash))
    const known = since !== undefined && this.#takeChanges(set, since)
    if (!known) await this.#readPods(set)
    if (!known) await this.#touchAll()
    else if (anew) this.keeper.touchJudged()
    await this.#judge()
    if (this.#failing.size === 0) return
    this.keeper.follow(factsOf(set, hash, await failuresOf(this.#caches, set)))
    for (const name of this.#failing) this.keeper.touch(name)
    await this.#judge()
  }

  /** Takes in what has changed since a revision; false when the caches do not reach back so far. */
  #takeChanges(set: DaemonSet, since: number): boolean {
    let nodes: readonly ObjectEvent<Node>[]
    let pods: readonly ObjectEvent<Pod>[]
    try {
      nodes = this.#nodes.changes(since)
      pods = this.#pods.changes(since)
    } catch (error) {
      if (error instanceof Expired) return false
      throw error
    }
    for (const { key } of nodes) this.keeper.touch(key)
    for (const { type, object, previous } of pods) {
      if (previous && isControlledBy(previous, set)) this.#touch(this.#own.drop(previous))
      if (type !== 'DELETED' && isControlledBy(object, set)) this.#touch(this.#own.put(object))
    }
    return true
  }

  #touch(node: string | undefined): void {
    if (node !== undefined) this.keeper.touch(node)
  }

  async #readPods(set: DaemonSet): Promise<void> {
    this.#own.clear()
    for await (const pods of pages(this.#pods, set.metadata.namespace)) for (const pod of pods) if (isControlledBy(pod, set)) this.#own.put(pod)
  }

  async #touchAll(): Promise<void> {
    this.keeper.touchJudged()
    for (const name of this.#own.nodes) this.keeper.touch(name)
    for await (const nodes of pages(this.#nodes)) for (const { metadata } of nodes) this.keeper.touch(metadata.name)
  }

  async #judge(): Promise<void> {
    const source: NodeSource = {
      node: name => this.#nodes.get(name),
      podsOn: name => {
        const pods = this.#own.on(name)
        if (pods.some(({ status }) => status.phase === 'Failed')) this.#failing.add(name)
        else this.#failing.delete(name)
        return pods
      },
    }
    const stretches = this.#stretches()
    while (!this.keeper.judge(source, this.#clock.now(), () => stretches.over())) await stretches.pause()
  }
}
