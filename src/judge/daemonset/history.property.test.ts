import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { at, daemonSet, pod } from '../../../test/support/daemon-world.ts'
import type { ControllerRevision } from '../../api/types/apps/controller-revision.ts'
import { planHistory, planTruncation } from './history.ts'
import { revisionData } from './revision.ts'

const RUNS = Number(process.env['RUNS'] ?? 500)
const HASH = 'controller-revision-hash'
const set = (limit = 2) => daemonSet({ image: 'i:0', spec: { revisionHistoryLimit: limit } })
const dataOf = (image: number) => revisionData(daemonSet({ image: `i:${image}` }))
const isCurrent = ({ data }: ControllerRevision) => JSON.stringify(data) === JSON.stringify(dataOf(0))

/** Revisions of a few templates, the set's own (0) among them; numbers and ages may be equal, hashes missing. */
const anyRevisions = fc
  .array(
    fc.record({
      image: fc.nat(3),
      revision: fc.integer({ min: 1, max: 5 }),
      age: fc.nat(2),
      labelled: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
    }),
    {
      maxLength: 7,
    },
  )
  .map(all =>
    all.map(
      ({ image, revision, age, labelled }, i): ControllerRevision => ({
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: {
          name: `r${i}`,
          namespace: 'default',
          uid: `r${i}`,
          resourceVersion: '1',
          creationTimestamp: at(-age),
          labels: labelled ? { [HASH]: `h${i}` } : {},
        },
        data: dataOf(image),
        revision,
      }),
    ),
  )
const anyPods = fc
  .array(fc.record({ of: fc.constantFrom('h0', 'h1', 'h2', 'h3', 'r4', 'other'), ended: fc.boolean() }), { maxLength: 5 })
  .map(all => all.map(({ of, ended }, i) => pod(`p${i}@n1 ${of} ${ended ? 'failed terminating' : 'available'}`)))

test('whatever revisions there are, one remains that has the data of the template; it is the newest, and pods of its duplicates are its own', () =>
  fc.assert(
    fc.property(anyRevisions, anyPods, (revisions, pods) => {
      const { hash, steps } = planHistory(set(), revisions, pods)
      const after = new Map(revisions.map(one => [one.metadata.name, { current: isCurrent(one), revision: one.revision, hash: one.metadata.labels?.[HASH] }]))
      const labels = new Map(pods.map(one => [one.metadata.name, one.metadata.labels![HASH]]))
      for (const step of steps) {
        if (step.do === 'create-revision')
          after.set(step.revision.metadata.name!, { current: true, revision: step.revision.revision, hash: step.revision.metadata.labels![HASH] })
        else if (step.do === 'delete-revision') after.delete(step.revision.metadata.name)
        else if (step.do === 'label-revision') after.get(step.revision.metadata.name)!.hash = step.hash
        else if (step.do === 'renumber-revision') after.get(step.revision.metadata.name)!.revision = step.to
        else labels.set(step.pod.metadata.name, step.hash)
      }
      const all = [...after.values()]
      const current = all.filter(one => one.current)
      assert.deepEqual([current.length, current[0]?.hash], [1, hash])
      for (const { hash } of all) assert.ok(hash, 'every revision has a hash')
      for (const one of all) if (one !== current[0]) assert.ok(one.revision < current[0]!.revision)
      // None is made where one was there, the others stay as they are, and the one that is kept had the highest number.
      assert.equal(all.length - 1, revisions.filter(one => !isCurrent(one)).length)
      for (const one of revisions.filter(one => !isCurrent(one))) assert.equal(after.get(one.metadata.name)?.revision, one.revision)
      const same = revisions.filter(isCurrent)
      const kept = same.find(({ metadata }) => after.has(metadata.name))
      if (kept) assert.equal(kept.revision, Math.max(...same.map(({ revision }) => revision)))
      assert.equal(kept === undefined, same.length === 0)
      const gone = new Set(same.filter(one => one !== kept).map(({ metadata }) => metadata.labels?.[HASH] || metadata.name))
      for (const { metadata } of pods) assert.equal(labels.get(metadata.name), gone.has(metadata.labels![HASH]!) ? hash : metadata.labels![HASH])
    }),
    { numRuns: RUNS },
  ))

test('so many old revisions are kept as the limit says; of the others the oldest go that no pod carries', () =>
  fc.assert(
    fc.property(anyRevisions, anyPods, fc.nat(4), (revisions, pods, limit) => {
      const labelled = revisions.filter(({ metadata }) => metadata.labels?.[HASH])
      const steps = planTruncation(set(limit), labelled, pods)
      const gone = steps.map(({ revision }) => revision)
      const used = new Set(pods.map(({ metadata }) => metadata.labels![HASH]))
      const free = labelled.filter(one => !isCurrent(one) && !used.has(one.metadata.labels![HASH]!))
      const old = labelled.filter(one => !isCurrent(one))
      assert.equal(gone.length, Math.min(free.length, Math.max(0, old.length - limit)))
      for (const one of gone) assert.ok(free.includes(one))
      const stay = free.filter(one => !gone.includes(one))
      for (const one of gone) for (const other of stay) assert.ok(one.revision <= other.revision)
    }),
    { numRuns: RUNS },
  ))
