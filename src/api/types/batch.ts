import type { ObjectOf } from '../meta/object.ts'
import { boolean, explicit, int32, int64, list, message, opt, req, type Static, string, time, withDefault } from '../schema/build.ts'
import { PodTemplateSpec } from './core/pod.ts'
import { ObjectReference } from './core/reference.ts'
import { LabelSelector, ObjectMeta } from './meta.ts'

export const PodFailurePolicyOnExitCodesRequirement = message(
  'batch.v1.PodFailurePolicyOnExitCodesRequirement',
  {
    containerName: opt(1, explicit(string), 'The container; all when not given.'),
    operator: req(2, string, 'In or NotIn.'),
    values: req(3, list(int32, { list: 'set' }), 'The exit codes.'),
  },
  { doc: 'Exit codes.' },
)
export type PodFailurePolicyOnExitCodesRequirement = Static<typeof PodFailurePolicyOnExitCodesRequirement>

export const PodFailurePolicyOnPodConditionsPattern = message(
  'batch.v1.PodFailurePolicyOnPodConditionsPattern',
  {
    status: opt(2, withDefault(string, 'True'), 'Its status.'),
    type: req(1, string, 'Its type.'),
  },
  { doc: 'A condition of a pod.' },
)
export type PodFailurePolicyOnPodConditionsPattern = Static<typeof PodFailurePolicyOnPodConditionsPattern>

export const PodFailurePolicyRule = message(
  'batch.v1.PodFailurePolicyRule',
  {
    action: req(1, string, 'FailJob, FailIndex, Ignore or Count.'),
    onExitCodes: opt(2, PodFailurePolicyOnExitCodesRequirement, 'Exit codes it is about.'),
    onPodConditions: opt(3, list(PodFailurePolicyOnPodConditionsPattern, { list: 'atomic' }), 'Conditions of the pod it is about.'),
  },
  { doc: 'One rule.' },
)
export type PodFailurePolicyRule = Static<typeof PodFailurePolicyRule>

export const PodFailurePolicy = message(
  'batch.v1.PodFailurePolicy',
  {
    rules: req(1, list(PodFailurePolicyRule, { list: 'atomic' }), 'The rules; the first that fits counts.'),
  },
  { doc: 'What to make of failures.' },
)
export type PodFailurePolicy = Static<typeof PodFailurePolicy>

export const SuccessPolicyRule = message(
  'batch.v1.SuccessPolicyRule',
  {
    succeededCount: opt(2, explicit(int32), 'How many of the indexes must have succeeded.'),
    succeededIndexes: opt(1, explicit(string), 'The indexes.'),
  },
  { doc: 'One rule.' },
)
export type SuccessPolicyRule = Static<typeof SuccessPolicyRule>

export const SuccessPolicy = message(
  'batch.v1.SuccessPolicy',
  {
    rules: req(1, list(SuccessPolicyRule, { list: 'atomic' }), 'The rules; the first that fits counts.'),
  },
  { doc: 'When a Job has succeeded.' },
)
export type SuccessPolicy = Static<typeof SuccessPolicy>

export const JobSpec = message(
  'batch.v1.JobSpec',
  {
    activeDeadlineSeconds: opt(3, explicit(int64), 'Seconds after which it is ended.'),
    backoffLimit: opt(7, explicit(int32), 'Failures after which it has failed.'),
    backoffLimitPerIndex: opt(12, explicit(int32), 'Failures after which one index has failed.'),
    completionMode: opt(9, explicit(string), 'NonIndexed or Indexed.'),
    completions: opt(2, explicit(int32), 'Pods that must finish well.'),
    managedBy: opt(15, explicit(string), 'Controller that acts on it, if another than the built-in one.'),
    manualSelector: opt(5, explicit(boolean), 'Takes the selector as given.'),
    maxFailedIndexes: opt(13, explicit(int32), 'Failed indexes after which it has failed.'),
    parallelism: opt(1, explicit(int32), 'Pods that may run at once.'),
    podFailurePolicy: opt(11, PodFailurePolicy, 'What to make of failures, by exit code or condition.'),
    podReplacementPolicy: opt(14, explicit(string), 'When a pod is replaced: TerminatingOrFailed or Failed.'),
    selector: opt(4, LabelSelector, 'Selects the pods; set by the server.'),
    successPolicy: opt(16, SuccessPolicy, 'When it has succeeded before all pods have.'),
    suspend: opt(10, explicit(boolean), 'Runs no pods.'),
    template: req(6, PodTemplateSpec, 'The pod that runs.'),
    ttlSecondsAfterFinished: opt(8, explicit(int32), 'Seconds after its end that it is deleted.'),
  },
  { doc: 'What a Job runs, how often, and when it has failed.' },
)
export type JobSpec = Static<typeof JobSpec>

export const JobTemplateSpec = message(
  'batch.v1.JobTemplateSpec',
  {
    metadata: opt(1, withDefault(ObjectMeta, {}), 'Labels and annotations of the Job.'),
    spec: opt(2, withDefault(JobSpec, {}), 'What the Job does.'),
  },
  { doc: 'The Job that is made.' },
)
export type JobTemplateSpec = Static<typeof JobTemplateSpec>

export const CronJobSpec = message(
  'batch.v1.CronJobSpec',
  {
    concurrencyPolicy: opt(3, withDefault(string, 'Allow'), 'What happens while the last Job still runs: Allow, Forbid or Replace.'),
    failedJobsHistoryLimit: opt(7, withDefault(explicit(int32), 1), 'How many failed Jobs are kept.'),
    jobTemplate: req(5, JobTemplateSpec, 'The Job that is made.'),
    schedule: req(1, string, "When, in cron's form."),
    startingDeadlineSeconds: opt(2, explicit(int64), 'Seconds after which a missed time is let go.'),
    successfulJobsHistoryLimit: opt(6, withDefault(explicit(int32), 3), 'How many finished Jobs are kept.'),
    suspend: opt(4, withDefault(explicit(boolean), false), 'Makes no more Jobs.'),
    timeZone: opt(8, explicit(string), 'Time zone of the schedule.'),
  },
  { doc: 'Which Job, and when.' },
)
export type CronJobSpec = Static<typeof CronJobSpec>

export const CronJobStatus = message(
  'batch.v1.CronJobStatus',
  {
    active: opt(1, list(ObjectReference, { list: 'atomic' }), 'Jobs that run.'),
    lastScheduleTime: opt(4, time, 'When a Job was last made.'),
    lastSuccessfulTime: opt(5, time, 'When a Job last finished well.'),
  },
  { doc: 'What a CronJob last did.' },
)
export type CronJobStatus = Static<typeof CronJobStatus>

export const CronJob = message(
  'batch.v1.CronJob',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: req(2, CronJobSpec, 'What is wanted.'),
    status: opt(3, CronJobStatus, 'What was last done.'),
  },
  { kind: true, doc: 'Makes a Job at given times.' },
)
export type CronJob = ObjectOf<Static<typeof CronJob>>

export const JobCondition = message(
  'batch.v1.JobCondition',
  {
    lastProbeTime: opt(3, time, 'When it was last looked at.'),
    lastTransitionTime: opt(4, time, 'When the status last changed.'),
    message: opt(6, string, 'What a person should know about it.'),
    reason: opt(5, string, 'One word for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'What the condition is about.'),
  },
  { doc: "One aspect of a Job's state." },
)
export type JobCondition = Static<typeof JobCondition>

export const UncountedTerminatedPods = message(
  'batch.v1.UncountedTerminatedPods',
  {
    failed: opt(2, list(string, { list: 'set' }), 'Uids of those that failed.'),
    succeeded: opt(1, list(string, { list: 'set' }), 'Uids of those that finished well.'),
  },
  { doc: 'Pods that have ended and are not counted yet.' },
)
export type UncountedTerminatedPods = Static<typeof UncountedTerminatedPods>

export const JobStatus = message(
  'batch.v1.JobStatus',
  {
    active: opt(4, int32, 'Pods that run.'),
    completedIndexes: opt(7, string, 'Indexes that are done.'),
    completionTime: opt(3, time, 'When it was done.'),
    conditions: opt(1, list(JobCondition, { list: 'atomic', patch: 'merge', mergeKey: 'type' }), 'Present conditions of the Job.'),
    failed: opt(6, int32, 'Pods that have failed.'),
    failedIndexes: opt(10, explicit(string), 'Indexes that have failed.'),
    ready: opt(9, explicit(int32), 'Pods that are ready.'),
    startTime: opt(2, time, 'When it was begun.'),
    succeeded: opt(5, int32, 'Pods that have finished well.'),
    terminating: opt(11, explicit(int32), 'Pods that are about to go.'),
    uncountedTerminatedPods: opt(8, UncountedTerminatedPods, 'Pods that have ended and are not counted yet.'),
  },
  { doc: 'How far a Job has come.' },
)
export type JobStatus = Static<typeof JobStatus>

export const Job = message(
  'batch.v1.Job',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, JobSpec, 'What is wanted.'),
    status: opt(3, JobStatus, 'How far it has come.'),
  },
  { kind: true, doc: 'Runs pods until enough of them have finished well.' },
)
export type Job = ObjectOf<Static<typeof Job>>
