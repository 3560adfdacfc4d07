import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AskBegins,
  askBegins,
  askText,
  beginsText,
  goesOnText,
  type RequestGoesOn,
  requestGoesOn,
  type WatchBegins,
  watchBegins,
} from './node-requests.ts'

const lineOf = (text: string): string => {
  assert.ok(text.endsWith('\n') && text.indexOf('\n') === text.length - 1, text)
  return text.slice(0, -1)
}

test('what either side says of a request is one line, and is read as it was meant', () => {
  const begins: readonly WatchBegins[] = [
    { number: 1, path: '/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3Dn1' },
    { number: 20, path: undefined },
  ]
  const goesOn: readonly RequestGoesOn[] = [
    { type: 'events', number: 1, bytes: 65_536 },
    { type: 'ended', number: 20 },
    { type: 'answer', number: 4, code: 201, bytes: 1234 },
    { type: 'refused', number: 3, code: 403, body: '{\n  "message": "it says \\"no\\""\n}\n' },
    { type: 'refused', number: 3, code: 404, body: '' },
  ]
  const asks: readonly AskBegins[] = [
    { number: 7, method: 'GET', bytes: 0, type: 'application/json', path: '/api/v1/nodes/n1' },
    { number: 8, method: 'PATCH', bytes: 12, type: 'application/merge-patch+json', path: '/api/v1/nodes/n1/status?fieldManager=a' },
  ]
  assert.deepEqual(
    asks.map(said => askBegins(lineOf(askText(said)))),
    asks,
  )
  assert.deepEqual(
    begins.map(said => watchBegins(lineOf(beginsText(said)))),
    begins,
  )
  assert.deepEqual(
    goesOn.map(said => requestGoesOn(lineOf(goesOnText(said)))),
    goesOn,
  )
})

test('nothing else that goes over a link is taken for a request', () => {
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
    'refused 1 403 5',
    'answer 1 200',
    'answer 1 200 "x"',
    'ask 1 GET 0 application/json',
    'ask 1 get 0 application/json /api',
    'ask 1 GET -1 application/json /api',
    'ask 1 GET 0 application/json api',
    'ask 1 GET 12345678 application/json /api',
  ]
  assert.deepEqual([...others, ...broken].map(watchBegins).filter(Boolean), [])
  assert.deepEqual([...others, ...broken].map(askBegins).filter(Boolean), [])
  assert.deepEqual([...others, ...broken].map(requestGoesOn).filter(Boolean), [])
})
