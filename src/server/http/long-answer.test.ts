import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { KubeObject } from '../../api/meta/object.ts'
import { wholeBody } from '../registry/long-member.ts'
import { encodeLong } from './encode.ts'

it('an object with a long array is the same text whether it is written at once or in parts', () => {
  const body = { apiVersion: 'v1', kind: 'Long', metadata: { name: 'x' } } as unknown as KubeObject
  const long = { member: 'parts', elements: [{ a: 1 }, { b: ['"'] }, 3].map(part => () => part) }
  const { before, item, after } = encodeLong(body, long)
  assert.equal(before + long.elements.map(item).join(',') + after, JSON.stringify(wholeBody({ body, long })))
})
