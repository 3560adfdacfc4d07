import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { DaemonSet, DaemonSetStatus, DaemonSetUpdateStrategy } from '../../types/apps/daemon-set.ts'
import { checkPodTemplate } from '../core/pod-spec/pod-spec.ts'
import { checkAtMost100, checkIntOrPercent, checkNotNegative, numberOf } from '../int-or-percent.ts'
import type { ValidationContext } from '../kind.ts'
import { checkLabelSelector, hasInvalidValue, selects } from '../label-selector.ts'
import { templateGeneration } from './daemon-set-prepare.ts'
import { sameTemplate } from './same-template.ts'
import { TEMPLATE_GENERATION } from './template-generation.ts'

export function validateDaemonSet(set: DaemonSet, { old }: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  const { selector, template, updateStrategy, minReadySeconds, revisionHistoryLimit } = set.spec
  checkLabelSelector(selector, 'spec.selector', errors, hasInvalidValue((old as DaemonSet | undefined)?.spec.selector))
  if (selects(selector, template?.metadata?.labels) === false) {
    errors.push(invalid('spec.template.metadata.labels', template?.metadata?.labels ?? null, '`selector` does not match template `labels`'))
  }
  if (selector && Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0) {
    errors.push(invalid('spec.selector', selector, 'empty selector is invalid for daemonset'))
  }
  checkPodTemplate(template ?? {}, 'spec.template', errors)
  const restart = template?.spec?.restartPolicy
  if (restart !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', restart ?? '', ['Always']))
  if (template?.spec?.activeDeadlineSeconds != null) {
    errors.push(forbiddenField('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in DaemonSet is not Supported'))
  }
  checkNotNegative(minReadySeconds, 'spec.minReadySeconds', errors)
  checkTemplateGeneration(set, errors)
  checkUpdateStrategy(updateStrategy, 'spec.updateStrategy', errors)
  checkNotNegative(revisionHistoryLimit, 'spec.revisionHistoryLimit', errors)
  return errors
}

function checkTemplateGeneration(set: DaemonSet, errors: FieldError[]): void {
  const text = set.metadata.annotations?.[TEMPLATE_GENERATION]
  if (text === undefined) return
  const generation = templateGeneration(set)
  if (generation === undefined) errors.push(invalid(`metadata.annotations[${TEMPLATE_GENERATION}]`, text, 'must be a decimal integer'))
  else checkNotNegative(generation, 'spec.templateGeneration', errors)
}

function checkUpdateStrategy(strategy: DaemonSetUpdateStrategy | undefined, path: string, errors: FieldError[]): void {
  switch (strategy?.type) {
    case 'OnDelete':
      return
    case 'RollingUpdate':
      if (!strategy.rollingUpdate) errors.push(required(`${path}.rollingUpdate`))
      else checkRollingUpdate(strategy.rollingUpdate, `${path}.rollingUpdate`, errors)
      return
    default:
      errors.push(notSupported(path, strategy ?? {}, ['RollingUpdate', 'OnDelete']))
  }
}

/** One of the two is zero and the other is not: pods give way before, or after, their successors are there. */
export function checkRollingUpdate(
  { maxUnavailable, maxSurge }: NonNullable<DaemonSetUpdateStrategy['rollingUpdate']>,
  path: string,
  errors: FieldError[],
): void {
  checkIntOrPercent(maxUnavailable, `${path}.maxUnavailable`, errors)
  checkIntOrPercent(maxSurge, `${path}.maxSurge`, errors)
  const unavailable = numberOf(maxUnavailable)
  const surge = numberOf(maxSurge)
  if (unavailable !== 0 && surge !== 0) errors.push(invalid(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  else if (unavailable === 0 && surge === 0) errors.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  checkAtMost100(maxUnavailable, `${path}.maxUnavailable`, errors)
  checkAtMost100(maxSurge, `${path}.maxSurge`, errors)
}

export function validateDaemonSetUpdate(set: DaemonSet, old: DaemonSet): readonly FieldError[] {
  const errors: FieldError[] = []
  if (!semanticEqual(set.spec.selector, old.spec.selector)) errors.push(invalid('spec.selector', set.spec.selector ?? null, 'field is immutable'))
  const now = templateGeneration(set)
  const before = templateGeneration(old)
  if (now === undefined || before === undefined) return errors
  const at = 'spec.templateGeneration'
  const changed = !sameTemplate(set.spec.template, old.spec.template)
  if (now < before) errors.push(invalid(at, now, 'must not be decremented'))
  else if (changed && now === before) errors.push(invalid(at, now, 'must be incremented upon template update'))
  else if (!changed && now > before) errors.push(invalid(at, now, 'must not be incremented without template update'))
  return errors
}

const COUNTERS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const satisfies readonly (keyof DaemonSetStatus)[]

export function validateDaemonSetStatusUpdate(set: DaemonSet, old: DaemonSet): readonly FieldError[] {
  const errors: FieldError[] = []
  for (const counter of COUNTERS) checkNotNegative(set.status[counter], `status.${counter}`, errors)
  if (old.status.collisionCount != null && (set.status.collisionCount ?? 0) < old.status.collisionCount) {
    errors.push(invalid('status.collisionCount', set.status.collisionCount ?? 0, 'cannot be decremented'))
  }
  return errors
}
