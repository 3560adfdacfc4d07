/** Daemon pods as a controller makes and an agent reports them: about 2.3 kB of JSON each. */
import type { KubeObject } from '../src/api/meta/object.ts'

export interface BenchPod extends KubeObject {
  readonly spec: { readonly nodeName?: string }
  readonly status: object
}

const uid = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

/** The pod of node `n`, of one of a few sets; `phase` changes its status as a kubelet's report would. */
export function benchPod(n: number, phase: 'Pending' | 'Running' = 'Running', second = 0): object {
  const node = `node-${String(n).padStart(5, '0')}`
  const time = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString().replace('.000Z', 'Z')
  const name = `agent-${(n * 7919).toString(36).padStart(5, '0')}`
  const condition = (type: string) => ({ type, status: phase === 'Running' ? 'True' : 'False', lastProbeTime: null, lastTransitionTime: time })
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: 'agent-',
      namespace: 'default',
      uid: uid(n),
      creationTimestamp: time,
      labels: { app: 'agent', 'controller-revision-hash': '7d9f8b6c5d', 'pod-template-generation': '1' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: uid(0xffff), controller: true, blockOwnerDeletion: true }],
      managedFields: [
        {
          manager: 'everynode',
          operation: 'Update',
          apiVersion: 'v1',
          time,
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:metadata': { 'f:generateName': {}, 'f:labels': { '.': {}, 'f:app': {} } }, 'f:spec': { 'f:containers': {}, 'f:tolerations': {} } },
        },
      ],
    },
    spec: {
      nodeName: node,
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] },
        },
      },
      containers: [
        {
          name: 'agent',
          image: 'registry.example.org/agent:1.27.3',
          args: ['--listen=:9100', '--level=info'],
          ports: [{ name: 'metrics', containerPort: 9100, hostPort: 9100, protocol: 'TCP' }],
          resources: { limits: { memory: '200Mi' }, requests: { cpu: '100m', memory: '200Mi' } },
          volumeMounts: [{ name: 'log', mountPath: '/var/log', readOnly: true }],
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      volumes: [{ name: 'log', hostPath: { path: '/var/log', type: '' } }],
      tolerations: ['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map(taint => ({
        key: `node.kubernetes.io/${taint}`,
        operator: 'Exists',
        effect: taint.endsWith('y') && !taint.endsWith('ready') ? 'NoSchedule' : 'NoExecute',
      })),
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      securityContext: {},
      schedulerName: 'default-scheduler',
    },
    status: {
      phase,
      hostIP: `10.0.${(n >> 8) & 255}.${n & 255}`,
      podIP: `10.1.${(n >> 8) & 255}.${n & 255}`,
      startTime: time,
      qosClass: 'Burstable',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
      containerStatuses: [
        {
          name: 'agent',
          ready: phase === 'Running',
          restartCount: 0,
          image: 'registry.example.org/agent:1.27.3',
          imageID: '',
          started: true,
          state: { running: { startedAt: time } },
        },
      ],
    },
  }
}

export const podKey = (n: number): string => `/core/pods/default/agent-${(n * 7919).toString(36).padStart(5, '0')}`
