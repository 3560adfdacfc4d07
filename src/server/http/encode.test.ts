import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigMaps } from '../../api/kinds/core/config-map.ts'
import { customKind } from '../../api/kinds/custom/custom-kind.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { CustomResourceDefinition } from '../../api/types/apiextensions.ts'
import { encodeList } from './encode.ts'

const Widgets = customKind(
  {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  } as unknown as CustomResourceDefinition,
  new Map(),
)

const listed = (kind: Kind, apiVersion: string): unknown => {
  const item = { apiVersion, kind: kind.kind, metadata: { name: 'a' } } as unknown as KubeObject
  const list = { apiVersion, kind: `${kind.kind}List`, metadata: { resourceVersion: '1' }, items: [item] }
  const { before, item: text, after } = encodeList(list, { kind, at: kind }, { form: { as: 'object' }, include: 'Metadata', kind, now: 0 } as never)
  return JSON.parse(`${before}${text(item)}${after}`)
}

test('items of a list repeat their kind where it is a custom one', () => {
  const metadata = { resourceVersion: '1' }
  assert.deepEqual(listed(Widgets, 'example.com/v1'), {
    apiVersion: 'example.com/v1',
    kind: 'WidgetList',
    metadata,
    items: [{ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' } }],
  })
  assert.deepEqual(listed(ConfigMaps, 'v1'), { apiVersion: 'v1', kind: 'ConfigMapList', metadata, items: [{ metadata: { name: 'a' } }] })
})
