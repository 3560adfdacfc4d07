import { formatLabelSelector } from '../../meta/label-selector.ts'
import { Deployment } from '../../types/apps/deployment.ts'
import { AGE, NAME, text, wide } from '../columns.ts'
import { podNameWarnings, podTemplateWarnings } from '../core/pod-warnings.ts'
import type { Kind } from '../kind.ts'
import { keepStatus, withoutStatus } from '../status.ts'
import { validateReplicaCounts } from './replica-counts.ts'
import { defaultDeployment, validateDeployment, validateReplicatedUpdate } from './replica-rules.ts'

export const Deployments: Kind<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  resource: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  schema: Deployment,
  subresources: {
    status: true,
    scale: {
      replicas: deployment => deployment.spec.replicas ?? 0,
      setReplicas(draft, replicas) {
        draft.spec.replicas = replicas
      },
      statusReplicas: deployment => deployment.status.replicas ?? 0,
      selector: deployment => formatLabelSelector(deployment.spec.selector),
    },
  },
  defaults: defaultDeployment,
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  validate: validateDeployment,
  validateUpdate: validateReplicatedUpdate,
  validateStatusUpdate: validateReplicaCounts,
  warnings: (deployment, old) => [...podNameWarnings(deployment, old), ...podTemplateWarnings(deployment.spec.template, old?.spec.template, 'spec.template')],
  columns: [
    NAME,
    text('Ready', 'Pods that are ready, of those wanted.', d => `${d.status.readyReplicas ?? 0}/${d.spec.replicas ?? 0}`),
    text('Up-to-date', 'Pods of the newest template.', d => d.status.updatedReplicas ?? 0),
    text('Available', 'Pods that have been ready for minReadySeconds.', d => d.status.availableReplicas ?? 0),
    AGE,
    wide('Containers', 'Names of the containers.', d => (d.spec.template.spec?.containers ?? []).map(c => c.name).join(',')),
    wide('Images', 'Images of the containers.', d => (d.spec.template.spec?.containers ?? []).map(c => c.image).join(',')),
    wide('Selector', 'Labels that the pods have.', d => formatLabelSelector(d.spec.selector)),
  ],
}
