import { formatLabelSelector } from '../../meta/label-selector.ts'
import { ReplicaSet } from '../../types/apps/replica-set.ts'
import { AGE, integer, NAME, wide } from '../columns.ts'
import { podNameWarnings, podTemplateWarnings } from '../core/pod-warnings.ts'
import type { Kind } from '../kind.ts'
import { keepStatus } from '../status.ts'
import { validateReplicaCounts } from './replica-counts.ts'
import { defaultReplicaSet, validateReplicaSet, validateReplicatedUpdate } from './replica-rules.ts'

export const ReplicaSets: Kind<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  resource: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  schema: ReplicaSet,
  subresources: {
    status: true,
    scale: {
      replicas: set => set.spec.replicas ?? 0,
      setReplicas(draft, replicas) {
        draft.spec.replicas = replicas
      },
      statusReplicas: set => set.status.replicas,
      selector: set => formatLabelSelector(set.spec.selector),
    },
  },
  selectableFields: { 'status.replicas': set => String(set.status.replicas ?? 0) },
  defaults: defaultReplicaSet,
  prepareForCreate(draft) {
    draft.status = { replicas: 0 }
  },
  prepareForUpdate: keepStatus,
  validate: validateReplicaSet,
  validateUpdate: validateReplicatedUpdate,
  validateStatusUpdate: validateReplicaCounts,
  warnings: (set, old) => [...podNameWarnings(set, old), ...podTemplateWarnings(set.spec.template ?? {}, old?.spec.template, 'spec.template')],
  columns: [
    NAME,
    integer('Desired', 'Pods wanted.', set => set.spec.replicas ?? 0),
    integer('Current', 'Pods that there are.', set => set.status.replicas ?? 0),
    integer('Ready', 'Pods that are ready.', set => set.status.readyReplicas ?? 0),
    AGE,
    wide('Containers', 'Names of the containers.', set => (set.spec.template?.spec?.containers ?? []).map(c => c.name).join(',')),
    wide('Images', 'Images of the containers.', set => (set.spec.template?.spec?.containers ?? []).map(c => c.image).join(',')),
    wide('Selector', 'Labels that the pods have.', set => formatLabelSelector(set.spec.selector)),
  ],
}
