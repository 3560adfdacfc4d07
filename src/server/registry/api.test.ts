import { registryRig } from '../../../test/support/registry-rig.ts'
import { systemClock } from '../../base/clock.ts'
import { apiContract } from '../../client/api-contract.ts'

apiContract('in process', async () => {
  const rig = await registryRig({ clock: systemClock })
  await rig.api.create({ kind: rig.kind('Namespace') }, { metadata: { name: 'kube-system' } })
  await rig.api.create({ kind: rig.kind('ServiceAccount'), namespace: 'kube-system' }, { metadata: { name: 'default' } })
  return { api: rig.api, close: () => rig.close() }
})
