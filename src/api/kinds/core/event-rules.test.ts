import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldError } from '../../meta/field-error.ts'
import type { Event } from '../../types/core/event.ts'
import { validateEvent, validateNewEvent, validateNewEventUpdate } from './event-rules.ts'

const lines = (errors: readonly FieldError[]): readonly string[] => errors.map(({ field, message }) => `${field}: ${message}`)
const time = '2026-01-01T00:00:00.000000Z'
const event = (more: object = {}) =>
  ({
    metadata: { name: 'e', namespace: 'default' },
    involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
    reportingComponent: 'a.b/c',
    reportingInstance: 'i',
    eventTime: time,
    action: 'act',
    reason: 'Why',
    type: 'Normal',
    ...more,
  }) as unknown as Event

test('events.k8s.io/v1 takes events of the new style alone', () => {
  assert.deepEqual(lines(validateNewEvent(event(), {})), [])
  const former = { firstTimestamp: time, lastTimestamp: time, count: 1, source: { component: 'c' } }
  assert.deepEqual(lines(validateNewEvent(event({ ...former, type: 'Bad', eventTime: undefined, series: { count: 1 } }), {})), [
    'series.count: Invalid value: "": should be at least 2',
    'series.lastObservedTime: Required value',
    'eventTime: Required value',
    'type: Invalid value: "": has invalid value: Bad',
    'firstTimestamp: Invalid value: "": needs to be unset',
    'lastTimestamp: Invalid value: "": needs to be unset',
    'count: Invalid value: "": needs to be unset',
    'source: Invalid value: "": needs to be unset',
  ])
})

test('at events.k8s.io/v1 only the series of an event goes on', () => {
  const series = { count: 2, lastObservedTime: time }
  assert.deepEqual(lines(validateNewEventUpdate(event({ series, source: {} }), event())), [])
  assert.deepEqual(lines(validateNewEventUpdate(event({ series: { count: 1 } }), event())), [
    'series.count: Invalid value: "": should be at least 2',
    'series.lastObservedTime: Required value',
  ])
  const changed = event({ reason: 'Else', message: 'm', reportingComponent: 'x', reportingInstance: 'y', involvedObject: {} })
  assert.deepEqual(lines(validateNewEventUpdate(changed, event())), [
    'involvedObject: Invalid value: {}: field is immutable',
    'reason: Invalid value: "Else": field is immutable',
    'message: Invalid value: "m": field is immutable',
    'reportingController: Invalid value: "x": field is immutable',
    'reportingInstance: Invalid value: "y": field is immutable',
  ])
})

test('who reports an event is named as each version names it', () => {
  const unnamed = event({ reportingComponent: '' })
  assert.deepEqual(
    [validateEvent(unnamed), validateNewEvent(unnamed, {})].map(errors => [...new Set(errors.map(({ field }) => field))]),
    [['reportingComponent'], ['reportingController']],
  )
})
