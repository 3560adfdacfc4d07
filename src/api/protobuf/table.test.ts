import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeTable, encodeTable, table } from './table.ts'
import { MalformedProtobuf, Writer } from './wire.ts'

const Port = table({ protocol: [1, 'int32'], host: [3, 'string'] })
const Config = table({
  name: [1, 'string'],
  port: [2, Port],
  ports: [5, { repeated: Port }],
  labels: [6, { map: 'string' }],
  codes: [7, { repeated: 'int64' }],
  startedAt: [8, 'bigint'],
  memory: [9, 'uint64'],
  raw: [10, 'bytes'],
  ready: [11, 'bool'],
  load: [12, 'double'],
})

test('a message comes back as it was written', () => {
  const value = {
    name: 'grüße'.repeat(60),
    port: { protocol: -1, host: '' },
    ports: [
      { protocol: 2, host: 'a' },
      { protocol: 0, host: '' },
    ],
    labels: { a: 'b', '': '' },
    codes: [1, -1, 2 ** 40],
    startedAt: 1_795_000_000_123_456_789n,
    memory: 2 ** 53 - 1,
    raw: new Uint8Array([0, 255]),
    ready: true,
    load: 0.25,
  }
  assert.deepEqual(decodeTable(Config, encodeTable(Config, value)), value)
})

test('absent fields are not written and read as their zero', () => {
  assert.equal(encodeTable(Config, { name: '', memory: 0, ready: false, ports: [] }).length, 0)
  assert.deepEqual(decodeTable(Config, new Uint8Array()), {
    name: '',
    port: undefined,
    ports: [],
    labels: {},
    codes: [],
    startedAt: 0n,
    memory: 0,
    raw: new Uint8Array(),
    ready: false,
    load: 0,
  })
})

test('packed scalars and unknown fields are read over', () => {
  const bytes = new Writer()
    .bytes(7, new Uint8Array([1, 2]))
    .int(7, 3)
    .string(99, 'later')
    .double(98, 1)
    .finish()
  assert.deepEqual(decodeTable(Config, bytes).codes, [1, 2, 3])
})

test('a field of the wrong wire type is malformed', () => {
  assert.throws(() => decodeTable(Config, new Writer().int(1, 5).finish()), MalformedProtobuf)
})
