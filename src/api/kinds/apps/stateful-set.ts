import { addAll } from '../../../base/add-all.ts'
import { type FieldError, forbiddenField } from '../../meta/field-error.ts'
import { formatLabelSelector } from '../../meta/label-selector.ts'
import type { Draft } from '../../meta/object.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import { StatefulSet } from '../../types/apps/stateful-set.ts'
import { AGE, NAME, text, wide } from '../columns.ts'
import { defaultPodSpec } from '../core/pod-defaults.ts'
import { podTemplateWarnings } from '../core/pod-warnings.ts'
import { claimSpecWarnings } from '../core/volume-warnings.ts'
import type { Kind } from '../kind.ts'
import { keepStatus } from '../status.ts'
import { validateReplicaCounts } from './replica-counts.ts'
import { validateStatefulSet } from './stateful-set-rules.ts'

function defaults({ spec }: Draft<StatefulSet>): void {
  if (spec.template?.spec) defaultPodSpec(spec.template.spec)
  if (spec.ordinals) spec.ordinals.start ??= 0
  for (const claim of spec.volumeClaimTemplates ?? []) Object.assign(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' })
  if (spec.updateStrategy?.type === 'RollingUpdate') spec.updateStrategy.rollingUpdate ??= { partition: 0 }
}

/** What may change later; all else is fixed with the first pod. */
const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const

function validateUpdate(now: StatefulSet, old: StatefulSet): readonly FieldError[] {
  const fixed = (spec: StatefulSet['spec']) => Object.fromEntries(Object.entries(spec).filter(([key]) => !CHANGEABLE.some(name => name === key)))
  if (semanticEqual(fixed(now.spec), fixed(old.spec))) return []
  const names = CHANGEABLE.map(name => `'${name}'`)
  return [forbiddenField('spec', `updates to statefulset spec for fields other than ${names.slice(0, -1).join(', ')} and ${names.at(-1)} are forbidden`)]
}

function warnings({ spec }: StatefulSet, old: StatefulSet | undefined): readonly string[] {
  const found = [...podTemplateWarnings(spec.template, old?.spec.template, 'spec.template')]
  spec.volumeClaimTemplates?.forEach((claim, i) => {
    if (claim.spec) addAll(found, claimSpecWarnings(claim.spec, `spec.volumeClaimTemplates[${i}]`))
  })
  if ((spec.revisionHistoryLimit ?? 0) < 0) {
    found.push('spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended')
  }
  return found
}

export const StatefulSets: Kind<StatefulSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  resource: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  schema: StatefulSet,
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
  notEnforced: true,
  defaults,
  prepareForCreate(draft) {
    draft.status = { replicas: 0, availableReplicas: 0 }
  },
  prepareForUpdate: keepStatus,
  validate: validateStatefulSet,
  validateUpdate,
  validateStatusUpdate: validateReplicaCounts,
  warnings,
  columns: [
    NAME,
    text('Ready', 'Pods that are ready, of those wanted.', s => `${s.status.readyReplicas ?? 0}/${s.spec.replicas ?? 0}`),
    AGE,
    wide('Containers', 'Names of the containers.', s => (s.spec.template.spec?.containers ?? []).map(c => c.name).join(',')),
    wide('Images', 'Images of the containers.', s => (s.spec.template.spec?.containers ?? []).map(c => c.image).join(',')),
  ],
}
