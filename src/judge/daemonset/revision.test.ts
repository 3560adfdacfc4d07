import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ControllerRevision } from '../../api/types/apps/controller-revision.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import { revisionData, sameData } from './revision.ts'

const data = (spec: object) => revisionData({ spec: { template: { spec: { containers: [{ name: 'c', image: 'i' }], ...spec } } } } as unknown as DaemonSet)
const revision = (spec: object) => ({ data: data(spec) }) as unknown as ControllerRevision

test('a revision is that of a template that spells out what is nothing, and of no other', () => {
  assert.deepEqual(
    [{}, { hostNetwork: false, hostname: '' }, { hostNetwork: true }, { automountServiceAccountToken: false }].map(spec => sameData(revision({}), data(spec))),
    [true, true, false, false],
  )
  assert.ok(sameData(revision({ hostPID: false }), data({})))
})
