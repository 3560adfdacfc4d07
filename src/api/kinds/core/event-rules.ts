import { type FieldError, invalid, required } from '../../meta/field-error.ts'
import { qualifiedName } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { Event } from '../../types/core/event.ts'
import { checkImmutable } from '../immutable.ts'
import type { ValidationContext } from '../kind.ts'

const MAX = { action: 128, reason: 128, reportingInstance: 128, message: 1024 }

/**
 * An event lies in the namespace of what it tells of; of what has none, in `default`. One of the new style, which has an `eventTime`, may tell
 * of another namespace, and of what has none in `kube-system` too.
 */
function checkEvent(event: Event, reporter: 'reportingComponent' | 'reportingController'): FieldError[] {
  const errors: FieldError[] = []
  const { namespace } = event.metadata
  const about = event.involvedObject.namespace ?? ''
  const newStyle = event.eventTime !== undefined
  const fits = about === '' ? namespace === 'default' || (newStyle && namespace === 'kube-system') : newStyle || about === namespace
  if (!fits) {
    errors.push(invalid('involvedObject.namespace', about, 'does not match event.namespace'))
  }
  if (!newStyle) return errors
  if (!event.reportingComponent) errors.push(required(reporter))
  report(errors, reporter, event.reportingComponent ?? '', qualifiedName(event.reportingComponent ?? ''))
  for (const field of ['reportingInstance', 'action', 'reason'] as const) {
    const value = event[field]
    if (!value) errors.push(required(field))
    else if (value.length > MAX[field]) errors.push(invalid(field, '', `can have at most ${MAX[field]} characters`))
  }
  if ((event.message ?? '').length > MAX.message) errors.push(invalid('message', '', `can have at most ${MAX.message} characters`))
  return errors
}

/** At v1. */
export const validateEvent = (event: Event): readonly FieldError[] => checkEvent(event, 'reportingComponent')

function checkSeries({ series }: Event, errors: FieldError[]): void {
  if (!series) return
  if ((series.count ?? 0) < 2) errors.push(invalid('series.count', '', 'should be at least 2'))
  if (!series.lastObservedTime) errors.push(required('series.lastObservedTime'))
}

/** At events.k8s.io/v1, which takes new events of the new style alone. */
export function validateNewEvent(event: Event, { old }: Pick<ValidationContext, 'old'>): readonly FieldError[] {
  const errors = checkEvent(event, 'reportingController')
  if (old) return errors
  checkSeries(event, errors)
  const { eventTime, type, firstTimestamp, lastTimestamp, count, source } = event
  if (!eventTime) errors.push(required('eventTime'))
  if (type !== 'Normal' && type !== 'Warning') errors.push(invalid('type', '', `has invalid value: ${type ?? ''}`))
  const former = { firstTimestamp, lastTimestamp, count, source: source?.component || source?.host }
  for (const [field, value] of Object.entries(former)) if (value) errors.push(invalid(field, '', 'needs to be unset'))
  return errors
}

const FIXED = ['involvedObject', 'reason', 'message', 'firstTimestamp', 'lastTimestamp', 'count', 'type', 'eventTime', 'action', 'related'] as const

/** At events.k8s.io/v1, where of an event only its series goes on. */
export function validateNewEventUpdate(event: Event, old: Event): readonly FieldError[] {
  const errors: FieldError[] = []
  if (!semanticEqual(event.series, old.series)) checkSeries(event, errors)
  for (const field of FIXED) checkImmutable(event[field], old[field], field, errors)
  checkImmutable(event.source ?? {}, old.source ?? {}, 'source', errors)
  checkImmutable(event.reportingComponent, old.reportingComponent, 'reportingController', errors)
  checkImmutable(event.reportingInstance, old.reportingInstance, 'reportingInstance', errors)
  return errors
}
