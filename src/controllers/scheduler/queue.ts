import { objectKey } from '../../api/meta/key.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { exponential } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import { equal } from '../../base/equal.ts'
import { Heap } from '../../base/heap.ts'
import { namedNodes } from '../../judge/scheduling/named-nodes.ts'
import type { Rule } from '../../judge/scheduling/node-filters.ts'
import { priorityOf } from '../../judge/scheduling/place.ts'

const backoffMs = exponential(1_000, 10_000)
/** A pod that nothing has brought back is looked at again after this long, in case an event was judged wrongly. */
const LONGEST_WAIT_MS = 300_000

interface Entry {
  pod: Pod
  readonly key: string
  /** Order among pods of one priority. */
  readonly arrival: number
  state: 'active' | 'backoff' | 'parked' | 'trying'
  attempts: number
  /** Not to be tried again before. */
  notBefore: number
  rules: ReadonlySet<Rule>
  /** While parked: the nodes it names, or `''` for anywhere. */
  places: readonly string[]
  cancel: (() => void) | undefined
}

const NO_RULES: ReadonlySet<Rule> = new Set()
const MOVED_BY_PODS: readonly Rule[] = ['InterPodAffinity', 'PodTopologySpread']
const MOVED_BY_ROOM: readonly Rule[] = ['NodeResourcesFit', 'NodePorts', ...MOVED_BY_PODS]

/**
 * Pods that want a node: by priority, then by arrival. One that found none is parked until something changes that could matter to
 * it, and then waits out its own back-off (1 s doubling to 10 s).
 */
export class SchedulingQueue {
  readonly #clock: Clock
  readonly #wake: () => void
  readonly #entries = new Map<string, Entry>()
  readonly #active = new Heap<Entry>((a, b) => {
    const byPriority = priorityOf(b.pod) - priorityOf(a.pod)
    return byPriority === 0 ? a.arrival < b.arrival : byPriority < 0
  })
  /** Parked pods by the node they name; `''` holds those that may go anywhere. */
  readonly #parked = new Map<string, Set<Entry>>()
  #arrivals = 0

  /** `wake` is called whenever there may be something to `pop`. */
  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock
    this.#wake = wake
  }

  get size(): number {
    return this.#entries.size
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  /** Takes in a pod that wants a node, or its newer version; only a change of what it asks for brings a parked one back. */
  set(pod: Pod): void {
    const key = objectKey(pod)
    let entry = this.#entries.get(key)
    if (entry && entry.pod.metadata.uid !== pod.metadata.uid) {
      this.remove(key)
      entry = undefined
    }
    if (!entry) {
      entry = { pod, key, arrival: this.#arrivals++, state: 'trying', attempts: 0, notBefore: 0, rules: NO_RULES, places: [], cancel: undefined }
      this.#entries.set(key, entry)
      this.#activate(entry)
      return
    }
    const before = entry.pod
    entry.pod = pod
    if (entry.state !== 'parked') return
    if (equal(before.spec, pod.spec) && equal(before.metadata.labels, pod.metadata.labels)) return
    this.#return(entry)
  }

  remove(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    this.#unpark(entry)
    entry.state = 'trying'
    entry.cancel?.()
  }

  /** The next pod to try; it stays known until it is parked, retried or removed. */
  pop(): Pod | undefined {
    for (;;) {
      const entry = this.#active.pop()
      if (!entry) return undefined
      if (entry.state !== 'active' || this.#entries.get(entry.key) !== entry) continue
      entry.state = 'trying'
      return entry.pod
    }
  }

  /** No node takes the pod, because of these rules. */
  park(pod: Pod, rules: ReadonlySet<Rule>): void {
    const entry = this.#tried(pod)
    if (!entry) return
    entry.state = 'parked'
    entry.rules = rules
    entry.places = placesOf(entry.pod)
    for (const name of entry.places) {
      const there = this.#parked.get(name)
      if (there) there.add(entry)
      else this.#parked.set(name, new Set([entry]))
    }
    entry.cancel = this.#clock.after(LONGEST_WAIT_MS, () => this.#return(entry))
  }

  /** An attempt failed for a reason that is not the pod's. */
  retry(pod: Pod): void {
    const entry = this.#tried(pod)
    if (entry) this.#return(entry)
  }

  /** A node came or changed in what it offers or admits. */
  nodeChanged(name: string): void {
    for (const entry of this.#waitingFor(name)) this.#return(entry)
  }
  /** A pod left a node, or made room on it. */
  roomOn(name: string): void {
    for (const entry of this.#waitingFor(name)) if (movedBy(entry, MOVED_BY_ROOM)) this.#return(entry)
  }
  /** A pod came to a node, or changed in its labels. */
  podCame(name: string): void {
    for (const entry of this.#waitingFor(name)) if (movedBy(entry, MOVED_BY_PODS)) this.#return(entry)
  }

  *#waitingFor(name: string): Iterable<Entry> {
    yield* [...(this.#parked.get(name) ?? [])]
    yield* [...(this.#parked.get('') ?? [])]
  }

  #tried(pod: Pod): Entry | undefined {
    const entry = this.#entries.get(objectKey(pod))
    if (entry?.pod.metadata.uid !== pod.metadata.uid || entry.state !== 'trying') return undefined
    entry.attempts++
    entry.notBefore = this.#clock.now() + backoffMs(entry.attempts)
    return entry
  }

  /** Back into the race, now or when its back-off is over. */
  #return(entry: Entry): void {
    this.#unpark(entry)
    entry.cancel?.()
    entry.cancel = undefined
    const wait = entry.notBefore - this.#clock.now()
    if (wait <= 0) {
      this.#activate(entry)
      return
    }
    entry.state = 'backoff'
    entry.cancel = this.#clock.after(wait, () => {
      entry.cancel = undefined
      this.#activate(entry)
    })
  }

  #activate(entry: Entry): void {
    entry.state = 'active'
    this.#active.push(entry)
    this.#wake()
  }

  #unpark(entry: Entry): void {
    if (entry.state !== 'parked') return
    for (const name of entry.places) {
      const there = this.#parked.get(name)
      there?.delete(entry)
      if (there?.size === 0) this.#parked.delete(name)
    }
  }

  /** Drops every timer. */
  close(): void {
    for (const entry of this.#entries.values()) entry.cancel?.()
    this.#entries.clear()
  }
}

const movedBy = ({ rules }: Entry, among: readonly Rule[]): boolean => among.some(rule => rules.has(rule))

/** Where something must happen for a parked pod to be worth a look: its named nodes, or anywhere. */
function placesOf(pod: Pod): readonly string[] {
  const named = namedNodes(pod)
  return named && named !== 'conflict' ? named : ['']
}
