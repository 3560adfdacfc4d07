import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts'
import { customKind } from '../../api/kinds/custom/custom-kind.ts'
import type { CustomResourceDefinition } from '../../api/types/apiextensions.ts'
import { Catalogue } from '../registry/served.ts'
import { compareVersions, groupsOf } from './resources.ts'

test('stable versions come before betas and alphas, newer ones before older, other names last', () => {
  const versions = ['foo1', 'v1alpha1', 'v2', 'v11beta2', 'v10', 'v3beta1', 'foo10', 'v12alpha1', 'v1', 'v11alpha2', 'v10beta3']
  assert.deepEqual(versions.sort(compareVersions), [
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v10beta3',
    'v3beta1',
    'v12alpha1',
    'v11alpha2',
    'v1alpha1',
    'foo1',
    'foo10',
  ])
})

const version = (name: string, storage: boolean, subresources: object = {}) => ({
  name,
  served: true,
  storage,
  subresources,
  schema: { openAPIV3Schema: { type: 'object' } },
})
const widgets = {
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'], categories: ['all'] },
    versions: [version('v1beta1', true, { status: {} }), version('v1', false)],
  },
} as unknown as CustomResourceDefinition

test('the newest version of a custom kind is preferred, and each has its names and its own subresources', () => {
  const shown = groupsOf(new Catalogue([customKind(widgets, new Map())]).resources).map(({ name, versions }) => [
    name,
    ...versions.map(({ version, resources }) => [version, ...resources.map(r => [r.shortNames, r.categories, r.subresources.map(s => s.name)])]),
  ])
  assert.deepEqual(shown, [['example.com', ['v1', [['wd'], ['all'], []]], ['v1beta1', [['wd'], ['all'], ['status']]]]])
})

test('a group that only repeats kinds of another has no short names', () => {
  const shown = groupsOf(new Catalogue([DaemonSets]).resources).map(({ name, versions }) => [
    name,
    ...versions.map(({ version, resources }) => [version, ...resources.flatMap(r => r.shortNames)]),
  ])
  assert.deepEqual(shown, [
    ['apps', ['v1', 'ds'], ['v1beta2', 'ds']],
    ['extensions', ['v1beta1']],
  ])
})
