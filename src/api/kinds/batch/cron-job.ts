import { formatAge } from '../../meta/age.ts'
import { CronJob } from '../../types/batch.ts'
import { AGE, integer, NAME, NONE, text, wide } from '../columns.ts'
import { podNameWarnings, podTemplateWarnings } from '../core/pod-warnings.ts'
import type { Kind } from '../kind.ts'
import { keepStatus, withoutStatus } from '../status.ts'
import { cronJobName, defaultCronJob, validateCronJob } from './job-rules.ts'
import { indexedJobWarnings } from './job-warnings.ts'

const containers = (job: CronJob) => job.spec.jobTemplate.spec?.template.spec?.containers ?? []

const USE_ZONE =
  'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'

function warnings(cronJob: CronJob, old: CronJob | undefined): readonly string[] {
  const { spec } = cronJob
  const job = spec.jobTemplate.spec
  return [
    ...podNameWarnings(cronJob, old),
    ...(job ? indexedJobWarnings(job, 'spec.jobTemplate.spec') : []),
    ...podTemplateWarnings(job?.template ?? {}, old?.spec.jobTemplate.spec?.template, 'spec.jobTemplate.spec.template'),
    ...(old && spec.schedule.includes('TZ') ? [USE_ZONE] : []),
  ]
}

export const CronJobs: Kind<CronJob> = {
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  resource: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  schema: CronJob,
  subresources: { status: true },
  notEnforced: true,
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  defaults: defaultCronJob,
  validateName: cronJobName,
  validate: validateCronJob,
  warnings,
  columns: [
    NAME,
    text('Schedule', 'When a job is started.', job => job.spec.schedule),
    text('Timezone', 'Whose clock the schedule means.', job => job.spec.timeZone ?? NONE),
    { ...text('Suspend', 'Whether no jobs are started.', job => (job.spec.suspend ? 'True' : 'False')), type: 'boolean' },
    integer('Active', 'Jobs that are running.', job => (job.status.active ?? []).length),
    text('Last Schedule', 'Time since a job was last started.', (job, now) =>
      job.status.lastScheduleTime ? formatAge(job.status.lastScheduleTime, now) : NONE,
    ),
    AGE,
    wide('Containers', 'Names of the containers.', job =>
      containers(job)
        .map(c => c.name)
        .join(','),
    ),
    wide('Images', 'Images of the containers.', job =>
      containers(job)
        .map(c => c.image)
        .join(','),
    ),
    wide('Selector', 'Labels that the pods have.', () => NONE),
  ],
}
