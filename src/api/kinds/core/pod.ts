import { Pod } from '../../types/core/pod.ts'
import type { Kind } from '../kind.ts'
import { podColumns, podRowConditions } from './pod-columns.ts'
import { defaultPod } from './pod-defaults.ts'
import { preparePodForCreate, preparePodForUpdate } from './pod-prepare.ts'
import { validatePod, validatePodStatusUpdate, validatePodUpdate } from './pod-validation.ts'
import { podWarnings } from './pod-warnings.ts'

const stream = (kind: string) => ({ verbs: ['create', 'get'], kind: { group: '', version: 'v1', kind } })

export const Pods: Kind<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  resource: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  schema: Pod,
  sharesParts: true,
  subresources: {
    status: true,
    other: {
      attach: stream('PodAttachOptions'),
      binding: { verbs: ['create'], kind: { group: '', version: 'v1', kind: 'Binding' } },
      ephemeralcontainers: { verbs: ['get', 'patch', 'update'], kind: { group: '', version: 'v1', kind: 'Pod' } },
      eviction: { verbs: ['create'], kind: { group: 'policy', version: 'v1', kind: 'Eviction' } },
      exec: stream('PodExecOptions'),
      log: { verbs: ['get'], kind: { group: '', version: 'v1', kind: 'Pod' } },
      portforward: stream('PodPortForwardOptions'),
      resize: { verbs: ['get', 'patch', 'update'], kind: { group: '', version: 'v1', kind: 'Pod' } },
    },
  },
  selectableFields: {
    'spec.nodeName': pod => pod.spec.nodeName ?? '',
    'spec.host': pod => pod.spec.nodeName ?? '',
    'spec.restartPolicy': pod => pod.spec.restartPolicy ?? '',
    'spec.schedulerName': pod => pod.spec.schedulerName ?? '',
    'spec.serviceAccountName': pod => pod.spec.serviceAccountName ?? '',
    'spec.hostNetwork': pod => String(pod.spec.hostNetwork ?? false),
    'status.phase': pod => pod.status.phase ?? '',
    'status.podIP': pod => pod.status.podIPs?.[0]?.ip ?? pod.status.podIP ?? '',
    'status.podIPs': pod => (pod.status.podIPs ?? []).map(p => p.ip).join(','),
    'status.nominatedNodeName': pod => pod.status.nominatedNodeName ?? '',
  },
  defaults: defaultPod,
  prepareForCreate: preparePodForCreate,
  prepareForUpdate: preparePodForUpdate,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  warnings: podWarnings,
  columns: podColumns,
  rowConditions: podRowConditions,
}
