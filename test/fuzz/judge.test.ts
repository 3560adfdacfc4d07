import assert from 'node:assert/strict'
import { test } from 'node:test'
import { badRequest, internalError, StatusError, unavailable } from '../../src/api/meta/status.ts'
import { type FuzzAnswer, wrongWith } from './judge.ts'
import { type FuzzRequest, requestOf } from './requests.ts'

const GET: FuzzRequest = { wire: 'h2', method: 'GET', url: '/api/v1/pods', headers: {} }
const answer = (code: number, body: string, headers: FuzzAnswer['headers'] = { 'content-type': 'application/json' }): FuzzAnswer => ({
  code,
  headers,
  body,
  cut: false,
})
const status = (error: StatusError, headers?: FuzzAnswer['headers']) => answer(error.code, JSON.stringify(error.status), headers)

test('an answer that no request may have is named, an allowed one is not', () => {
  const tooNew = new StatusError('Timeout', 'Timeout: Too large resource version: 9, current: 1')
  const cases: readonly (readonly [FuzzAnswer, string | undefined])[] = [
    [answer(200, '{"kind":"PodList"}'), undefined],
    [answer(200, '{"kind":"PodL'), 'a body that is not JSON'],
    [answer(200, '{"type":"ADDED","object":{}}\n{"type":"DELETED","object":{}}\n'), undefined],
    [answer(200, '{"type":"ADDED","object":{}}\n{"type":"GONE","object":{}}\n'), 'a line of a watch that is no event'],
    [answer(404, '404 page not found\n'), undefined],
    [answer(404, 'nothing'), 'code 404 without a Status: whole'],
    [status(badRequest('no')), undefined],
    [answer(403, JSON.stringify(badRequest('no').status)), 'code 403 with something else than its Status'],
    [status(internalError('oops')), 'an internal error'],
    [status(tooNew), undefined],
    [status(unavailable('later')), 'code 503, reason ServiceUnavailable'],
    [status(unavailable('later'), { 'retry-after': '1' }), undefined],
    [status(new StatusError('Timeout', 'too slow')), 'code 504, reason Timeout'],
  ]
  for (const [given, wanted] of cases) assert.equal(wrongWith(GET, given), wanted, given.body)
})

test('the same seed and number make the same request', () => {
  for (let number = 0; number < 200; number++) assert.deepEqual(requestOf(7, number), requestOf(7, number))
  assert.notDeepEqual(requestOf(7, 1), requestOf(8, 1))
})
