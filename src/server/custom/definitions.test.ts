import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Any, type RegistryRig, refusal, registryRig } from '../../../test/support/registry-rig.ts'
import type { KindRef } from '../../api/kinds/kind.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { openDefinitions } from './definitions.ts'

const definition = (plural: string, kind: string, more: object = {}) => ({
  metadata: { name: `${plural}.example.com` },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural, kind },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { size: { type: 'integer', default: 1 } } },
              status: { type: 'object', properties: { ok: { type: 'boolean' } } },
            },
          },
        },
      },
      { name: 'v1beta1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
    ],
    ...more,
  },
})

describe('definitions', () => {
  const stop = new AbortController()
  let rig: RegistryRig
  let done: Promise<void>
  let crds: { kind: KindRef<Any> }
  before(async () => {
    rig = await registryRig({ clock: systemClock })
    crds = { kind: rig.kind('CustomResourceDefinition') }
    done = (await openDefinitions({ caches: rig.caches, registry: rig.registry, api: rig.api, clock: systemClock, log: silentLog, signal: stop.signal })).done
  })
  after(async () => {
    stop.abort()
    await done
    await rig.close()
  })

  /** The definition once it satisfies a condition. */
  const until = async (name: string, holds: (object: Any) => boolean): Promise<Any | undefined> => {
    for await (const events of rig.api.watch<Any>(crds, { initialEvents: true, signal: AbortSignal.timeout(5000) })) {
      for (const event of events) {
        if (event.type === 'BOOKMARK' || event.object.metadata.name !== name) continue
        if (event.type === 'DELETED') return undefined
        if (holds(event.object)) return event.object
      }
    }
    throw new Error(`${name} did not get there`)
  }
  const status = (object: Any, type: string): string | undefined => object['status'].conditions?.find((one: { type: string }) => one.type === type)?.status
  const established = (object: Any) => status(object, 'Established') === 'True'
  const widgets = (version: string): KindRef<Any> => {
    const served = rig.registry.served('example.com', version, 'widgets')
    assert.ok(served)
    return served.at as KindRef<Any>
  }

  it('warn of a deprecated version with every request, also those that only look', async () => {
    const [version] = definition('olds', 'Old').spec.versions
    await rig.api.create(crds, definition('olds', 'Old', { versions: [{ ...version, deprecated: true }] }) as never)
    await until('olds.example.com', established)
    rig.warnings.length = 0
    const served = rig.registry.served('example.com', 'v1', 'olds')
    await rig.api.list({ kind: served!.at as KindRef<Any>, namespace: 'default' })
    assert.deepEqual(rig.warnings, ['example.com/v1 Old is deprecated'])
  })

  it('are served as soon as they say they are established', async () => {
    await rig.api.create(crds, definition('widgets', 'Widget') as never)
    const crd = await until('widgets.example.com', established)
    assert.deepEqual(crd?.['status'].acceptedNames, { plural: 'widgets', kind: 'Widget', listKind: 'WidgetList', singular: 'widget' })
    assert.deepEqual(crd?.['status'].storedVersions, ['v1'])
    const made = await rig.api.create({ kind: widgets('v1'), namespace: 'default' }, { metadata: { name: 'w' }, spec: {}, status: { ok: true } } as never)
    assert.deepEqual([made['spec'], made['status'], made.metadata.generation], [{ size: 1 }, undefined, 1])
    const beta = await rig.api.get({ kind: widgets('v1beta1'), namespace: 'default', name: 'w' })
    assert.equal(beta.apiVersion, 'example.com/v1beta1')
  })

  it('give their objects status, generation and validation', async () => {
    const target = { kind: widgets('v1'), namespace: 'default', name: 'w' }
    const patch = (body: object, subresource?: string) => rig.api.patch({ ...target, ...(subresource && { subresource }) }, { type: 'merge', body })
    assert.equal((await patch({ status: { ok: true } }, 'status')).metadata.generation, 1)
    const changed = await patch({ spec: { size: 2 }, status: { ok: false } })
    assert.deepEqual([changed.metadata.generation, changed['status']], [2, { ok: true }])
    assert.equal(
      await refusal(patch({ spec: { size: 'x' } })),
      '422 Invalid: Widget.example.com "w" is invalid: spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
    )
    assert.match(await refusal(rig.api.patch(target, { type: 'strategic', body: {} })), /^415 UnsupportedMediaType/)
  })

  it('let their objects have any finalizers, and say which names others might take', async () => {
    const made = { metadata: { name: 'kept', finalizers: ['mine', 'mine.io', 'mine.io/x'] } }
    rig.warnings.length = 0
    const target = { kind: widgets('v1'), namespace: 'default' }
    await rig.api.create(target, made)
    const why = 'to avoid accidental conflicts with other finalizer writers'
    assert.deepEqual(rig.warnings, [
      `metadata.finalizers: "mine": prefer a domain-qualified finalizer name ${why}`,
      `metadata.finalizers: "mine.io": prefer a domain-qualified finalizer name including a path (/) ${why}`,
    ])
    rig.warnings.length = 0
    await rig.api.patch({ ...target, name: 'kept' }, { type: 'merge', body: { metadata: { finalizers: [] } } })
    await rig.api.delete({ ...target, name: 'kept' })
    assert.deepEqual(rig.warnings, [])
  })

  it('have rules of their own for each version: its schema judges, and its subresources are there', async () => {
    const of = (version: string, properties: object, more: object = {}) => ({
      name: version,
      served: true,
      storage: version === 'v1',
      schema: { openAPIV3Schema: { type: 'object', properties } },
      ...more,
    })
    const status = { type: 'object', properties: { ok: { type: 'boolean' } } }
    const spec = (size: object) => ({ spec: { type: 'object', properties: { size } }, status })
    const versions = [
      of('v1', spec({ type: 'integer', maximum: 5 }), { subresources: { status: {} } }),
      of('v2', { ...spec({ type: 'integer', maximum: 9 }), more: { type: 'string', default: 'yes' } }),
    ]
    await rig.api.create(crds, definition('pairs', 'Pair', { versions }) as never)
    await until('pairs.example.com', established)
    const at = (version: string, name?: string) => ({
      kind: rig.registry.served('example.com', version, 'pairs')!.at as KindRef<Any>,
      namespace: 'default',
      ...(name && { name }),
    })
    const made = await rig.api.create(at('v2'), { metadata: { name: 'p' }, spec: { size: 7 }, status: { ok: true } } as never)
    assert.deepEqual([made['spec'], made['status'], made['more'], made.apiVersion], [{ size: 7 }, { ok: true }, 'yes', 'example.com/v2'])
    const seen = await rig.api.get(at('v1', 'p'))
    assert.deepEqual([seen['spec'], seen['more']], [{ size: 7 }, undefined])
    const resize = (version: string, size: number) => rig.api.patch(at(version, 'p'), { type: 'merge', body: { spec: { size } } })
    assert.equal(
      await refusal(resize('v1', 8)),
      '422 Invalid: Pair.example.com "p" is invalid: spec.size: Invalid value: 8: spec.size in body should be less than or equal to 5',
    )
    assert.deepEqual((await resize('v2', 8))['spec'], { size: 8 })
    const patched = { type: 'merge', body: { status: { ok: false } } } as const
    assert.deepEqual((await rig.api.patch(at('v2', 'p'), patched))['status'], { ok: false })
    assert.match(await refusal(rig.api.patch({ ...at('v2', 'p'), subresource: 'status' }, patched)), /^404 NotFound/)
    const record = (await rig.api.get(at('v1', 'p'))).metadata.managedFields
    assert.deepEqual([...new Set(record?.map(entry => entry.apiVersion))], ['example.com/v2'])
  })

  it('with names that are taken are not served, and say why', async () => {
    await rig.api.create(crds, definition('gadgets', 'Widget') as never)
    const crd = await until('gadgets.example.com', object => status(object, 'NamesAccepted') === 'False')
    assert.equal(crd?.['status'].conditions[0].message, '"Widget" is already in use')
    assert.equal(rig.registry.served('example.com', 'v1', 'gadgets'), undefined)
  })

  it('change what is served when they change', async () => {
    const body = { spec: { names: { shortNames: ['wd'] } } }
    await rig.api.patch({ ...crds, name: 'widgets.example.com' }, { type: 'merge', body })
    await until('widgets.example.com', object => object['status'].acceptedNames.shortNames !== undefined)
    assert.deepEqual(rig.registry.served('example.com', 'v1', 'widgets')?.kind.shortNames, ['wd'])
  })

  it('go after their objects', async () => {
    assert.equal((await rig.api.get({ ...crds, name: 'widgets.example.com' })).metadata.finalizers, undefined)
    await rig.api.delete({ ...crds, name: 'widgets.example.com' })
    assert.equal(await until('widgets.example.com', () => false), undefined)
    assert.equal(rig.registry.served('example.com', 'v1', 'widgets'), undefined)
    const crd = await until('gadgets.example.com', established)
    assert.ok(crd, 'the names are free now')
  })

  it('have their objects keep the rules', async () => {
    const rules = [{ rule: 'self.size >= oldSelf.size', message: 'size may only grow' }]
    const spec = { type: 'object', properties: { size: { type: 'integer' } }, 'x-kubernetes-validations': rules }
    const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } }
    await rig.api.create(crds, definition('rules', 'Rule', { versions: [{ name: 'v1', served: true, storage: true, schema }] }) as never)
    await until('rules.example.com', established)
    const kind = rig.registry.served('example.com', 'v1', 'rules')?.at as KindRef<Any>
    await rig.api.create({ kind, namespace: 'default' }, { metadata: { name: 'r' }, spec: { size: 2 } } as never)
    const patch = (size: number) => rig.api.patch({ kind, namespace: 'default', name: 'r' }, { type: 'merge', body: { spec: { size } } })
    assert.equal((await patch(3)).metadata.generation, 2)
    assert.equal(await refusal(patch(1)), '422 Invalid: Rule.example.com "r" is invalid: spec: Invalid value: size may only grow')
  })

  it('that are none are refused by field', async () => {
    const wrong = definition('Bad', 'bad', { scope: 'World', versions: [] })
    assert.equal(
      await refusal(rig.api.create(crds, { ...wrong, metadata: { name: 'x' } } as never)),
      `422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "x" is invalid: [metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group, spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced", spec.names.plural: Invalid value: "Bad": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?'), spec.versions: Required value: must have at least one version]`,
    )
  })
})
