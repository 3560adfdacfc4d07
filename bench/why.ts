/**
 * What `daemonsets/placement` costs the server of a large set: about one node when all runs; as the first thing after a new template is there, before
 * anything was drawn ahead for it; in the middle of a roll, with a change between questions; and about all nodes. `longestTurn` is the longest that anything else had to wait.
 */
import { KINDS } from '../src/api/kinds/all.ts'
import type { DaemonSet } from '../src/api/types/apps/daemon-set.ts'
import { systemClock } from '../src/base/clock.ts'
import { newRevision, revisionData } from '../src/judge/daemonset/revision.ts'
import { openCaches } from '../src/server/cache/caches.ts'
import { SLICE_BYTES } from '../src/server/http/send.ts'
import { cachedKinds } from '../src/server/registry/cached-kinds.ts'
import { KeptVerdicts } from '../src/server/registry/kept-verdicts.ts'
import { placement } from '../src/server/registry/placement.ts'
import { MemoryStore } from '../src/store/memory.ts'
import { benchPod, podKey } from './pods.ts'
import type { Bench } from './run.ts'

const bytes = (object: object): Uint8Array => Buffer.from(JSON.stringify(object))
const nodeName = (n: number): string => `node-${String(n).padStart(5, '0')}`
const UID = '00000000-0000-4000-8000-00000000ffff'

const set = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent', namespace: 'default', uid: UID, creationTimestamp: '2026-01-01T00:00:00Z', generation: 2 },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'agent', image: 'registry.example.org/agent:1.27.4' }] } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
  },
  status: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0, observedGeneration: 2 },
} as unknown as DaemonSet

/** The same set with another template, of which no pod is yet. */
const rolling = (version: number) => ({
  ...set,
  spec: { ...set.spec, template: { ...set.spec.template, spec: { containers: [{ name: 'agent', image: `registry.example.org/agent:1.28.${version}` }] } } },
})

const aNode = (n: number): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: nodeName(n),
    uid: `00000000-0000-4000-9000-${n.toString(16).padStart(12, '0')}`,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': nodeName(n), 'topology.kubernetes.io/zone': `z${n % 3}` },
  },
  spec: {},
  status: { allocatable: { cpu: '4', memory: '16Gi', pods: '110' }, conditions: [{ type: 'Ready', status: 'True' }] },
})

export const why: Bench = async ({ nodes, runs }, print) => {
  for (const count of nodes) {
    const store = new MemoryStore()
    const revision = newRevision(set, revisionData(set), 2)
    const labels = { 'controller-revision-hash': '7d9f8b6c5d' }
    const metadata = { ...revision.metadata, labels, namespace: 'default', uid: 'r', creationTimestamp: '2026-01-01T00:00:00Z' }
    await store.write({ key: '/apps/daemonsets/default/agent', value: bytes(set) })
    await store.write({ key: `/apps/controllerrevisions/default/${metadata.name}`, value: bytes({ ...revision, metadata }) })
    for (let n = 0; n < count; n++) {
      await store.write({ key: `/core/nodes/${nodeName(n)}`, value: bytes(aNode(n)) })
    }
    const caches = await openCaches({ store, kinds: cachedKinds(KINDS) })
    // As in a server that runs: all has been read, and agents have listed their pods.
    for (const resource of ['nodes', 'pods']) caches.of({ group: '', resource })!.list()
    caches.of({ group: '', resource: 'pods' })!.having('spec.nodeName', nodeName(0))
    const kept = new KeptVerdicts(caches, systemClock)
    const { get } = placement(caches, kept, systemClock)
    const ask = async (node?: string) => {
      const parameters = new URLSearchParams(node === undefined ? {} : { node })
      const { body, long } = await get({ caller: { user: { name: 'bench', groups: [] } }, namespace: 'default', name: 'agent', parameters, signal: undefined })
      let bytes = JSON.stringify(body).length
      // As they are sent: some 64 KiB in a turn.
      let slice = 0
      for (const make of long?.elements ?? []) {
        const text = JSON.stringify(make()).length + 1
        bytes += text
        slice += text
        if (slice < SLICE_BYTES) continue
        slice = 0
        await new Promise(setImmediate)
      }
      return bytes
    }
    const timed = async (figure: string, node?: string, work: () => Promise<number> = () => ask(node)) => {
      let [longest, turn, on] = [0, performance.now(), true]
      const tick = () => {
        longest = Math.max(longest, performance.now() - turn)
        turn = performance.now()
        if (on) setImmediate(tick)
      }
      setImmediate(tick)
      const began = performance.now()
      const bytes = await work()
      const value = performance.now() - began
      await new Promise(resolve => setImmediate(resolve))
      on = false
      print({ bench: 'why', figure, nodes: count, value: round(value), unit: 'ms', longestTurn: round(longest), bytes })
    }
    // As in a server that runs: while the pods came, verdicts were drawn ahead four times a second.
    const status = { ...set.status, desiredNumberScheduled: count, currentNumberScheduled: count }
    for (let n = 0; n < count; n++) {
      await store.write({ key: podKey(n), value: bytes(benchPod(n, n === 7 ? 'Pending' : 'Running')) })
      if ((n + 1) % 500 === 0 || n + 1 === count) await caches.fresh()
      if ((n + 1) % 500 === 0 || n + 1 === count) await kept.ahead()
    }
    for (let run = 0; run < 3; run++) await timed('one node of a set that runs', nodeName((count >> 1) + run))
    for (let run = 0; run < Math.max(runs, 5); run++) {
      await store.write({ key: '/apps/daemonsets/default/agent', value: bytes({ ...rolling(run), status }) })
      await caches.fresh()
      await timed('one node that waits for its turn, at once after the new template', nodeName(count >> 1))
    }
    for (let run = 0; run < Math.max(runs, 5); run++) {
      await store.write({ key: podKey(run), value: bytes(benchPod(run, 'Running', run)) })
      await caches.fresh()
      await timed('one node that waits for its turn, one pod changed', nodeName(count >> 1))
    }
    for (let run = 0; run < Math.max(runs, 3); run++) await timed('all nodes')
    await caches.close()
    await store.close()
  }
}

const round = (value: number): number => Number(value.toFixed(2))
