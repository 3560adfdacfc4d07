import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigMaps } from '../../api/kinds/core/config-map.ts'
import type { ConfigMap } from '../../api/types/core/config.ts'
import { FakeClock } from '../../base/clock.ts'
import { ChangeEvent } from '../cache/event.ts'
import type { ObjectEvent } from '../cache/types.ts'
import { WatchFrames } from './watch-frames.ts'

const object = (name: string): ConfigMap =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'a', uid: name, resourceVersion: '7' } }) as ConfigMap
const first = (name: string): ObjectEvent => ({
  type: 'ADDED',
  key: `a/${name}`,
  revision: 7,
  object: object(name),
  previous: undefined,
  encodings: undefined,
  passing: true,
})
const change = (name: string): ObjectEvent => new ChangeEvent('MODIFIED', `a/${name}`, 8, object(name), undefined)
const watch = () =>
  new WatchFrames({ form: { as: 'object' }, include: 'Metadata', kind: ConfigMaps, now: 0 }, { kind: ConfigMaps, at: ConfigMaps }, new FakeClock())
const line = (type: string, name: string) =>
  `{"type":"${type}","object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}","namespace":"a","uid":"${name}","resourceVersion":"7"}}}\n`

test('a first state is written in pieces of about so many bytes, and nothing of it is kept', () => {
  const events = [first('x'), first('y'), first('z')]
  assert.deepEqual(watch().piece(events, 0, 2 * line('ADDED', 'x').length), { written: line('ADDED', 'x') + line('ADDED', 'y'), next: 2 })
  assert.deepEqual(watch().piece(events, 2, 1), { written: line('ADDED', 'z'), next: 3 })
  assert.deepEqual(
    events.map(event => event.encodings),
    [undefined, undefined, undefined],
  )
})

test('the bytes of a change are made once for all watches', () => {
  const events = [change('x')]
  const [one, other] = [watch().piece(events, 0, 1), watch().piece(events, 0, 1)]
  assert.equal(String(one.written), line('MODIFIED', 'x'))
  assert.equal(one.written, other.written)
})

test('a piece ends where a first state ends', () => {
  const events = [first('x'), change('y')]
  assert.deepEqual(watch().piece(events, 0, 1 << 20), { written: line('ADDED', 'x'), next: 1 })
  assert.equal(String(watch().piece(events, 1, 1 << 20).written), line('MODIFIED', 'y'))
})
