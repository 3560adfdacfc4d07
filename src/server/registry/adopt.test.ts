import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Any, type RegistryRig, registryRig } from '../../../test/support/registry-rig.ts'
import type { KubeObject } from '../../api/meta/object.ts'

describe('pods that come off the wire', () => {
  let rig: RegistryRig
  before(async () => {
    rig = await registryRig()
  })
  after(() => rig.close())

  const container = {
    name: 'main',
    image: 'nginx:1.27',
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ports: [{ containerPort: 80, protocol: 'TCP' }],
    resources: { limits: { memory: '64Mi' }, requests: { memory: '64Mi' } },
  }
  const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }
  /** Pods with much in common of which each is treated in a way of its own by defaults, preparation, admission or validation. */
  const specs: readonly object[] = [
    { containers: [container] },
    { containers: [container], hostNetwork: true },
    { containers: [container], topologySpreadConstraints: [{ ...spread, matchLabelKeys: ['hash'] }] },
    { containers: [container], tolerations: [{ key: 'a', operator: 'Exists' }] },
    { containers: [{ ...container, resources: { limits: { memory: '64Mi' } } }], resources: { limits: { memory: '1Gi' } } },
    { containers: [container, { ...container, name: 'other' }], volumes: [{ name: 'v' }], nodeName: 'n1' },
    { containers: [container], securityContext: {}, nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
    { containers: [container], automountServiceAccountToken: false, imagePullSecrets: [{ name: 'v' }] },
    { containers: [{ ...container, name: 'Not A Name' }] },
    { containers: [container], priority: 2 ** 60 },
  ]
  const annotations = { 'container.apparmor.security.beta.kubernetes.io/main': 'unconfined' }
  const bodies = specs.flatMap(spec =>
    [{ labels: { app: 'web', hash: '1' } }, { labels: { app: 'web', hash: '1' }, annotations }].map(metadata => ({ metadata, spec })),
  )
  let count = 0

  async function create(body: (typeof bodies)[number], json: true | undefined): Promise<unknown> {
    const name = `pod-${count++}`
    const warnings: string[] = []
    const value = structuredClone({ ...body, metadata: { ...body.metadata, name } })
    const served = rig.registry.served('', 'v1', 'pods')!
    const caller = { user: { name: 'somebody', groups: [] }, userAgent: 'test' }
    const asked = {
      verb: 'create',
      caller,
      served,
      namespace: 'default',
      body: { value, json },
      query: {},
      warn: (text: string) => warnings.push(text),
    } as const
    try {
      const object = (await rig.registry.handle(asked)).body as KubeObject as Any
      const { name: _, uid, creationTimestamp, resourceVersion, ...metadata } = object.metadata
      return { ...object, metadata, warnings }
    } catch (error) {
      return String(error).replaceAll(name, 'NAME')
    }
  }

  it('come out the same whatever came before them', async () => {
    const once: unknown[] = []
    for (const body of bodies) once.push(await create(body, undefined))
    for (let round = 0; round < 4; round++) for (const [i, body] of bodies.entries()) assert.deepEqual(await create(body, true), once[i])
  })
})
