import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '../../types/core/node.ts'
import { Nodes } from './node.ts'

interface Words {
  readonly name?: string
  readonly conditions?: readonly string[]
  readonly unschedulable?: true
  readonly labels?: Readonly<Record<string, string>>
  readonly info?: Readonly<Record<string, string>>
  readonly addresses?: readonly string[]
}
const node = (words: Words): Node =>
  ({
    metadata: { name: words.name ?? 'foo', labels: words.labels },
    spec: { unschedulable: words.unschedulable },
    status: {
      conditions: words.conditions?.map(text => ({ type: text.split('=')[0], status: text.split('=')[1] ?? '' })),
      nodeInfo: words.info,
      addresses: words.addresses?.map(text => ({ type: text.split('=')[0], address: text.split('=')[1] })),
    },
  }) as unknown as Node
const cell = (name: string, words: Words) => Nodes.columns.find(column => column.name === name)?.cell(node(words), 0)

for (const [row, words, shown] of [
  ['#563', { conditions: ['Ready=True'] }, 'Ready'],
  ['#564', { conditions: ['Ready=True'], unschedulable: true }, 'Ready,SchedulingDisabled'],
  ['#565', { conditions: ['Ready=True', 'Ready=True'] }, 'Ready'],
  ['#566', { conditions: ['Ready=False'] }, 'NotReady'],
  ['#567', { conditions: ['Ready=False'], unschedulable: true }, 'NotReady,SchedulingDisabled'],
  ['#568', { conditions: ['InvalidValue=True'] }, 'Unknown'],
  ['#569', { conditions: [''] }, 'Unknown'],
  ['#570', { conditions: ['InvalidValue=True'], unschedulable: true }, 'Unknown,SchedulingDisabled'],
  ['#571', { conditions: [''], unschedulable: true }, 'Unknown,SchedulingDisabled'],
] as readonly (readonly [string, Words, string])[]) {
  test(`catalogue ${row}: a node with ${JSON.stringify(words)} is ${shown}`, () => assert.equal(cell('Status', words), shown))
}

const role = (name: string) => ({ [`node-role.kubernetes.io/${name}`]: '' })
for (const [row, labels, shown] of [
  ['#572', {}, '<none>'],
  ['#573', { ...role('master'), ...role('proxy'), 'kubernetes.io/role': 'node', ...role('control-plane') }, 'control-plane,master,node,proxy'],
  ['#574', { 'kubernetes.io/role': 'node' }, 'node'],
] as readonly (readonly [string, Readonly<Record<string, string>>, string])[]) {
  test(`catalogue ${row}: the roles of a node are ${shown}`, () => assert.equal(cell('Roles', { labels }), shown))
}

for (const [row, column, words, shown] of [
  ['#575', 'OS-Image', { info: { osImage: 'fake-os-image' } }, 'fake-os-image'],
  ['#576', 'OS-Image', { info: { kernelVersion: 'fake-kernel-version' } }, '<unknown>'],
  ['#577', 'Kernel-Version', { info: { kernelVersion: 'fake-kernel-version' } }, 'fake-kernel-version'],
  ['#578', 'Kernel-Version', { info: { osImage: 'fake-os-image' } }, '<unknown>'],
  ['#579', 'Kernel-Version', { info: { kernelVersion: 'fake-kernel-version', architecture: 'fake-arch-amd64' } }, 'fake-kernel-version (fake-arch-amd64)'],
  ['#580', 'Kernel-Version', { info: { architecture: 'fake-arch-arm64' } }, '<unknown> (fake-arch-arm64)'],
  ['#581', 'Kernel-Version', { info: { kernelVersion: 'fake-kernel-version' } }, 'fake-kernel-version'],
  ['#582', 'Container-Runtime', { info: { containerRuntimeVersion: 'foo://1.2.3' } }, 'foo://1.2.3'],
  ['#583', 'Container-Runtime', {}, '<unknown>'],
  ['#584', 'Name', { name: '127.0.0.1' }, '127.0.0.1'],
  ['#585', 'Name', { name: '' }, ''],
] as readonly (readonly [string, string, Words, string])[]) {
  test(`catalogue ${row}: the ${column} of a node with ${JSON.stringify(words)} shows as "${shown}"`, () => assert.equal(cell(column, words), shown))
}

for (const [row, addresses, internal, external] of [
  ['#586', ['ExternalIP=1.1.1.1'], '<none>', '1.1.1.1'],
  ['#587', ['InternalIP=1.1.1.1'], '1.1.1.1', '<none>'],
  ['#588', ['ExternalIP=2.2.2.2', 'InternalIP=3.3.3.3', 'ExternalIP=4.4.4.4'], '3.3.3.3', '2.2.2.2'],
  ['#589', ['InternalIP=1.1.1.1'], '1.1.1.1', '<none>'],
  ['#590', ['ExternalIP=1.1.1.1'], '<none>', '1.1.1.1'],
  ['#591', ['InternalIP=2.2.2.2', 'ExternalIP=3.3.3.3', 'InternalIP=4.4.4.4'], '2.2.2.2', '3.3.3.3'],
] as const) {
  test(`catalogue ${row}: of ${addresses.join(' ')} the first of each kind is shown`, () => {
    assert.deepEqual([cell('Internal-IP', { addresses }), cell('External-IP', { addresses })], [internal, external])
  })
}
