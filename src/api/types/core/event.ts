import type { ObjectOf } from '../../meta/object.ts'
import { int32, message, microTime, opt, req, type Static, string, time, withDefault } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'
import { ObjectReference } from './reference.ts'

export const EventSeries = message(
  'core.v1.EventSeries',
  {
    count: opt(1, int32, 'How many times so far.'),
    lastObservedTime: opt(2, microTime, 'When it was last seen.'),
  },
  { doc: 'Happening again and again.' },
)
export type EventSeries = Static<typeof EventSeries>

export const EventSource = message(
  'core.v1.EventSource',
  {
    component: opt(1, string, 'Name of who reports.'),
    host: opt(2, string, 'Node it is reported from.'),
  },
  { doc: 'Who reports an event.' },
)
export type EventSource = Static<typeof EventSource>

export const Event = message(
  'core.v1.Event',
  {
    action: opt(12, string, 'What was done or failed.'),
    count: opt(8, int32, 'How many times it happened.'),
    eventTime: opt(10, microTime, 'When it happened first, with microseconds.'),
    firstTimestamp: opt(6, time, 'When it happened first.'),
    involvedObject: req(2, ObjectReference, 'The object it is about.'),
    lastTimestamp: opt(7, time, 'When it happened last.'),
    message: opt(4, string, 'What happened, for people.'),
    metadata: req(1, ObjectMeta, 'Standard metadata of the object.'),
    reason: opt(3, string, 'One word for what happened.'),
    related: opt(13, ObjectReference, 'Another object that has to do with it.'),
    reportingComponent: opt(14, withDefault(string, ''), 'Who reports it.'),
    reportingInstance: opt(15, withDefault(string, ''), 'Which instance reports it.'),
    series: opt(11, EventSeries, 'Set while it happens again and again.'),
    source: opt(5, withDefault(EventSource, {}), 'Who reports it, in the old form.'),
    type: opt(9, string, 'Normal or Warning.'),
  },
  { kind: true, doc: 'Something that happened to an object.' },
)
export type Event = ObjectOf<Static<typeof Event>>
