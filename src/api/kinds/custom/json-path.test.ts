import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileJsonPath } from './json-path.ts'

const object = {
  spec: { replicas: 3, 'a.b': 'dotted', items: [{ n: 1 }, { n: 2 }] },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Other', status: 'False' },
    ],
  },
}

test('the paths that definitions use', () => {
  const cases: Record<string, readonly unknown[] | undefined> = {
    '.spec.replicas': [3],
    '$.spec.replicas': [3],
    '.spec.missing.deep': [],
    ".spec['a.b']": ['dotted'],
    '.spec.items[0].n': [1],
    '.spec.items[-1].n': [2],
    '.spec.items[5].n': [],
    '.spec.items[*].n': [1, 2],
    '.status.conditions[?(@.type=="Ready")].status': ['True'],
    ".status.conditions[?(@.type!='Ready')].status": ['False'],
    '.spec.toString': [],
    'spec.replicas': undefined,
    '.spec.[': undefined,
    '.spec..replicas': undefined,
  }
  for (const [path, expected] of Object.entries(cases)) assert.deepEqual(compileJsonPath(path)?.(object), expected, path)
})
