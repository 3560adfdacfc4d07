import { systemClock } from '../../../base/clock.ts'
import { contractPod, runtimeContract } from '../contract.ts'
import { SimulatedRuntime } from './simulated.ts'

runtimeContract('simulated', async () => ({
  runtime: new SimulatedRuntime({ clock: systemClock }),
  pod: name => contractPod(name, { initContainers: [{ name: 'init', image: 'a:1' }], containers: [{ name: 'c', image: 'a:1' }] }),
  close: async () => {},
}))
