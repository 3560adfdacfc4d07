import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginsText, goesOnText, type WatchBegins, type WatchGoesOn, watchBegins, watchGoesOn } from './node-watches.ts'

const lineOf = (text: string): string => {
  assert.ok(text.endsWith('\n') && text.indexOf('\n') === text.length - 1, text)
  return text.slice(0, -1)
}

test('what either side says of a watch is one line, and is read as it was meant', () => {
  const begins: readonly WatchBegins[] = [
    { number: 1, path: '/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3Dn1' },
    { number: 20, path: undefined },
  ]
  const goesOn: readonly WatchGoesOn[] = [
    { type: 'events', number: 1, bytes: 65_536 },
    { type: 'ended', number: 20 },
    { type: 'refused', number: 3, code: 403, body: '{\n  "message": "it says \\"no\\""\n}\n' },
    { type: 'refused', number: 3, code: 404, body: '' },
  ]
  assert.deepEqual(
    begins.map(said => watchBegins(lineOf(beginsText(said)))),
    begins,
  )
  assert.deepEqual(
    goesOn.map(said => watchGoesOn(lineOf(goesOnText(said)))),
    goesOn,
  )
})

test('nothing else that goes over a link is taken for a watch', () => {
  const others = [
    '',
    '{"id":1,"writes":[]}',
    'addresses https://a:6443',
    '0123456789abcdef0123456789abcdef',
    'events',
    'watch',
    'ended',
    'events 1',
    'refused 1 403',
  ]
  const broken = [
    'watch 1',
    'watch 1 api',
    'watch x /api',
    'watch 1 /a b',
    'unwatch 1 /api',
    'unwatch 1234567890123456',
    'events 1 -5',
    'ended x',
    'refused 1 403 no',
  ]
  assert.deepEqual([...others, ...broken].map(watchBegins).filter(Boolean), [])
  assert.deepEqual([...others, ...broken].map(watchGoesOn).filter(Boolean), [])
})
