import { formatLabelSelector } from '../../meta/label-selector.ts'
import { formatLabels } from '../../meta/labels.ts'
import { DaemonSet } from '../../types/apps/daemon-set.ts'
import { AGE, integer, NAME, text, wide } from '../columns.ts'
import { podTemplateWarnings } from '../core/pod-warnings.ts'
import type { Kind } from '../kind.ts'
import { defaultDaemonSet } from './daemon-set-defaults.ts'
import { prepareDaemonSetForCreate, prepareDaemonSetForUpdate } from './daemon-set-prepare.ts'
import { validateDaemonSet, validateDaemonSetStatusUpdate, validateDaemonSetUpdate } from './daemon-set-validation.ts'
import { appsV1Beta2DaemonSet, extensionsDaemonSet } from './daemon-set-versions.ts'

export const DaemonSets: Kind<DaemonSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  resource: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  schema: DaemonSet,
  subresources: { status: true },
  defaults: defaultDaemonSet,
  prepareForCreate: prepareDaemonSetForCreate,
  prepareForUpdate: prepareDaemonSetForUpdate,
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  validateStatusUpdate: validateDaemonSetStatusUpdate,
  warnings: (set, old) => podTemplateWarnings(set.spec.template, old?.spec.template, 'spec.template'),
  columns: [
    NAME,
    integer('Desired', 'Nodes that should run a daemon pod.', set => set.status.desiredNumberScheduled ?? 0),
    integer('Current', 'Nodes that should run one and have one.', set => set.status.currentNumberScheduled ?? 0),
    integer('Ready', 'Nodes whose daemon pod is ready.', set => set.status.numberReady ?? 0),
    integer('Up-to-date', 'Nodes whose daemon pod is of the newest template.', set => set.status.updatedNumberScheduled ?? 0),
    integer('Available', 'Nodes whose daemon pod has been ready for minReadySeconds.', set => set.status.numberAvailable ?? 0),
    text('Node Selector', 'Labels a node must have.', set => formatLabels(set.spec.template.spec?.nodeSelector)),
    AGE,
    wide('Containers', 'Names of the containers.', set => (set.spec.template.spec?.containers ?? []).map(c => c.name).join(',')),
    wide('Images', 'Images of the containers.', set => (set.spec.template.spec?.containers ?? []).map(c => c.image).join(',')),
    wide('Selector', 'Labels that the pods of the set have.', set => formatLabelSelector(set.spec.selector)),
  ],
  alsoServed: [extensionsDaemonSet, appsV1Beta2DaemonSet],
}
