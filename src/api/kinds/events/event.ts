import type { Draft, KubeObject } from '../../meta/object.ts'
import type { Event as CoreEvent } from '../../types/core/event.ts'
import { Event } from '../../types/events.ts'
import { validateNewEvent, validateNewEventUpdate } from '../core/event-rules.ts'
import type { ServedVersion } from '../kind.ts'

/** Moves members between the two spellings of an event; what is not named stays where it is. */
const NAMES: readonly (readonly [events: string, core: string])[] = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
]

function renamed(object: object, from: 0 | 1, to: 0 | 1): Record<string, unknown> {
  const result: Record<string, unknown> = { ...object }
  for (const pair of NAMES) delete result[pair[from]]
  for (const pair of NAMES) {
    const value = (object as Record<string, unknown>)[pair[from]]
    if (value !== undefined) result[pair[to]] = value
  }
  return result
}

/** events.k8s.io/v1: a second view of the core events. */
export const eventsEvent: ServedVersion<CoreEvent> = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  namespaced: true,
  schema: Event,
  rules: { validate: validateNewEvent, validateUpdate: validateNewEventUpdate },
  toStored: draft => ({ ...renamed(draft, 0, 1), apiVersion: 'v1' }) as unknown as Draft<CoreEvent>,
  fromStored(event) {
    const { reportingController, reportingInstance, ...shown } = renamed(event, 1, 0)
    const reporter = { ...(reportingController !== '' && { reportingController }), ...(reportingInstance !== '' && { reportingInstance }) }
    return { ...shown, ...reporter, apiVersion: 'events.k8s.io/v1', kind: event.kind, metadata: event.metadata } as KubeObject
  },
}
