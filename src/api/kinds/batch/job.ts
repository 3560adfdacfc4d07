import { formatDuration } from '../../meta/age.ts'
import { formatLabelSelector } from '../../meta/label-selector.ts'
import { Job } from '../../types/batch.ts'
import { AGE, NAME, text, wide } from '../columns.ts'
import { podNameWarnings, podTemplateWarnings } from '../core/pod-warnings.ts'
import type { Kind } from '../kind.ts'
import { keepStatus } from '../status.ts'
import { defaultJob, prepareJobForCreate, validateJob, validateJobUpdate } from './job-rules.ts'
import { indexedJobWarnings } from './job-warnings.ts'

function completionsCell({ spec, status }: Job): string {
  const succeeded = status.succeeded ?? 0
  if (spec.completions != null) return `${succeeded}/${spec.completions}`
  const parallelism = spec.parallelism ?? 0
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function durationCell({ status }: Job, now: number): string {
  if (!status.startTime) return ''
  return formatDuration((status.completionTime ? Date.parse(status.completionTime) : now) - Date.parse(status.startTime))
}

function statusCell(job: Job): string {
  const holds = (type: string) => (job.status.conditions ?? []).some(c => c.type === type && c.status === 'True')
  if (holds('Complete')) return 'Complete'
  if (holds('Failed')) return 'Failed'
  if (job.metadata.deletionTimestamp) return 'Terminating'
  if (holds('Suspended')) return 'Suspended'
  if (holds('FailureTarget')) return 'FailureTarget'
  return holds('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running'
}

export const Jobs: Kind<Job> = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  resource: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  schema: Job,
  subresources: { status: true },
  notEnforced: true,
  selectableFields: { 'status.successful': job => String(job.status.succeeded ?? 0) },
  prepareForUpdate: keepStatus,
  defaults: defaultJob,
  prepareForCreate: prepareJobForCreate,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  warnings: (job, old) => [
    ...podNameWarnings(job, old),
    ...indexedJobWarnings(job.spec, 'spec'),
    ...podTemplateWarnings(job.spec.template, old?.spec.template, 'spec.template'),
  ],
  columns: [
    NAME,
    text('Status', 'What the job is doing.', statusCell),
    text('Completions', 'Pods that succeeded, of those wanted.', completionsCell),
    text('Duration', 'How long it ran.', durationCell),
    AGE,
    wide('Containers', 'Names of the containers.', job => (job.spec.template.spec?.containers ?? []).map(c => c.name).join(',')),
    wide('Images', 'Images of the containers.', job => (job.spec.template.spec?.containers ?? []).map(c => c.image).join(',')),
    wide('Selector', 'Labels that the pods have.', job => formatLabelSelector(job.spec.selector)),
  ],
}
