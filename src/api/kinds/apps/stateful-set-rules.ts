import { type FieldError, invalid, notSupported, required } from '../../meta/field-error.ts'
import { dnsLabel } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import type { StatefulSet, StatefulSetSpec } from '../../types/apps/stateful-set.ts'
import type { PodTemplateSpec } from '../../types/core/pod.ts'
import type { Volume } from '../../types/core/volume.ts'
import { checkClaimSpec } from '../core/claim-spec-rules.ts'
import { checkNotNegative } from '../int-or-percent.ts'
import type { ValidationContext } from '../kind.ts'
import { checkReplicated } from './replica-rules.ts'

export function validateStatefulSet(set: StatefulSet, { old }: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  const { spec } = set
  const { podManagementPolicy = '', serviceName, ordinals, volumeClaimTemplates } = spec
  if (!['OrderedReady', 'Parallel'].includes(podManagementPolicy)) {
    errors.push(invalid('spec.podManagementPolicy', podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"))
  }
  checkStrategy(spec.updateStrategy, errors)
  checkRetention(spec.persistentVolumeClaimRetentionPolicy, errors)
  volumeClaimTemplates?.forEach((claim, i) => {
    checkClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${i}].spec`, errors)
  })
  checkNotNegative(ordinals?.start, 'spec.ordinals.start', errors)
  if (serviceName) report(errors, 'spec.serviceName', serviceName, dnsLabel(serviceName))
  checkReplicated({ ...set, kind: 'StatefulSet' }, old as StatefulSet | undefined, errors, templateOfPods(spec))
  return errors
}

/** The template as the pods get it: with a volume for each claim, and names that are those of the pods. */
function templateOfPods({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec | undefined {
  if (!template?.spec) return template
  const names = new Set(volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? ''))
  const claimed = [...names].map((name): Volume => ({ name, persistentVolumeClaim: { claimName: name } }))
  const volumes = [...claimed, ...(template.spec.volumes ?? []).filter(({ name }) => !names.has(name))]
  const { hostname: _, subdomain: __, ...spec } = template.spec
  return { ...template, spec: { ...spec, ...(volumes.length > 0 && { volumes }) } }
}

function checkStrategy(strategy: StatefulSetSpec['updateStrategy'], errors: FieldError[]): void {
  const path = 'spec.updateStrategy'
  const rolling = strategy?.rollingUpdate
  switch (strategy?.type) {
    case 'OnDelete':
      if (rolling) errors.push(invalid(`${path}.rollingUpdate`, rolling, "only allowed for updateStrategy 'RollingUpdate'"))
      return
    case 'RollingUpdate':
      checkNotNegative(rolling?.partition, `${path}.rollingUpdate.partition`, errors)
      return
    default:
      if (!strategy?.type) errors.push(required(path))
      else errors.push(invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'"))
  }
}

function checkRetention(policy: StatefulSetSpec['persistentVolumeClaimRetentionPolicy'], errors: FieldError[]): void {
  for (const moment of ['whenDeleted', 'whenScaled'] as const) {
    const value = policy?.[moment]
    if (value !== 'Retain' && value !== 'Delete') {
      errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${moment}`, value ?? '', ['Delete', 'Retain']))
    }
  }
}
