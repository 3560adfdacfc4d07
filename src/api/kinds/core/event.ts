import { formatAge } from '../../meta/age.ts'
import { pathSegment } from '../../meta/names.ts'
import { formatResourceName } from '../../meta/owner.ts'
import { Event } from '../../types/core/event.ts'
import { text, wide } from '../columns.ts'
import { eventsEvent } from '../events/event.ts'
import type { Kind } from '../kind.ts'
import { validateEvent } from './event-rules.ts'

const firstSeen = (event: Event, now: number): string => formatAge(event.firstTimestamp || event.eventTime, now)

function lastSeen(event: Event, now: number): string {
  if (event.series) return formatAge(event.series.lastObservedTime, now)
  return event.lastTimestamp ? formatAge(event.lastTimestamp, now) : firstSeen(event, now)
}

const sourceCell = (event: Event): string =>
  [event.source?.component || event.reportingComponent, event.source?.host || event.reportingInstance].filter(Boolean).join(', ')

export const Events: Kind<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  schema: Event,
  createOnUpdate: true,
  timeToLiveSeconds: 3600,
  selectableFields: {
    'involvedObject.kind': event => event.involvedObject.kind ?? '',
    'involvedObject.namespace': event => event.involvedObject.namespace ?? '',
    'involvedObject.name': event => event.involvedObject.name ?? '',
    'involvedObject.uid': event => event.involvedObject.uid ?? '',
    'involvedObject.apiVersion': event => event.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': event => event.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': event => event.involvedObject.fieldPath ?? '',
    reason: event => event.reason ?? '',
    reportingComponent: event => event.reportingComponent ?? '',
    source: event => event.source?.component || event.reportingComponent || '',
    type: event => event.type ?? '',
  },
  validateName: pathSegment,
  validate: validateEvent,
  columns: [
    text('Last Seen', 'Time since it last happened.', lastSeen),
    text('Type', 'Normal or Warning.', event => event.type ?? ''),
    text('Reason', 'Why it happened, in one word.', event => event.reason ?? ''),
    text('Object', 'What it happened to.', event => formatResourceName(event.involvedObject.kind ?? '', event.involvedObject.name ?? '')),
    wide('Subobject', 'Which part of the object.', event => event.involvedObject.fieldPath ?? ''),
    wide('Source', 'Who reported it.', sourceCell),
    text('Message', 'What happened.', event => (event.message ?? '').trim()),
    wide('First Seen', 'Time since it first happened.', firstSeen),
    { ...wide('Count', 'How many times it happened.', event => (event.series ? (event.series.count ?? 0) : event.count || 1)), type: 'string' },
    { ...wide('Name', 'Name of the event.', event => event.metadata.name), format: 'name' },
  ],
  alsoServed: [eventsEvent],
}
