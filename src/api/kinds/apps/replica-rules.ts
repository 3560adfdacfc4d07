import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import type { Draft } from '../../meta/object.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { Deployment, DeploymentStrategy } from '../../types/apps/deployment.ts'
import type { ReplicaSet } from '../../types/apps/replica-set.ts'
import type { StatefulSet } from '../../types/apps/stateful-set.ts'
import type { PodTemplateSpec } from '../../types/core/pod.ts'
import type { LabelSelector } from '../../types/meta.ts'
import { defaultPodSpec } from '../core/pod-defaults.ts'
import { checkPodTemplate } from '../core/pod-spec/pod-spec.ts'
import { checkAtMost100, checkIntOrPercent, checkNotNegative, numberOf } from '../int-or-percent.ts'
import type { ValidationContext } from '../kind.ts'
import { checkLabelSelector, hasInvalidValue, selects } from '../label-selector.ts'

export function defaultReplicaSet({ spec }: Draft<ReplicaSet>): void {
  if (spec.template?.spec) defaultPodSpec(spec.template.spec)
}

export function defaultDeployment({ spec }: Draft<Deployment>): void {
  if (spec.template?.spec) defaultPodSpec(spec.template.spec)
  spec.strategy ??= {}
  spec.strategy.type ||= 'RollingUpdate'
  if (spec.strategy.type !== 'RollingUpdate') return
  spec.strategy.rollingUpdate ??= {}
  spec.strategy.rollingUpdate.maxUnavailable ??= '25%'
  spec.strategy.rollingUpdate.maxSurge ??= '25%'
}

type Replicated = Deployment | ReplicaSet | StatefulSet

/**
 * What Deployments, ReplicaSets and StatefulSets share: a selector that selects the template, and a template that runs for good.
 * `template` is the one to judge, where it is not simply that of the object.
 */
export function checkReplicated(
  object: Replicated,
  old: Replicated | undefined,
  errors: FieldError[],
  template: PodTemplateSpec | undefined = object.spec.template,
): void {
  const words = object.kind === 'StatefulSet' ? STATEFUL_WORDS : REPLICA_WORDS
  const { selector, replicas, minReadySeconds } = object.spec
  checkNotNegative(replicas, 'spec.replicas', errors)
  checkNotNegative(minReadySeconds, 'spec.minReadySeconds', errors)
  if (!checkSelector(selector, old?.spec.selector, words, errors)) return
  if (!template) {
    errors.push(required('spec.template'))
    return
  }
  checkTemplate(template, selector, words, errors)
}

interface Words {
  readonly empty: string
  readonly deadline: string
}
const REPLICA_WORDS: Words = {
  empty: 'empty selector is invalid for deployment',
  deadline: 'activeDeadlineSeconds in ReplicaSet is not Supported',
}
const STATEFUL_WORDS: Words = {
  empty: 'empty selector is invalid for statefulset',
  deadline: 'activeDeadlineSeconds in StatefulSet is not Supported',
}

const isEmpty = ({ matchLabels, matchExpressions }: LabelSelector): boolean => Object.keys(matchLabels ?? {}).length + (matchExpressions ?? []).length === 0

/** False when the selector cannot be read at all: nothing can be said of the template then. */
function checkSelector(selector: LabelSelector | undefined, old: LabelSelector | undefined, words: Words, errors: FieldError[]): boolean {
  if (!selector) errors.push(required('spec.selector'))
  else {
    checkLabelSelector(selector, 'spec.selector', errors, hasInvalidValue(old))
    if (isEmpty(selector)) {
      errors.push(invalid('spec.selector', selector, words.empty))
    }
    if (selects(selector, undefined) === undefined) {
      errors.push(invalid('spec.selector', selector, 'invalid label selector'))
      return false
    }
  }
  return true
}

function checkTemplate(template: PodTemplateSpec, selector: LabelSelector | undefined, words: Words, errors: FieldError[]): void {
  const labels = template.metadata?.labels
  if (!(selector && isEmpty(selector)) && selects(selector, labels) === false) {
    errors.push(invalid('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`'))
  }
  checkPodTemplate(template, 'spec.template', errors)
  const restart = template.spec?.restartPolicy
  if (restart !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', restart ?? '', ['Always']))
  if (template.spec?.activeDeadlineSeconds != null) {
    errors.push(forbiddenField('spec.template.spec.activeDeadlineSeconds', words.deadline))
  }
}

function checkStrategy(strategy: DeploymentStrategy | undefined, errors: FieldError[]): void {
  const path = 'spec.strategy'
  const rolling = strategy?.rollingUpdate
  switch (strategy?.type) {
    case 'Recreate':
      if (rolling) errors.push(forbiddenField(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'"))
      return
    case 'RollingUpdate':
      break
    default:
      errors.push(notSupported(path, strategy ?? {}, ['Recreate', 'RollingUpdate']))
      return
  }
  if (!rolling) {
    errors.push(required(`${path}.rollingUpdate`, 'this should be defaulted and never be nil'))
    return
  }
  checkIntOrPercent(rolling.maxUnavailable, `${path}.rollingUpdate.maxUnavailable`, errors)
  checkIntOrPercent(rolling.maxSurge, `${path}.rollingUpdate.maxSurge`, errors)
  if (numberOf(rolling.maxUnavailable) === 0 && numberOf(rolling.maxSurge) === 0) {
    errors.push(invalid(`${path}.rollingUpdate.maxUnavailable`, rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  checkAtMost100(rolling.maxUnavailable, `${path}.rollingUpdate.maxUnavailable`, errors)
}

export function validateReplicaSet(set: ReplicaSet, { old }: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  checkReplicated(set, old as ReplicaSet | undefined, errors)
  return errors
}

export function validateDeployment(deployment: Deployment, { old }: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  const { spec } = deployment
  checkReplicated(deployment, old as Deployment | undefined, errors)
  checkStrategy(spec.strategy, errors)
  checkNotNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', errors)
  checkNotNegative(spec.progressDeadlineSeconds, 'spec.progressDeadlineSeconds', errors)
  if (spec.progressDeadlineSeconds != null && spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0)) {
    errors.push(invalid('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds'))
  }
  return errors
}

export const validateReplicatedUpdate = (now: Replicated, old: Replicated): readonly FieldError[] =>
  semanticEqual(now.spec.selector, old.spec.selector) ? [] : [invalid('spec.selector', now.spec.selector ?? null, 'field is immutable')]
