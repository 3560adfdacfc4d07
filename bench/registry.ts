/**
 * The whole pipeline in process over the store in memory, with what one daemon pod costs it: created by its controller, bound,
 * told of, reported ready by its agent; and the renewal of a lease. `--objects` of each, `--writers` at a time.
 */
import { randomUUID } from 'node:crypto'
import { KINDS, kindOf } from '../src/api/kinds/all.ts'
import { DaemonSets } from '../src/api/kinds/apps/daemon-set.ts'
import { Leases } from '../src/api/kinds/coordination/lease.ts'
import { Events } from '../src/api/kinds/core/event.ts'
import { Pods } from '../src/api/kinds/core/pod.ts'
import type { NewObject } from '../src/api/meta/object.ts'
import type { DaemonSet } from '../src/api/types/apps/daemon-set.ts'
import type { Lease } from '../src/api/types/coordination.ts'
import type { Event } from '../src/api/types/core/event.ts'
import type { Pod } from '../src/api/types/core/pod.ts'
import { systemClock } from '../src/base/clock.ts'
import { daemonPod } from '../src/judge/daemonset/daemon-pod.ts'
import { factsOf } from '../src/judge/daemonset/facts.ts'
import { admissionPlugins } from '../src/server/admission/plugins.ts'
import { auditor } from '../src/server/audit/auditor.ts'
import { DEFAULT_POLICY } from '../src/server/audit/policy.ts'
import { openCaches } from '../src/server/cache/caches.ts'
import { allowAll } from '../src/server/registry/authorizer.ts'
import { cachedKinds } from '../src/server/registry/cached-kinds.ts'
import { Registry } from '../src/server/registry/registry.ts'
import { MemoryStore } from '../src/store/memory.ts'
import type { Bench } from './run.ts'

export const registry: Bench = async ({ runs, more }, print) => {
  const objects = Number(more['objects'] ?? 5000)
  const writers = Number(more['writers'] ?? 64)
  const store = new MemoryStore()
  const caches = await openCaches({ store, kinds: cachedKinds(KINDS) })
  const audit = auditor({ policy: DEFAULT_POLICY, clock: systemClock, write: () => {}, uuid: randomUUID })
  const served = new Registry({ store, caches, kinds: KINDS, authorizer: allowAll, admission: admissionPlugins(), auditor: audit })
  const api = served.as({ user: { name: 'bench', groups: [] }, userAgent: 'bench' })
  await api.create({ kind: kindOf('', 'Namespace')! }, { metadata: { name: 'kube-system' } })
  await api.create({ kind: kindOf('', 'ServiceAccount')!, namespace: 'kube-system' }, { metadata: { name: 'default' } })

  async function measure(figure: string, run: number, one: (i: number) => Promise<unknown>): Promise<void> {
    let next = 0
    const writer = async () => {
      for (let i = next++; i < objects; i = next++) await one(i)
    }
    const [started, cpu] = [performance.now(), process.cpuUsage()]
    await Promise.all(Array.from({ length: writers }, writer))
    const ms = performance.now() - started
    const { user, system } = process.cpuUsage(cpu)
    const micros = Math.round((ms * 1000) / objects)
    print({ bench: 'registry', figure, run, value: Math.round((objects * 1000) / ms), unit: '1/s', micros, cpuMicros: Math.round((user + system) / objects) })
  }

  const facts = factsOf(await api.create({ kind: DaemonSets, namespace: 'kube-system' }, fluentd), '6f7c9bd77b')
  for (let run = 0; run < Math.max(runs, 3); run++) {
    const pods: Pod[] = []
    const at = (i: number) => ({ kind: Pods, namespace: 'kube-system', name: pods[i]!.metadata.name })
    await measure('create a pod', run, async i => {
      pods[i] = await api.create({ kind: Pods, namespace: 'kube-system' }, daemonPod(facts, `node-${i}`))
    })
    await measure('bind it', run, i => api.post({ ...at(i), subresource: 'binding' }, { target: { kind: 'Node', name: `node-${i}` } }))
    await measure('tell of it', run, i => api.create({ kind: Events, namespace: 'kube-system' }, scheduled(pods[i]!, i, run)))
    const status = (i: number) => ({ type: 'strategic' as const, body: { metadata: { uid: pods[i]!.metadata.uid }, status: ready(i) } })
    await measure('patch its status', run, i => api.patch({ ...at(i), subresource: 'status' }, status(i)))
    await measure('patch a label', run, i => api.patch(at(i), { type: 'strategic', body: { metadata: { labels: { run: String(run) } } } }))
    await measure('delete it', run, i => api.delete(at(i), { gracePeriodSeconds: 0 }))
    const leases: Lease[] = []
    const lease = (i: number) => ({ kind: Leases, namespace: 'kube-system', name: `node-${run}-${i}` })
    const spec = (second: number) => ({ holderIdentity: 'node', leaseDurationSeconds: 40, renewTime: `2026-01-01T00:00:0${second}.000000Z` })
    await measure('make a lease', run, async i => {
      leases[i] = await api.create(lease(i), { metadata: { name: `node-${run}-${i}`, ownerReferences: [ownerOf(i)] }, spec: spec(0) })
    })
    await measure('renew it', run, i => api.update(lease(i), { ...leases[i]!, spec: spec(1) }))
  }
  await caches.close()
  await store.close()
}

const fluentd: NewObject<DaemonSet> = {
  metadata: { name: 'fluentd', namespace: 'kube-system' },
  spec: {
    selector: { matchLabels: { name: 'fluentd-elasticsearch' } },
    template: {
      metadata: { labels: { name: 'fluentd-elasticsearch' } },
      spec: {
        tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }],
        containers: [
          {
            name: 'fluentd',
            image: 'quay.io/fluentd_elasticsearch/fluentd:v5.0.1',
            resources: { limits: { memory: '200Mi' }, requests: { cpu: '100m', memory: '200Mi' } },
            volumeMounts: [
              { name: 'varlog', mountPath: '/var/log' },
              { name: 'containers', mountPath: '/var/lib/containers', readOnly: true },
            ],
          },
        ],
        terminationGracePeriodSeconds: 30,
        volumes: [
          { name: 'varlog', hostPath: { path: '/var/log' } },
          { name: 'containers', hostPath: { path: '/var/lib/containers' } },
        ],
      },
    },
  },
}

const ownerOf = (i: number) => ({ apiVersion: 'v1', kind: 'Node', name: `node-${i}`, uid: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}` })

const scheduled = ({ metadata: { name, namespace, uid, resourceVersion } }: Pod, i: number, run: number): NewObject<Event> => ({
  metadata: { name: `${name}.${run}`, namespace: 'kube-system' },
  involvedObject: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid, resourceVersion },
  type: 'Normal',
  reason: 'Scheduled',
  message: `Successfully assigned ${namespace}/${name} to node-${i}`,
  source: { component: 'default-scheduler' },
  reportingComponent: 'default-scheduler',
  reportingInstance: '',
  firstTimestamp: '2026-01-01T00:00:00Z',
  lastTimestamp: '2026-01-01T00:00:00Z',
  count: 1,
})

const ready = (i: number): Pod['status'] => ({
  phase: 'Running',
  podIP: `10.0.${i >> 8}.${i & 255}`,
  podIPs: [{ ip: `10.0.${i >> 8}.${i & 255}` }],
  hostIP: `10.1.${i >> 8}.${i & 255}`,
  hostIPs: [{ ip: `10.1.${i >> 8}.${i & 255}` }],
  startTime: '2026-01-01T00:00:00Z',
  conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'].map(type => ({
    type,
    observedGeneration: 1,
    lastTransitionTime: '2026-01-01T00:00:00Z',
    status: 'True',
  })),
  containerStatuses: [
    {
      name: 'fluentd',
      ready: true,
      started: true,
      restartCount: 0,
      image: 'fluentd',
      imageID: 'sha256:0',
      containerID: `simulated://${i}`,
      lastState: {},
      state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
    },
  ],
})
