/** DaemonSets that people really deploy, with a local image: each pod gets as far as what it needs is there, and goes without a trace. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { mountsUnder } from '../../src/agent/host/mounts.ts'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { Events } from '../../src/api/kinds/core/event.ts'
import { Namespaces } from '../../src/api/kinds/core/namespace.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import type { Event } from '../../src/api/types/core/event.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { applyAll } from '../../src/main/apply.ts'
import { leaksOf } from '../../tools/leaks.ts'
import { boundManifest } from '../support/bound-manifest.ts'
import { busyboxImage } from '../support/busybox-image.ts'
import { type Cluster, eventually, SHARED, startCluster } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'
import { insideOf, LOOK_INSIDE, wantedInside } from '../support/inside.ts'

const FOLDER = join(SHARED, 'manifests/real')
const skip = existsSync(FOLDER) ? noContainers() : 'missing folder ../shared/manifests'
const IMAGE = 'localhost/busybox:1'
const NODE = 'node-1'
/** A few that ask for what many do, and how far they get; `EVERYNODE_MANIFESTS=` and a part of their names for others, `.` for all. */
const SAMPLE: Readonly<Record<string, RegExp>> = {
  'canonical__microk8s-community-addons__addons-traefik-traefik.yaml': /^runs$/,
  'ceph__ceph-csi__deploy-cephfs-kubernetes-csi-cephfsplugin.yaml': /FailedMount: .* (configmap "ceph-csi-config" not found|hostPath type check failed)/,
  'DataDog__helm-charts__test-datadog-baseline-manifests-gpu-monitoring.yaml': /pods "datadog-" is forbidden: pod rejected: RuntimeClass "nvidia" not found/,
  'k8snetworkplumbingwg__multus-cni__deployments-multus-daemonset-crio.yaml': /^runs$/,
  'kubernetes-sigs__azuredisk-csi-driver__deploy-example-daemonset-azuredisk-ephemeral.yaml': /FailedMount: .* it is of type ephemeral, which needs a driver/,
  'openshift__microshift__dep-k8s-cluster-addons-ip-masq-agent-ip-masq-agent.yaml': /^runs$/,
  'projectcalico__calico__manifests-calico-etcd.yaml': /^runs$|is not a shared mount/,
}
const only = process.env['EVERYNODE_MANIFESTS']
const files = skip ? [] : readdirSync(FOLDER).filter(file => (only ? file.match(only) : file in SAMPLE))
const HOLD = ['sh', '-c', 'trap "exit 0" TERM; sleep 100000 & wait']

let cluster: Cluster
let api: HttpApi
let directory: string

describe('manifests of real daemons', { skip }, () => {
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'en-'))
    writeFileSync(join(directory, 'busybox.tar'), busyboxImage([IMAGE]))
    cluster = await startCluster(['--nodes', '1', '--images', join(directory, 'busybox.tar')], { dataDir: join(directory, 'data') })
    api = new HttpApi(await readKubeconfig({ file: cluster.kubeconfig }))
  })
  after(async () => {
    api?.close()
    await cluster?.stop({ keepData: true })
    assert.deepEqual(await leaksOf(cluster.dataDir), [])
    rmSync(directory, { recursive: true, force: true })
  })

  it('run, or wait with an event that says what is missing; and leave nothing when they are deleted', async t => {
    const rest = files.entries()
    const one = async () => {
      for (const [i, file] of rest) await t.test(file, () => tryManifest(file, `real-${i}`))
    }
    await Promise.all([one(), one(), one()])
    assert.doesNotMatch(cluster.output(), /the agent of a local node ended/)
    const log = readFileSync(join(cluster.dataDir, 'nodes', NODE, 'agent.log'), 'utf8')
    const complaints = log.split('\n').filter(line => /"level":(50|60)|WARN|ERROR/.test(line))
    assert.deepEqual(complaints, [])
  })

  /** The containers of a set find what their pods say: user, rights, mounts, variables. */
  async function lookInside(namespace: string, set: string): Promise<void> {
    const { items: pods } = await api.list({ kind: Pods, namespace })
    for (const pod of pods.filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === set)) {
      for (const container of pod.spec.containers) {
        const said = await cluster.kubectl('exec', '-n', namespace, pod.metadata.name, '-c', container.name, '--', ...LOOK_INSIDE)
        assert.deepEqual(insideOf(said, pod, container), wantedInside(pod, container), `${pod.metadata.name} ${container.name}`)
      }
    }
  }

  async function tryManifest(file: string, namespace: string): Promise<void> {
    const { documents, sets } = await boundManifest(join(FOLDER, file), { namespace, image: IMAGE, root: join(directory, 'root'), command: HOLD })
    await api.create({ kind: Namespaces }, { metadata: { name: namespace }, spec: {} })
    const manifest = join(directory, `${namespace}.yaml`)
    writeFileSync(manifest, documents.map(document => JSON.stringify(document)).join('\n---\n'))
    const refused: string[] = []
    await applyAll(api, [manifest], line => void (/ (applied|created)$/.test(line) || refused.push(line.replace(manifest, ''))))
    const seen: Pod[] = []
    for (const name of sets) {
      const set = name ? await api.get({ kind: DaemonSets, namespace, name }).catch(() => undefined) : undefined
      if (!set) {
        const complaint = `${file} ${name}: not accepted: ${refused.join('; ').slice(0, 300)}`
        assert.ok(only, complaint)
        console.log(complaint)
        continue
      }
      const state = await eventually(
        async () => {
          const [{ items: pods }, { items: events }, now] = await Promise.all([
            api.list({ kind: Pods, namespace }),
            api.list({ kind: Events, namespace }),
            api.get({ kind: DaemonSets, namespace, name }),
          ])
          const own = pods.filter(pod => pod.metadata.ownerReferences?.[0]?.uid === set.metadata.uid)
          seen.push(...own)
          if (now.status.observedGeneration === undefined) return undefined
          if (own.length === 0) return now.status.desiredNumberScheduled === 0 ? 'wants no node' : whyNoPod(events, name)
          return stateOf(own[0]!, events)
        },
        found => found !== undefined,
        30_000,
      ).catch(error => {
        throw new Error(`${file} ${name}: ${error.message} ${JSON.stringify(seen.at(-1)?.status)}`)
      })
      if (only) console.log(`${file} ${name}: ${state}`)
      else assert.match(state ?? '', SAMPLE[file]!)
      if (state === 'runs') await lookInside(namespace, set.metadata.uid)
    }
    await api.delete({ kind: Namespaces, name: namespace })
    await eventually(
      () =>
        api.get({ kind: Namespaces, name: namespace }).then(
          () => 'there',
          () => 'gone',
        ),
      answer => answer === 'gone',
      60_000,
    )
    const data = join(cluster.dataDir, 'nodes', NODE)
    const uids = [...new Set(seen.map(pod => pod.metadata.uid))]
    // A pod without grace is gone from the API before its containers are.
    await eventually(
      async () => [
        ...namesIn(join(data, 'agent/pods')).filter(name => uids.includes(name)),
        ...namesIn(join(data, 'log/pods')).filter(name => name.startsWith(`${namespace}_`)),
        ...namesIn(join(data, 'log/containers')).filter(name => name.includes(`_${namespace}_`)),
        ...(await mountsUnder(data)).filter(mount => uids.some(uid => mount.includes(uid))),
      ],
      left => left.length === 0,
      10_000,
    )
  }
})

const whyNoPod = (events: readonly Event[], set: string): string | undefined =>
  events.find(e => e.involvedObject?.name === set && e.type === 'Warning')?.message

/** How far the pod is, once it is as far as it can be. */
function stateOf(pod: Pod, events: readonly Event[]): string | undefined {
  const { initContainerStatuses = [], containerStatuses = [], phase, reason, message } = pod.status
  if (phase === 'Failed') return `Failed: ${reason}: ${message}`
  const statuses = [...initContainerStatuses, ...containerStatuses]
  if (containerStatuses.length > 0 && containerStatuses.every(s => s.state?.running)) return 'runs'
  const warning = events.findLast(
    e => e.involvedObject?.uid === pod.metadata.uid && e.type === 'Warning' && e.reason !== 'MissingClusterDNS' && e.reason !== 'Unhealthy',
  )
  const waiting = statuses.find(s => s.state?.waiting && !['ContainerCreating', 'PodInitializing'].includes(s.state.waiting.reason ?? ''))
  return warning && `waits: ${waiting?.state?.waiting?.reason ?? 'ContainerCreating'}: ${warning.reason}: ${warning.message}`
}

/** Nothing where no pod has ever been. */
const namesIn = (directory: string): readonly string[] => (existsSync(directory) ? readdirSync(directory) : [])
