import assert from 'node:assert/strict'
import type { DaemonSet } from '../../src/api/types/apps/daemon-set.ts'
import type { Node } from '../../src/api/types/core/node.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { deepFreeze } from '../../src/base/freeze.ts'
import { daemonPod } from '../../src/judge/daemonset/daemon-pod.ts'
import { factsOf } from '../../src/judge/daemonset/facts.ts'
import { type Failure, nextFailure } from '../../src/judge/daemonset/failures.ts'
import { type Plan, planDaemonSet } from '../../src/judge/daemonset/plan.ts'
import { targetNode } from '../../src/judge/daemonset/pod-facts.ts'
import { revisionData, revisionHash } from '../../src/judge/daemonset/revision.ts'
import { at, NOW } from './daemon-world.ts'

/** A set, its nodes and pods, and a judgement carried out at once on every `sync`: what the catalogue's unit tests drive. */
export class Rig {
  set: DaemonSet
  nodes: readonly Node[]
  pods: readonly Pod[]
  /** Seconds after NOW. */
  time = 0
  readonly failures = new Map<string, Failure>()
  #serial = 0

  constructor(set: DaemonSet, nodes: readonly Node[], pods: readonly Pod[] = []) {
    this.set = set
    this.nodes = nodes
    this.pods = pods
  }

  get hash(): string {
    return revisionHash(revisionData(this.set), undefined)
  }

  plan(): Plan {
    return planDaemonSet({ now: NOW + this.time * 1000, set: this.set, hash: this.hash, nodes: this.nodes, pods: this.pods, failures: this.failures })
  }

  /** One pass: what was created and deleted, as `2/1`. Deleted pods are gone at once; created ones are Pending. */
  sync(): string {
    const plan = this.plan()
    const creates = plan.actions.filter(action => action.do === 'create')
    const deletes = plan.actions.filter(action => action.do === 'delete')
    const facts = factsOf(this.set, this.hash, this.failures)
    for (const { pod, node, why } of deletes) {
      this.pods = this.pods.filter(p => p !== pod)
      const generation = this.set.status.observedGeneration ?? 0
      if (why === 'failed') this.failures.set(node, nextFailure(this.failures.get(node), generation, NOW + this.time * 1000))
    }
    for (const { node } of creates) {
      const { metadata, spec } = daemonPod(facts, node)
      const name = `${metadata.generateName}${String(this.#serial++).padStart(5, '0')}`
      const created = { ...metadata, name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: at(this.time) }
      this.pods = [...this.pods, deepFreeze({ apiVersion: 'v1', kind: 'Pod', metadata: created, spec, status: { phase: 'Pending' } }) as Pod]
    }
    this.set = deepFreeze({ ...this.set, status: this.plan().status })
    return `${creates.length}/${deletes.length}`
  }

  /** Passes, one after another; with `settle`, that is done after each one that created pods. */
  syncs(count: number, settle?: () => void): string {
    const done: string[] = []
    for (let i = 0; i < count; i++) {
      done.push(this.sync())
      if (!done.at(-1)!.startsWith('0/')) settle?.()
    }
    return done.join(' ')
  }

  change(text: Partial<DaemonSet['spec']> & { readonly image?: string }): void {
    const { image, ...spec } = text
    const template = spec.template ?? this.set.spec.template
    const changed = image ? { ...template, spec: { ...template.spec!, containers: [{ name: 'main', image }] } } : template
    const metadata = { ...this.set.metadata, generation: (this.set.metadata.generation ?? 0) + 1 }
    this.set = deepFreeze({ ...this.set, metadata, spec: { ...this.set.spec, ...spec, template: changed } })
  }

  roll(rollingUpdate: { readonly maxUnavailable?: number | string; readonly maxSurge?: number | string }, image?: string): void {
    this.change({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 0, ...rollingUpdate } }, ...(image && { image }) })
  }

  /** Sets the Ready condition of pods; all when not said which. */
  ready(which: (pod: Pod) => boolean = () => true, status: 'True' | 'False' = 'True'): void {
    this.pods = this.pods.map(pod => {
      if (!which(pod) || pod.status.conditions?.[0]?.status === status) return pod
      return deepFreeze({ ...pod, status: { phase: 'Running', conditions: [{ type: 'Ready', status, lastTransitionTime: at(this.time) }] } })
    })
  }

  isNew = (pod: Pod): boolean => pod.metadata.labels?.['controller-revision-hash'] === this.hash
  on =
    (...nodes: readonly string[]) =>
    (pod: Pod): boolean =>
      nodes.includes(targetNode(pod)!)
  get readyCount(): number {
    return this.pods.filter(pod => pod.status.conditions?.[0]?.status === 'True').length
  }

  expect(expected: string, count = expected.split(' ').length): void {
    assert.equal(this.syncs(count), expected)
  }
}
