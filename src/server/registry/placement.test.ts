import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Any, refusal, registryRig } from '../../../test/support/registry-rig.ts'
import { KeptVerdicts } from './kept-verdicts.ts'
import { PlacementKind, placement } from './placement.ts'

it('says for each node whether it should run the pod, and why it has none', async () => {
  const rig = await registryRig()
  rig.registry.addResource(PlacementKind)
  rig.registry.addGet(placement(rig.caches, new KeptVerdicts(rig.caches, rig.clock), rig.clock))
  const sets = { kind: rig.kind('DaemonSet', 'apps'), namespace: 'default' }
  const template = { metadata: { labels: { a: 'b' } }, spec: { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'c', image: 'i' }] } }
  await rig.api.create(sets, { metadata: { name: 's' }, spec: { selector: { matchLabels: { a: 'b' } }, template } } as never)
  for (const disk of ['ssd', 'hdd']) {
    await rig.api.create({ kind: rig.kind('Node') }, { metadata: { name: disk, labels: { disk } } } as never)
    await rig.api.patch({ kind: rig.kind('Node'), name: disk }, { type: 'merge', body: { spec: { taints: null } } })
  }
  const at = { kind: PlacementKind, namespace: 'default', name: 's', subresource: 'placement' }
  const found = (await rig.api.get(at)) as Any
  assert.deepEqual(
    [found.kind, found['nodes'].map((node: { name: string; should: boolean; verdict: string }) => `${node.name} ${node.should} ${node.verdict}`)],
    ['DaemonSetPlacement', ['hdd false excluded', 'ssd true to-create']],
  )
  assert.equal(await refusal(rig.api.get({ ...at, name: 'none' })), '404 NotFound: daemonsets.apps "none" not found')
  assert.match(await refusal(rig.api.list({ kind: PlacementKind, namespace: 'default' })), /^405 MethodNotAllowed/)
  await rig.close()
})
