import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import type { Draft } from '../../meta/object.ts'
import { ReplicationController } from '../../types/core/replication-controller.ts'
import { validateReplicaCounts } from '../apps/replica-counts.ts'
import { AGE, integer, NAME, wide } from '../columns.ts'
import { checkNotNegative } from '../int-or-percent.ts'
import type { Kind } from '../kind.ts'
import { keepStatus } from '../status.ts'
import { defaultPodSpec } from './pod-defaults.ts'
import { checkPodTemplate } from './pod-spec/pod-spec.ts'
import { podNameWarnings, podTemplateWarnings } from './pod-warnings.ts'

const selectorText = (selector: Readonly<Record<string, string>> | undefined) =>
  Object.entries(selector ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(',')

/** Labels and selector are the template's where nothing else is said. */
function defaults({ metadata, spec }: Draft<ReplicationController>): void {
  if (spec.template?.spec) defaultPodSpec(spec.template.spec)
  const labels = spec.template?.metadata?.labels
  if (!labels) return
  if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels }
  if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels }
}

function validate({ spec }: ReplicationController): readonly FieldError[] {
  const errors: FieldError[] = []
  checkNotNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors)
  checkNotNegative(spec.replicas, 'spec.replicas', errors)
  const wanted = Object.entries(spec.selector ?? {})
  if (wanted.length === 0) errors.push(required('spec.selector'))
  if (!spec.template) return [...errors, required('spec.template')]
  const labels = spec.template.metadata?.labels ?? {}
  if (wanted.some(([key, value]) => labels[key] !== value)) {
    errors.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
  }
  checkPodTemplate(spec.template, 'spec.template', errors)
  const restart = spec.template.spec?.restartPolicy
  if (restart !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', restart ?? '', ['Always']))
  if (spec.template.spec?.activeDeadlineSeconds != null) {
    errors.push(forbiddenField('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in ReplicationController is not Supported'))
  }
  return errors
}

export const ReplicationControllers: Kind<ReplicationController> = {
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  resource: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  schema: ReplicationController,
  subresources: {
    status: true,
    scale: {
      replicas: controller => controller.spec.replicas ?? 0,
      setReplicas(draft, replicas) {
        draft.spec.replicas = replicas
      },
      statusReplicas: controller => controller.status.replicas,
      selector: controller => selectorText(controller.spec.selector),
    },
  },
  notEnforced: true,
  selectableFields: { 'status.replicas': controller => String(controller.status.replicas ?? 0) },
  defaults,
  prepareForCreate(draft) {
    draft.status = { replicas: 0 }
  },
  prepareForUpdate: keepStatus,
  validate,
  validateStatusUpdate: validateReplicaCounts,
  warnings: (controller, old) => [
    ...podNameWarnings(controller, old),
    ...podTemplateWarnings(controller.spec.template ?? {}, old?.spec.template, 'spec.template'),
  ],
  columns: [
    NAME,
    integer('Desired', 'Pods wanted.', c => c.spec.replicas ?? 0),
    integer('Current', 'Pods that there are.', c => c.status.replicas ?? 0),
    integer('Ready', 'Pods that are ready.', c => c.status.readyReplicas ?? 0),
    AGE,
    wide('Containers', 'Names of the containers.', c => (c.spec.template?.spec?.containers ?? []).map(each => each.name).join(',')),
    wide('Images', 'Images of the containers.', c => (c.spec.template?.spec?.containers ?? []).map(each => each.image).join(',')),
    wide('Selector', 'Labels that the pods have.', c => selectorText(c.spec.selector)),
  ],
}
