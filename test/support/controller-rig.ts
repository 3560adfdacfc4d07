import assert from 'node:assert/strict'
import type { Api, EventDetails, EventRecorder, Target } from '../../src/api/access.ts'
import { ControllerRevisions } from '../../src/api/kinds/apps/controller-revision.ts'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { Nodes } from '../../src/api/kinds/core/node.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import type { KindRef } from '../../src/api/kinds/kind.ts'
import type { KubeObject, NewObject } from '../../src/api/meta/object.ts'
import { isStatus } from '../../src/api/meta/status.ts'
import type { DaemonSet } from '../../src/api/types/apps/daemon-set.ts'
import { FakeClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Informer } from '../../src/client/informer.ts'
import { Informers } from '../../src/client/informers.ts'
import { Changes } from '../../src/controllers/daemonset/changes.ts'
import { ObservedCluster } from '../../src/controllers/daemonset/observed.ts'
import { pass } from '../../src/controllers/daemonset/pass.ts'
import { targetNode } from '../../src/judge/daemonset/pod-facts.ts'
import { type InProcess, inProcess } from './in-process.ts'

/** What the controller asked for, in order: `create pods`, `update daemonsets/status`. */
export interface Call {
  readonly verb: 'create' | 'update' | 'patch' | 'delete' | 'get'
  readonly what: string
  readonly name: string | undefined
}

/** The controller's parts over a real pipeline in memory, with the queue in the test's hands and a tap on every request. */
export class ControllerRig {
  readonly server: InProcess
  readonly cluster: ObservedCluster
  readonly changes: Changes
  /** Sets that would be looked at next. */
  readonly queued = new Set<string>()
  readonly calls: Call[] = []
  readonly events: string[] = []
  /** What stands beside an event's message, where anything does. */
  readonly details: EventDetails[] = []
  readonly clock: FakeClock
  /** Throws to make a request of the controller fail. */
  fault: (call: Call, nth: number) => void = () => {}
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  readonly #hold = new Set<string>()
  #released = Promise.withResolvers<void>()

  static async start(): Promise<ControllerRig> {
    const clock = new FakeClock()
    const rig = new ControllerRig(await inProcess(clock), clock)
    await rig.cluster.synced()
    rig.changes.start()
    return rig
  }

  private constructor(server: InProcess, clock: FakeClock) {
    this.server = server
    this.clock = clock
    const informers = new Informers({ api: this.#held(server.api), clock, log: silentLog })
    this.cluster = new ObservedCluster(informers)
    this.changes = new Changes(this.cluster, key => this.queued.add(key))
    this.#running = informers.run(this.#stop.signal)
  }

  async close(): Promise<void> {
    this.release()
    this.#stop.abort()
    await this.#running
    await this.server.close()
  }

  /** Keeps changes of a kind from the controller's local copy until released. */
  hold(kind: KindRef): void {
    this.#hold.add(kind.resource)
  }
  release(): void {
    this.#hold.clear()
    this.#released.resolve()
    this.#released = Promise.withResolvers()
  }

  #held(api: Api): Api {
    const rig = this
    async function* watch<T extends KubeObject>(...[target, options]: Parameters<Api['watch']>) {
      for await (const batch of api.watch<T>(target as Target<T>, options)) {
        while (rig.#hold.has(target.kind.resource)) await rig.#released.promise
        yield batch
      }
    }
    return { ...api, watch: watch as Api['watch'] }
  }

  /** The Api as the controller has it: counted, and failing where the test says so. */
  #tapped(): Api {
    const { api } = this.server
    const tap = (verb: Call['verb'], target: Target) => {
      const what = target.subresource ? `${target.kind.resource}/${target.subresource}` : target.kind.resource
      const call = { verb, what, name: target.name }
      this.calls.push(call)
      this.fault(call, this.calls.filter(c => c.verb === verb && c.what === what).length)
    }
    return {
      ...api,
      get: async (target, options) => {
        tap('get', target)
        return api.get(target, options)
      },
      create: async (target, object, options) => {
        tap('create', target)
        return api.create(target, object, options)
      },
      update: async (target, object, options) => {
        tap('update', target)
        return api.update(target, object, options)
      },
      patch: async (target, patch, options) => {
        tap('patch', target)
        return api.patch(target, patch, options)
      },
      delete: async (target, options) => {
        tap('delete', target)
        return api.delete(target, options)
      },
    }
  }

  /** Objects as a test world has them, without what only a server sets; the status through its subresource. */
  async add<T extends KubeObject>(kind: KindRef<T>, object: T): Promise<T> {
    const { api } = this.server
    const { uid: _, resourceVersion: __, creationTimestamp: ___, deletionTimestamp: ____, ...metadata } = object.metadata
    const target = { kind, namespace: object.metadata.namespace }
    let made = await api.create<T>(target, { ...object, metadata } as unknown as NewObject<T>)
    const { status } = object as { readonly status?: object }
    if (status && Object.keys(status).length > 0) {
      made = await api.update<T>({ ...target, name: made.metadata.name, subresource: 'status' }, { ...made, status } as T)
    }
    await this.seen(kind, made)
    return made
  }

  async change<T extends KubeObject>(kind: KindRef<T>, object: T, change: (object: T) => object, subresource?: string): Promise<T> {
    const { namespace, name } = object.metadata
    const now = await this.server.api.get<T>({ kind, namespace, name })
    const made = await this.server.api.update<T>({ kind, namespace, name, subresource }, change(now) as T)
    await this.seen(kind, made)
    return made
  }

  /** Deletes at once, without grace. */
  async remove(kind: KindRef, { metadata: { namespace, name, uid } }: KubeObject): Promise<void> {
    await this.server.api.delete({ kind, namespace, name }, { gracePeriodSeconds: 0 })
    const key = namespace ? `${namespace}/${name}` : name
    while (this.#informer(kind)!.get(key)?.metadata.uid === uid) await new Promise(setImmediate)
  }

  async seen(kind: KindRef, { metadata }: KubeObject): Promise<void> {
    await this.#informer(kind)?.caughtUp(Number(metadata.resourceVersion), this.#stop.signal)
  }

  #informer({ resource }: KindRef): Informer<KubeObject> | undefined {
    const { sets, nodes, pods, revisions } = this.cluster
    const informers = { [DaemonSets.resource]: sets, [Nodes.resource]: nodes, [Pods.resource]: pods, [ControllerRevisions.resource]: revisions }
    return informers[resource] as unknown as Informer<KubeObject> | undefined
  }

  /** One pass over a set; throws what it throws. Its place in the queue is taken off first. */
  async pass(key = 'default/foo'): Promise<{ readonly after: number } | undefined> {
    this.queued.delete(key)
    const set = this.cluster.sets.get(key)
    if (!set) return undefined
    const recorder: EventRecorder = {
      event: (_, type, reason, message, more) => {
        this.events.push(`${type} ${reason} ${message}`)
        if (more) this.details.push(more)
      },
    }
    return pass({ api: this.#tapped(), clock: this.clock, recorder, cluster: this.cluster }, this.changes.stateOf(set), this.#stop.signal)
  }

  /** A pass that must do exactly so much: creations, deletions and events. */
  async does(expected: string, key?: string): Promise<void> {
    assert.equal(await this.counts(() => this.pass(key)), expected)
  }

  async counts(work: () => Promise<unknown>): Promise<string> {
    const [calls, events] = [this.calls.length, this.events.length]
    await work()
    const made = (verb: string) => this.calls.slice(calls).filter(call => call.verb === verb && call.what === 'pods').length
    const said = this.events.slice(events).filter(event => !/SuccessfulCreate|SuccessfulDelete/.test(event)).length
    return `${made('create')}/${made('delete')}/${said}`
  }

  asked(verb: Call['verb'], what: string): number {
    return this.calls.filter(call => call.verb === verb && call.what === what).length
  }

  async set(name = 'foo'): Promise<DaemonSet> {
    return this.server.api.get({ kind: DaemonSets, namespace: 'default', name })
  }
  async pods(): Promise<readonly string[]> {
    const { items } = await this.server.api.list({ kind: Pods, namespace: 'default' })
    return items.map(pod => `${targetNode(pod)}`).sort()
  }
}

/** A test with a rig of its own. */
export const withRig = (body: (rig: ControllerRig) => Promise<void>) => async (): Promise<void> => {
  const rig = await ControllerRig.start()
  try {
    await body(rig)
  } finally {
    await rig.close()
  }
}

export const refused = (error: unknown, ...reasons: readonly string[]): boolean => isStatus(error, ...reasons)
