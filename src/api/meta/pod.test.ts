import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podPriority } from './pod.ts'

test('catalogue #654: a pod that says no priority has 0', () => assert.equal(podPriority({ spec: {} }), 0))
test('catalogue #655: a pod has the priority that it says', () => assert.equal(podPriority({ spec: { priority: 10 } }), 10))
