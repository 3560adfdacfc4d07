import assert from 'node:assert/strict'
import { it } from 'node:test'
import { kindOf } from '../../api/kinds/all.ts'
import { CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts'
import { ConfigMaps } from '../../api/kinds/core/config-map.ts'
import { Namespaces } from '../../api/kinds/core/namespace.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { planDeletion } from './deletion.ts'
import type { DeleteSettings } from './options.ts'

const NOW = Date.parse('2026-01-01T00:01:00Z')
const object = (metadata: object, rest: object = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'x', uid: 'u', resourceVersion: '7', creationTimestamp: '', ...metadata },
    ...rest,
  }) as unknown as KubeObject

/** `gone`, `stays`, or what the object becomes: `until +30s grace 30 [finalizers] generation 2 phase`. */
function told(kind: Kind, old: KubeObject, settings: Partial<DeleteSettings> = {}): string {
  const all: DeleteSettings = { dryRun: false, gracePeriodSeconds: undefined, uid: undefined, resourceVersion: undefined, propagation: undefined, ...settings }
  const next = planDeletion(kind, old, all, NOW)
  if ('keep' in next) return 'stays'
  if ('remove' in next) return 'gone'
  const { metadata, status } = next.write as KubeObject & { status?: { phase?: string } }
  const until = (Date.parse(metadata.deletionTimestamp!) - NOW) / 1000
  const parts = [`until ${until >= 0 ? '+' : ''}${until}s`, `grace ${metadata.deletionGracePeriodSeconds}`]
  if (metadata.finalizers) parts.push(`[${metadata.finalizers.join(' ')}]`)
  if (metadata.generation) parts.push(`generation ${metadata.generation}`)
  if (status?.phase === 'Terminating') parts.push('Terminating')
  return parts.join(' ')
}

const kinds = { pods: Pods as unknown as Kind, maps: ConfigMaps as unknown as Kind, namespaces: Namespaces as unknown as Kind }
const running = (metadata: object = {}, spec: object = {}, phase = 'Running') =>
  object({ generation: 1, ...metadata }, { spec: { nodeName: 'n', terminationGracePeriodSeconds: 30, ...spec }, status: { phase } })
const ending = (grace: number, metadata: object = {}) =>
  running({ deletionTimestamp: new Date(NOW + (grace - 10) * 1000).toISOString(), deletionGracePeriodSeconds: grace, ...metadata })

it('gives a pod its grace, once, and lets a later delete only shorten it', () => {
  const rows: [string, KubeObject, Partial<DeleteSettings>, string][] = [
    ['its own grace', running(), {}, 'until +30s grace 30 generation 2'],
    ['the grace asked for', running(), { gracePeriodSeconds: 5 }, 'until +5s grace 5 generation 2'],
    ['a negative grace', running(), { gracePeriodSeconds: -3 }, 'until +1s grace 1 generation 2'],
    ['no grace', running(), { gracePeriodSeconds: 0 }, 'gone'],
    ['not on a node', running({}, { nodeName: undefined }), {}, 'gone'],
    ['succeeded', running({}, {}, 'Succeeded'), {}, 'gone'],
    ['failed, with a finalizer', running({ finalizers: ['a/b'] }, {}, 'Failed'), {}, 'until +0s grace 0 [a/b] generation 2'],
    ['again', ending(30), {}, 'stays'],
    ['again, longer', ending(30), { gracePeriodSeconds: 60 }, 'stays'],
    ['again, shorter, counted from the first delete', ending(30), { gracePeriodSeconds: 20 }, 'until +10s grace 20 generation 1'],
    ['again, at once', ending(30), { gracePeriodSeconds: 0 }, 'gone'],
    ['again, at once, with a finalizer', ending(30, { finalizers: ['a/b'] }), { gracePeriodSeconds: 0 }, 'until -10s grace 0 [a/b] generation 1'],
    ['the agent at the end', ending(0, { finalizers: [] }), { gracePeriodSeconds: 0 }, 'gone'],
  ]
  assert.deepEqual(
    rows.map(([what, old, settings]) => [what, told(kinds.pods, old, settings)]),
    rows.map(([what, , , expected]) => [what, expected]),
  )
})

it('adds the finalizer of the propagation, and leaves a deletion under way as it is', () => {
  const deleting = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 }
  const rows: [string, KubeObject, Partial<DeleteSettings>, string][] = [
    ['nothing said', object({}), {}, 'gone'],
    ['background', object({}), { propagation: 'Background' }, 'gone'],
    ['grace means nothing to it', object({}), { gracePeriodSeconds: 30 }, 'gone'],
    ['foreground', object({ generation: 1 }), { propagation: 'Foreground' }, 'until +0s grace 0 [foregroundDeletion] generation 2'],
    ['orphan', object({}), { propagation: 'Orphan' }, 'until +0s grace 0 [orphan]'],
    ['orphan, with another finalizer', object({ finalizers: ['a/b'] }), { propagation: 'Orphan' }, 'until +0s grace 0 [a/b orphan]'],
    ['background takes back an old orphan', object({ finalizers: ['orphan'] }), { propagation: 'Background' }, 'gone'],
    ['nothing said keeps an old orphan', object({ finalizers: ['orphan'] }), {}, 'until +0s grace 0 [orphan]'],
    ['under way', object({ ...deleting, finalizers: ['a/b'] }), { propagation: 'Orphan' }, 'stays'],
    ['under way, nobody left to wait for', object(deleting), {}, 'gone'],
  ]
  assert.deepEqual(
    rows.map(([what, old, settings]) => [what, told(kinds.maps, old, settings)]),
    rows.map(([what, , , expected]) => [what, expected]),
  )
})

it('ends a namespace when its finalizers are gone', () => {
  const namespace = (metadata: object, finalizers: readonly string[]) => object(metadata, { spec: { finalizers }, status: { phase: 'Active' } })
  const deleting = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 }
  const rows: [string, KubeObject, string][] = [
    ['first', namespace({}, ['kubernetes']), 'until +0s grace 0 Terminating'],
    ['again', namespace(deleting, ['kubernetes']), 'stays'],
    ['emptied', namespace(deleting, []), 'gone'],
    ['emptied, held by another', namespace({ ...deleting, finalizers: ['a/b'] }, []), 'stays'],
    ['never held', namespace({}, []), 'gone'],
  ]
  assert.deepEqual(
    rows.map(([what, old]) => [what, told(kinds.namespaces, old)]),
    rows.map(([what, , expected]) => [what, expected]),
  )
})

it('gives no other kind a grace', () => {
  const sets = kindOf('apps', 'DaemonSet')!
  assert.equal(told(sets, object({}, { spec: { nodeName: 'n' } }), { gracePeriodSeconds: 30 }), 'gone')
})

it('adds the finalizer of who cleans up before the object goes, once', () => {
  const definitions = CustomResourceDefinitions as unknown as Kind
  const cleanup = 'customresourcecleanup.apiextensions.k8s.io'
  assert.deepEqual(
    [told(definitions, object({})), told(definitions, object({ finalizers: [cleanup, 'a.b/c'] }))],
    [`until +0s grace 0 [${cleanup}]`, `until +0s grace 0 [${cleanup} a.b/c]`],
  )
})
