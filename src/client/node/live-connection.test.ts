import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tlsOptions } from '../http/dial.ts'
import { liveConnection } from './live-connection.ts'

test('who dials after a replacement uses the new certificate, and everything else stays', () => {
  const connection = liveConnection({ server: 'https://127.0.0.1:1', authority: 'A', certificate: 'old', key: 'old key', namespace: 'default' })
  assert.deepEqual([tlsOptions(connection).cert, tlsOptions(connection).key], ['old', 'old key'])
  connection.replace('new', 'new key')
  const { cert, key, ca, port } = tlsOptions(connection)
  assert.deepEqual({ cert, key, ca, port }, { cert: 'new', key: 'new key', ca: 'A', port: 1 })
})

test('an address at which nobody answers gives way to the next, once for all who tried it', () => {
  const connection = liveConnection({ server: 'https://a:1', namespace: 'default' })
  connection.unreachable('https://a:1')
  assert.equal(connection.server, 'https://a:1')
  assert.deepEqual(connection.learn(['https://b:1', 'https://a:1']), ['https://a:1', 'https://b:1'])
  for (let i = 0; i < 3; i++) connection.unreachable('https://a:1')
  assert.equal(tlsOptions(connection).host, 'b')
  assert.deepEqual(connection.learn(['https://c:1']), ['https://b:1', 'https://c:1', 'https://a:1'])
})
