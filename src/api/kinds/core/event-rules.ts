import { type FieldError, invalid, required } from '../../meta/field-error.ts'
import { qualifiedName } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import type { Event } from '../../types/core/event.ts'

const MAX = { action: 128, reason: 128, reportingInstance: 128, message: 1024 }

/**
 * An event lies in the namespace of what it tells of; of what has none, in `default`. One of the new style, which has an `eventTime`, may tell
 * of another namespace, and of what has none in `kube-system` too.
 */
export function validateEvent(event: Event): readonly FieldError[] {
  const errors: FieldError[] = []
  const { namespace } = event.metadata
  const about = event.involvedObject.namespace ?? ''
  const newStyle = event.eventTime !== undefined
  const fits = about === '' ? namespace === 'default' || (newStyle && namespace === 'kube-system') : newStyle || about === namespace
  if (!fits) {
    errors.push(invalid('involvedObject.namespace', about, 'does not match event.namespace'))
  }
  if (!newStyle) return errors
  if (!event.reportingComponent) errors.push(required('reportingController'))
  else report(errors, 'reportingController', event.reportingComponent, qualifiedName(event.reportingComponent))
  for (const field of ['reportingInstance', 'action', 'reason'] as const) {
    const value = event[field]
    if (!value) errors.push(required(field))
    else if (value.length > MAX[field]) errors.push(invalid(field, '', `can have at most ${MAX[field]} characters`))
  }
  if ((event.message ?? '').length > MAX.message) errors.push(invalid('message', '', `can have at most ${MAX.message} characters`))
  if (event.type !== 'Normal' && event.type !== 'Warning') errors.push(invalid('type', '', `has invalid value: ${event.type ?? ''}`))
  return errors
}
