import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { matcherOf } from '../../meta/label-selector.ts'
import type { Draft } from '../../meta/object.ts'
import { labelName, type NameRule } from '../../meta/object-meta.ts'
import type { CronJob, Job, JobSpec } from '../../types/batch.ts'
import type { Container } from '../../types/core/container.ts'
import type { ObjectMeta } from '../../types/meta.ts'
import { checkChoice } from '../choice.ts'
import { defaultPodSpec } from '../core/pod-defaults.ts'
import { checkImmutable } from '../immutable.ts'
import { checkNotNegative } from '../int-or-percent.ts'
import { checkLabelSelector } from '../label-selector.ts'
import { scheduleProblem } from './cron-schedule.ts'
import { checkJobSpec } from './job-spec-rules.ts'

/** Eleven characters of a CronJob's jobs' names tell the time. */
const LONGEST_CRON_NAME = 52

const DEFAULT_BACKOFF = 6
const MAX_INT = 2 ** 31 - 1

function defaultSpec(spec: Draft<JobSpec>): void {
  if (spec.template?.spec) defaultPodSpec(spec.template.spec)
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  // Failures are counted index by index, or a policy decides: the other limits step back.
  spec.backoffLimit ??= spec.backoffLimitPerIndex == null ? DEFAULT_BACKOFF : MAX_INT
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.manualSelector ??= false
}

export function defaultJob(job: Draft<Job>): void {
  defaultSpec(job.spec)
  const labels = job.spec.template?.metadata?.labels
  if (labels && !Object.keys(job.metadata.labels ?? {}).length) job.metadata.labels = { ...labels }
}

export function defaultCronJob(job: Draft<CronJob>): void {
  if (job.spec.jobTemplate?.spec?.template?.spec) defaultPodSpec(job.spec.jobTemplate.spec.template.spec)
}

/**
 * Pods of a job are told from those of others by its uid, unless the client answers for the selector. A job whose name is yet to
 * be generated is not named on its pods.
 */
export function prepareJobForCreate(job: Draft<Job>): void {
  job.status = {}
  const { spec, metadata } = job
  if (spec.manualSelector) return
  const uid = metadata.uid ?? ''
  const own = {
    'controller-uid': uid,
    'batch.kubernetes.io/controller-uid': uid,
    ...(metadata.name && { 'job-name': metadata.name, 'batch.kubernetes.io/job-name': metadata.name }),
  }
  spec.template.metadata ??= {}
  const template = spec.template.metadata as Draft<ObjectMeta>
  template.labels = { ...own, ...template.labels }
  spec.selector = { matchLabels: { ...spec.selector?.matchLabels, 'batch.kubernetes.io/controller-uid': uid } }
}

export function validateJob(job: Job): readonly FieldError[] {
  const errors: FieldError[] = []
  const { selector, template } = job.spec
  checkJobSpec(job.spec, 'spec', errors)
  if (!selector) errors.push(required('spec.selector'))
  else {
    checkLabelSelector(selector, 'spec.selector', errors)
    const labels = template.metadata?.labels ?? {}
    if (!matcherOf(selector)(labels)) {
      errors.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
    }
  }
  return errors
}

const FIXED: readonly (keyof JobSpec)[] = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy']

export function validateJobUpdate(now: Job, old: Job): readonly FieldError[] {
  const errors: FieldError[] = []
  const { completions } = now.spec
  if (now.spec.completionMode !== 'Indexed') checkImmutable(completions, old.spec.completions, 'spec.completions', errors)
  else if (completions !== old.spec.completions && completions != null && completions !== now.spec.parallelism) {
    errors.push(invalid('spec.completions', completions, 'can only be modified in tandem with spec.parallelism'))
  }
  checkImmutable(now.spec.selector, old.spec.selector, 'spec.selector', errors)
  checkImmutable(unsettled(now, old), old.spec.template, 'spec.template', errors)
  for (const field of FIXED) checkImmutable(now.spec[field], old.spec[field], `spec.${field}`, errors)
  return errors
}

/** The template without what may still change: where the pods of a job go that waits, and what they get. */
function unsettled({ spec: { template } }: Job, old: Job): JobSpec['template'] {
  if (!old.spec.suspend || old.status.startTime !== undefined) return template
  const before = old.spec.template
  const resourcesOf = (containers: readonly Container[] | undefined, former: readonly Container[] | undefined) =>
    containers?.map((container, i) => (container.name === former?.[i]?.name ? { ...container, resources: former[i].resources } : container))
  const { affinity } = template.spec ?? {}
  return {
    ...template,
    metadata: { ...template.metadata, labels: before.metadata?.labels, annotations: before.metadata?.annotations },
    spec: {
      ...(template.spec as NonNullable<typeof template.spec>),
      affinity: (affinity ?? before.spec?.affinity) ? { ...affinity, nodeAffinity: before.spec?.affinity?.nodeAffinity } : undefined,
      nodeSelector: before.spec?.nodeSelector,
      tolerations: before.spec?.tolerations,
      schedulingGates: before.spec?.schedulingGates,
      containers: resourcesOf(template.spec?.containers, before.spec?.containers) ?? [],
      initContainers: resourcesOf(template.spec?.initContainers, before.spec?.initContainers),
    },
  }
}

export const cronJobName: NameRule = (name, prefix) => {
  const problems = labelName(name, prefix)
  return name.length > LONGEST_CRON_NAME ? [...problems, `must be no more than ${LONGEST_CRON_NAME} characters`] : problems
}

/** Names only: an offset from UTC is no zone. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

export function validateCronJob({ spec }: CronJob): readonly FieldError[] {
  const errors: FieldError[] = []
  if (!spec.schedule) errors.push(required('spec.schedule'))
  else if (spec.schedule.includes('TZ='))
    errors.push(invalid('spec.schedule', spec.schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'))
  else {
    const problem = scheduleProblem(spec.schedule)
    if (problem) errors.push(invalid('spec.schedule', spec.schedule, problem))
  }
  if (spec.timeZone === '') errors.push(invalid('spec.timeZone', '', 'timeZone must be nil or non-empty string'))
  else if (spec.timeZone && !isTimeZone(spec.timeZone)) errors.push(invalid('spec.timeZone', spec.timeZone, `unknown time zone ${spec.timeZone}`))
  checkNotNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds', errors)
  checkChoice(spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], 'spec.concurrencyPolicy', errors)
  checkNotNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit', errors)
  checkNotNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit', errors)
  const job = spec.jobTemplate.spec
  if (!job) return errors
  checkJobSpec(job, 'spec.jobTemplate.spec', errors)
  if (job.manualSelector) errors.push(notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']))
  if (job.selector) errors.push(forbiddenField('spec.jobTemplate.spec.selector', '`selector` will be auto-generated'))
  return errors
}
