/**
 * The rules of DAEMONSET.md 2.5 to 2.12, 3.2 and 3.3, written down once more from their text, slowly and without anything of the judgement: what
 * the judgement is held against.
 */
import type { DaemonSet } from '../../src/api/types/apps/daemon-set.ts'
import type { NodeSelectorTerm, Taint, Toleration } from '../../src/api/types/core/affinity.ts'
import type { Node } from '../../src/api/types/core/node.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'

export interface RuledWorld {
  readonly now: number
  readonly set: DaemonSet
  readonly hash: string
  readonly nodes: readonly Node[]
  readonly pods: readonly Pod[]
  /** Nodes whose failed pods must be left for now. */
  readonly backingOff: ReadonlySet<string>
}

/** 2.8: (shouldRun, shouldContinue). */
export function nodeShouldRun(set: DaemonSet, node: Node): { readonly run: boolean; readonly stay: boolean } {
  const spec = set.spec.template.spec!
  const no = { run: false, stay: false }
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return no
  const labels = node.metadata.labels ?? {}
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {})) if (labels[key] !== value) return no
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (required && !(required.nodeSelectorTerms ?? []).some(term => termMatches(term, node.metadata.name, labels))) return no
  const tolerations = [...(spec.tolerations ?? []), ...automatic(spec.hostNetwork === true)]
  const open = (node.spec.taints ?? []).filter(taint => !tolerations.some(toleration => tolerates(toleration, taint)))
  if (open.some(taint => taint.effect === 'NoExecute')) return no
  return open.some(taint => taint.effect === 'NoSchedule') ? { run: false, stay: true } : { run: true, stay: true }
}

function termMatches(term: NodeSelectorTerm, name: string, labels: Readonly<Record<string, string>>): boolean {
  const { matchExpressions = [], matchFields = [] } = term
  if (matchExpressions.length + matchFields.length === 0) return false
  for (const { key, operator, values = [] } of matchExpressions) {
    const value = labels[key]
    const number = (text: string | undefined) => (text !== undefined && /^-?\d+$/.test(text) ? Number(text) : Number.NaN)
    if (operator === 'In' && !(value !== undefined && values.includes(value))) return false
    if (operator === 'NotIn' && value !== undefined && values.includes(value)) return false
    if (operator === 'Exists' && value === undefined) return false
    if (operator === 'DoesNotExist' && value !== undefined) return false
    if (operator === 'Gt' && !(number(value) > number(values[0]))) return false
    if (operator === 'Lt' && !(number(value) < number(values[0]))) return false
  }
  for (const { key, operator, values = [] } of matchFields) {
    if (key !== 'metadata.name' || values.length !== 1) return false
    if (operator === 'In' ? values[0] !== name : operator === 'NotIn' ? values[0] === name : true) return false
  }
  return true
}

function tolerates({ key = '', operator = '', value = '', effect = '' }: Toleration, taint: Taint): boolean {
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  if (operator === 'Exists') return true
  return key !== '' && (operator === '' || operator === 'Equal') && value === (taint.value ?? '')
}

function automatic(hostNetwork: boolean): readonly Toleration[] {
  const on = (effect: string) => (key: string) => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect })
  const pressures = ['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable', ...(hostNetwork ? ['network-unavailable'] : [])]
  return [...['not-ready', 'unreachable'].map(on('NoExecute')), ...pressures.map(on('NoSchedule'))]
}

const terminating = (pod: Pod) => pod.metadata.deletionTimestamp !== undefined
const terminal = (pod: Pod) => pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded'
const ready = (pod: Pod) => pod.status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'

/** 2.5. */
function targetOf(pod: Pod): string | undefined {
  if (pod.spec.nodeName) return pod.spec.nodeName
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const first = terms.flatMap(({ matchFields }) => matchFields ?? []).find(({ key, operator }) => key === 'metadata.name' && operator === 'In')
  return first?.values?.length === 1 ? first.values[0] : undefined
}

/** 2.10, the order. */
function inOrder(pods: readonly Pod[]): readonly Pod[] {
  const rank = (pod: Pod) => [pod.spec.nodeName ? 0 : 1, Date.parse(pod.metadata.creationTimestamp), pod.metadata.name] as const
  return [...pods].sort((a, b) => {
    const [x, y] = [rank(a), rank(b)]
    for (let i = 0; i < 3; i++) if (x[i]! !== y[i]!) return x[i]! < y[i]! ? -1 : 1
    return 0
  })
}

/** What a sync would do and tell. */
export class Rules {
  readonly #world: RuledWorld
  readonly #grouped = new Map<string, Pod[]>()

  constructor(world: RuledWorld) {
    this.#world = world
    for (const pod of world.pods) {
      const node = targetOf(pod)
      if (node === undefined || (terminal(pod) && terminating(pod))) continue
      this.#grouped.set(node, [...(this.#grouped.get(node) ?? []), pod])
    }
  }

  #available(pod: Pod): boolean {
    if (!ready(pod)) return false
    const seconds = this.#world.set.spec.minReadySeconds ?? 0
    if (seconds === 0) return true
    const since = pod.status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime
    return since !== undefined && Date.parse(since) + seconds * 1000 <= this.#world.now
  }

  #hasHash = (pod: Pod): boolean => pod.metadata.labels?.['controller-revision-hash'] === this.#world.hash

  /** 2.11. */
  #updated(pod: Pod): boolean {
    const generation = this.#world.set.metadata.annotations?.['deprecated.daemonset.template.generation']
    return this.#hasHash(pod) || (generation !== undefined && pod.metadata.labels?.['pod-template-generation'] === generation)
  }

  get #rolling() {
    const { type = 'RollingUpdate', rollingUpdate } = this.#world.set.spec.updateStrategy ?? {}
    return type === 'RollingUpdate' ? rollingUpdate : undefined
  }
  #amount(amount: number | string | undefined, of: number): number {
    return typeof amount === 'string' ? Math.ceil((Number.parseInt(amount, 10) / 100) * of - 1e-9) : (amount ?? 0)
  }

  /** 2.6 and 2.7. */
  manage(): { readonly creates: readonly string[]; readonly deletes: readonly Pod[] } {
    const { set, nodes, backingOff } = this.#world
    const creates: string[] = []
    const deletes: Pod[] = []
    const surge = this.#amount(this.#rolling?.maxSurge, 1) > 0
    for (const node of nodes) {
      const { name } = node.metadata
      const { run, stay } = nodeShouldRun(set, node)
      const entry = this.#grouped.get(name) ?? []
      if (run && entry.length === 0) creates.push(name)
      else if (stay) {
        const running: Pod[] = []
        let failed = 0
        let heldBack = false
        for (const pod of inOrder(entry)) {
          if (terminating(pod)) continue
          if (pod.status.phase === 'Failed') {
            if (!backingOff.has(name) && failed++ === 0) deletes.push(pod)
            else heldBack = true
          } else if (pod.status.phase === 'Succeeded') deletes.push(pod)
          else running.push(pod)
        }
        if (!surge) deletes.push(...running.slice(1))
        else if (running.length === 0) {
          // Ours, in docs/deviations.md: none beside a failed one that backs off.
          if (run && !heldBack) creates.push(name)
        } else if (running.length > 1) {
          const fresh = running.find(this.#hasHash)
          const old = running.find(pod => !this.#hasHash(pod))
          deletes.push(...running.filter(pod => pod !== fresh && pod !== old))
          if (old && fresh && (!ready(old) || this.#available(fresh))) deletes.push(old)
        }
      } else deletes.push(...entry.filter(pod => !terminating(pod)))
    }
    const known = new Set(nodes.map(({ metadata }) => metadata.name))
    // Terminating ones may be deleted again; nobody can tell.
    for (const [name, entry] of this.#grouped) if (!known.has(name)) deletes.push(...entry.filter(pod => !pod.spec.nodeName && !terminating(pod)))
    return { creates, deletes }
  }

  /** 3.2 and 3.3: what must be done, and of which candidates at most how many. */
  roll() {
    const { set, nodes } = this.#world
    const verdicts = new Map(nodes.map(node => [node.metadata.name, nodeShouldRun(set, node)]))
    const desired = [...verdicts.values()].filter(({ run }) => run).length
    const must = { creates: [] as string[], deletes: [] as Pod[] }
    const may = { creates: [] as string[], deletes: [] as Pod[] }
    const nothing = { must, may, creates: 0, deletes: 0, stuck: false }
    if (!this.#rolling) return nothing
    let maxUnavailable = this.#amount(this.#rolling.maxUnavailable, desired)
    const maxSurge = this.#amount(this.#rolling.maxSurge, desired)
    if (desired > 0 && maxUnavailable === 0 && maxSurge === 0) maxUnavailable = 1
    const names = new Set([...this.#grouped.keys(), ...[...verdicts].filter(([, { run }]) => run).map(([name]) => name)])
    let [unavailable, surging, available] = [0, 0, 0]
    for (const name of names) {
      const here = (this.#grouped.get(name) ?? []).filter(pod => !terminating(pod))
      const old = here.filter(pod => !this.#updated(pod))
      const fresh = here.filter(pod => this.#updated(pod))
      const crowded = old.length > 1 || fresh.length > 1
      if (maxSurge === 0) {
        if (crowded || here.length === 0 || (old[0] && fresh[0])) unavailable++
        else if (fresh[0]) unavailable += this.#available(fresh[0]) ? 0 : 1
        else if (this.#available(old[0]!)) may.deletes.push(old[0]!)
        else {
          must.deletes.push(old[0]!)
          unavailable++
        }
        continue
      }
      if (crowded) {
        surging++
        continue
      }
      if (old[0] ? this.#available(old[0]) : fresh[0] && this.#available(fresh[0])) available++
      if (!old[0]) continue
      if (fresh[0]) {
        if (this.#available(fresh[0])) must.deletes.push(old[0])
        else surging++
        continue
      }
      const node = verdicts.get(name)
      if (!node) return { ...nothing, must: { creates: [], deletes: [] }, may: { creates: [], deletes: [] }, stuck: true }
      if (!this.#available(old[0])) {
        if (node.run) must.creates.push(name)
        else must.deletes.push(old[0])
      } else if (node.run) may.creates.push(name)
      else may.deletes.push(old[0])
    }
    return maxSurge === 0
      ? { ...nothing, deletes: Math.min(may.deletes.length, Math.max(0, maxUnavailable - unavailable)) }
      : {
          ...nothing,
          deletes: Math.min(may.deletes.length, Math.max(0, available - desired)),
          creates: Math.min(may.creates.length, Math.max(0, maxSurge - surging)),
        }
  }

  /** 2.10. */
  counts() {
    const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, updated: 0, available: 0 }
    for (const node of this.#world.nodes) {
      const { run } = nodeShouldRun(this.#world.set, node)
      const [first] = inOrder(this.#grouped.get(node.metadata.name) ?? [])
      if (run) counts.desired++
      if (!run && first) counts.misscheduled++
      if (!run || !first) continue
      counts.current++
      if (ready(first)) counts.ready++
      if (this.#available(first)) counts.available++
      if (this.#updated(first)) counts.updated++
    }
    return counts
  }
}
