import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../api/types/core/pod.ts'
import type { ObservedContainer, ObservedPod, Runtime } from './runtime.ts'

export interface RuntimeRig {
  readonly runtime: Runtime
  /** A pod that can run here; its one container `c` runs until it is stopped, `init` ends at once with 0. */
  pod(name: string): Pod
  close(): Promise<void>
}

/** What every runtime must do. `open` gives a fresh one, or one in which no other pods are touched. */
export function runtimeContract(name: string, open: () => Promise<RuntimeRig>, options: { readonly skip?: string | false } = {}): void {
  describe(`runtime ${name}`, { skip: options.skip }, () => {
    const test = (title: string, body: (rig: RuntimeRig, pod: Pod, signal: AbortSignal) => Promise<void>) =>
      it(title, async () => {
        const rig = await open()
        const pod = rig.pod(`p${counter++}`)
        const stop = new AbortController()
        try {
          await body(rig, pod, stop.signal)
        } finally {
          await rig.runtime.apply({ do: 'remove-pod', uid: pod.metadata.uid }, stop.signal)
          stop.abort()
          await rig.close()
        }
      })

    test('has nothing of a pod that it never saw', async ({ runtime }, pod) => {
      assert.deepEqual(await runtime.list({ uid: pod.metadata.uid }), [])
    })

    test('lists a started sandbox with an address, under its pod', async ({ runtime }, pod, signal) => {
      await runtime.apply({ do: 'start-sandbox', pod, attempt: 0 }, signal)
      const seen = await only(runtime, pod)
      assert.deepEqual([seen.name, seen.namespace, seen.sandboxes.length, seen.containers.length], [pod.metadata.name, pod.metadata.namespace, 1, 0])
      assert.equal(seen.sandboxes[0]?.ready, true)
      assert.match(seen.sandboxes[0]?.ips[0] ?? '', /^\d+\.\d+\.\d+\.\d+$/)
      assert.ok((await runtime.list()).some(p => p.uid === pod.metadata.uid))
    })

    test('runs a container, with its number, image and pause', async ({ runtime }, pod, signal) => {
      const running = await start(runtime, pod, 'c', 3, 20, signal)
      assert.deepEqual(
        [running.state, running.attempt, running.backoffSeconds, running.image, running.exitCode],
        ['running', 3, 20, pod.spec.containers[0]?.image, 0],
      )
      assert.ok(running.startedAt >= running.createdAt)
    })

    test('does nothing when asked again for an attempt that is there', async ({ runtime }, pod, signal) => {
      const running = await start(runtime, pod, 'c', 0, 0, signal)
      await start(runtime, pod, 'c', 0, 0, signal)
      const seen = await only(runtime, pod)
      assert.deepEqual(
        seen.containers.map(c => c.id),
        [running.id],
      )
    })

    test('tells how a container ended', async ({ runtime }, pod, signal) => {
      await start(runtime, pod, 'init', 0, 0, signal)
      const ended = await until(runtime, pod, 'init', c => c.state === 'exited')
      assert.deepEqual([ended.exitCode, ended.reason], [0, 'Completed'])
      assert.ok(ended.finishedAt >= ended.startedAt)
    })

    test('stops a container, and again without complaint', async ({ runtime }, pod, signal) => {
      const { id } = await start(runtime, pod, 'c', 0, 0, signal)
      const stop = { do: 'stop-container', uid: pod.metadata.uid, id, container: 'c', graceSeconds: 0, why: '' } as const
      await runtime.apply(stop, signal)
      await runtime.apply(stop, signal)
      assert.equal((await until(runtime, pod, 'c', c => c.state === 'exited')).id, id)
    })

    test('keeps an ended attempt beside the next until it is removed', async ({ runtime }, pod, signal) => {
      const first = await start(runtime, pod, 'init', 0, 0, signal)
      await until(runtime, pod, 'init', c => c.state === 'exited')
      await start(runtime, pod, 'init', 1, 10, signal)
      assert.deepEqual(
        (await only(runtime, pod)).containers.map(c => c.attempt),
        [1, 0],
      )
      await runtime.apply({ do: 'remove-container', uid: pod.metadata.uid, id: first.id }, signal)
      assert.deepEqual(
        (await only(runtime, pod)).containers.map(c => c.attempt),
        [1],
      )
    })

    test('stops a sandbox with what runs in it', async ({ runtime }, pod, signal) => {
      await start(runtime, pod, 'c', 0, 0, signal)
      const { sandboxes } = await only(runtime, pod)
      await runtime.apply({ do: 'stop-sandbox', uid: pod.metadata.uid, id: sandboxes[0]!.id }, signal)
      await until(runtime, pod, 'c', c => c.state === 'exited')
      assert.equal((await only(runtime, pod)).sandboxes[0]?.ready, false)
    })

    test('removes a pod whole, and again without complaint', async ({ runtime }, pod, signal) => {
      await start(runtime, pod, 'c', 0, 0, signal)
      await runtime.apply({ do: 'remove-pod', uid: pod.metadata.uid }, signal)
      assert.deepEqual(await runtime.list({ uid: pod.metadata.uid }), [])
      await runtime.apply({ do: 'remove-pod', uid: pod.metadata.uid }, signal)
    })

    test('runs a command in a container', async ({ runtime }, pod, signal) => {
      const { id } = await start(runtime, pod, 'c', 0, 0, signal)
      assert.equal((await runtime.exec(id, ['true'], { timeoutMs: 5000, signal })).exitCode, 0)
    })
  })
}

let counter = 0

async function only(runtime: Runtime, pod: Pod): Promise<ObservedPod> {
  const [seen, ...more] = await runtime.list({ uid: pod.metadata.uid })
  assert.ok(seen)
  assert.deepEqual(more, [])
  return seen
}

async function start(runtime: Runtime, pod: Pod, container: string, attempt: number, backoffSeconds: number, signal: AbortSignal): Promise<ObservedContainer> {
  const before = (await runtime.list({ uid: pod.metadata.uid }))[0]
  if (!before?.sandboxes.some(s => s.ready)) await runtime.apply({ do: 'start-sandbox', pod, attempt: 0 }, signal)
  const sandbox = (await only(runtime, pod)).sandboxes[0]!
  await runtime.apply({ do: 'start-container', pod, container, attempt, sandbox, backoffSeconds }, signal)
  return until(runtime, pod, container, c => c.attempt === attempt && c.state !== 'starting' && c.state !== 'created')
}

async function until(runtime: Runtime, pod: Pod, container: string, check: (c: ObservedContainer) => boolean): Promise<ObservedContainer> {
  for (let tries = 0; tries < 500; tries++) {
    const found = (await only(runtime, pod)).containers.find(c => c.name === container && check(c))
    if (found) return found
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  return assert.fail(`${container} never came to that`)
}

/** A pod as the API stores it, for rigs. */
export function contractPod(name: string, spec: Partial<Pod['spec']>): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'contract', uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { containers: [], ...spec },
    status: {},
  }
}
