import type { ObjectOf } from '../meta/object.ts'
import { int32, message, microTime, opt, req, type Static, string, time, withDefault } from '../schema/build.ts'
import { EventSource } from './core/event.ts'
import { ObjectReference } from './core/reference.ts'
import { ObjectMeta } from './meta.ts'

export const EventSeries = message(
  'events.v1.EventSeries',
  {
    count: req(1, int32, 'How many times so far.'),
    lastObservedTime: req(2, microTime, 'When it was last seen.'),
  },
  { doc: 'Happening again and again.' },
)
export type EventSeries = Static<typeof EventSeries>

export const Event = message(
  'events.v1.Event',
  {
    action: opt(6, string, 'What was done or failed.'),
    deprecatedCount: opt(15, int32, 'How many times it happened, in the old form.'),
    deprecatedFirstTimestamp: opt(13, time, 'When it happened first, in the old form.'),
    deprecatedLastTimestamp: opt(14, time, 'When it happened last, in the old form.'),
    deprecatedSource: opt(12, withDefault(EventSource, {}), 'Who reports it, in the old form.'),
    eventTime: req(2, microTime, 'When it happened first.'),
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    note: opt(10, string, 'What happened, for people.'),
    reason: opt(7, string, 'One word for what happened.'),
    regarding: opt(8, withDefault(ObjectReference, {}), 'The object it is about.'),
    related: opt(9, ObjectReference, 'Another object that has to do with it.'),
    reportingController: opt(4, string, 'Who reports it.'),
    reportingInstance: opt(5, string, 'Which instance reports it.'),
    series: opt(3, EventSeries, 'Set while it happens again and again.'),
    type: opt(11, string, 'Normal or Warning.'),
  },
  { kind: true, doc: 'Something that happened to an object.' },
)
export type Event = ObjectOf<Static<typeof Event>>
