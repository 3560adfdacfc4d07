import type { EventDetails, EventRecorder } from '../api/access.ts'
import type { KindRef } from '../api/kinds/kind.ts'
import type { KubeObject, NewObject } from '../api/meta/object.ts'
import { isStatus } from '../api/meta/status.ts'
import { timeOf } from '../api/meta/time.ts'
import type { Reports } from '../api/reports.ts'
import type { Event } from '../api/types/core/event.ts'
import type { ObjectReference } from '../api/types/core/reference.ts'
import type { Clock } from '../base/clock.ts'
import { KeyQueue } from '../base/key-queue.ts'
import type { Log } from '../base/log.ts'

const Events: KindRef<Event> = { group: '', version: 'v1', kind: 'Event', resource: 'events', namespaced: true }

/** Distinct events remembered, so that a repetition becomes a count; upstream's correlator keeps as many. */
const REMEMBERED = 4096
/** Events waiting to be written; beyond that new ones are dropped. */
const WAITING = 8192
/** An object, or a part of it, may say this much at once, then one more every five minutes (upstream's spam filter). */
const BURST = 25
const REFILL_MS = 300_000
const WRITERS = 16
const TRIES = 3
/** Names within one millisecond. */
const COUNTED = 1_000_000

interface Remembered {
  readonly key: string
  readonly about: ObjectReference
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  readonly first: string
  readonly annotations: EventDetails['annotations']
  last: string
  count: number
  /** Set once it is written. */
  name: string | undefined
  tries: number
}

export interface RecorderOptions {
  readonly api: Pick<Reports, 'create' | 'patch'>
  readonly clock: Clock
  readonly log: Log
  /** `daemonset-controller`, `kubelet`, … */
  readonly component: string
  readonly host?: string
  /** A number in [0, 1): where this recorder begins to count, so that the events of two are not named alike. */
  readonly random?: () => number
}

/** Writes events in the background until the signal aborts; repetitions raise the count of the event already there. */
export function startRecorder(options: RecorderOptions, signal: AbortSignal): EventRecorder & { readonly done: Promise<void> } {
  const { api, clock, log, component, host, random = Math.random } = options
  const seconds = () => timeOf(clock.now())
  const remembered = new Map<string, Remembered>()
  const spoken = new Map<string, { tokens: number; at: number }>()
  let unique = Math.floor(random() * COUNTED)

  const queue = new KeyQueue<string>({
    clock,
    backoff: failures => 1000 * failures,
    onError: (key, error) => log.debug('could not write an event', { key, error }),
  })
  const done = queue.run(key => write(key), { workers: WRITERS, signal })

  /** Nanoseconds since 1970 in hexadecimal, as upstream names events; the digits below a millisecond are a count. */
  const nextName = (): string => {
    unique = (unique + 1) % COUNTED
    return (BigInt(clock.now()) * BigInt(COUNTED) + BigInt(unique)).toString(16)
  }

  async function write(key: string): Promise<void> {
    const event = remembered.get(key)
    if (!event) return
    const namespace = event.about.namespace || 'default'
    try {
      if (event.name === undefined) {
        const name = `${event.about.name}.${nextName()}`
        await api.create({ kind: Events, namespace }, body(event, namespace, name))
        event.name = name
      } else {
        const patch = { count: event.count, lastTimestamp: event.last }
        await api.patch({ kind: Events, namespace, name: event.name }, { type: 'merge', body: patch })
      }
      event.tries = 0
    } catch (error) {
      if (isStatus(error, 'NotFound') && event.name !== undefined) event.name = undefined
      else if (isStatus(error) && error.code < 500 && error.code !== 429 && error.reason !== 'AlreadyExists') {
        remembered.delete(key)
        log.debug('an event was refused', { key, reason: error.reason, message: error.message })
        return
      }
      if (++event.tries >= TRIES) {
        remembered.delete(key)
        return
      }
      throw error
    }
  }

  const body = (event: Remembered, namespace: string, name: string): NewObject<Event> => ({
    metadata: { name, namespace, ...(event.annotations && { annotations: event.annotations }) },
    involvedObject: event.about,
    type: event.type,
    reason: event.reason,
    message: event.message,
    source: { component, ...(host && { host }) },
    reportingComponent: component,
    reportingInstance: host ?? '',
    firstTimestamp: event.first,
    lastTimestamp: event.last,
    count: event.count,
  })

  /** Whether the object has used up what it may say. */
  function silenced(about: ObjectReference, part = ''): boolean {
    const key = `${about.kind}/${about.namespace}/${about.name}/${about.uid}/${part}`
    const now = clock.now()
    const state = spoken.get(key) ?? { tokens: BURST, at: now }
    const refilled = Math.floor((now - state.at) / REFILL_MS)
    const tokens = Math.min(BURST, state.tokens + refilled)
    spoken.delete(key)
    spoken.set(key, { tokens: Math.max(0, tokens - 1), at: refilled ? now : state.at })
    if (spoken.size > REMEMBERED) spoken.delete(spoken.keys().next().value!)
    return tokens <= 0
  }

  return {
    done,
    event(object, type, reason, message, { annotations, part } = {}) {
      if (signal.aborted) return
      const about = referenceTo(object)
      if (silenced(about, part)) return
      const key = [about.kind, about.namespace, about.name, about.uid, about.fieldPath, type, reason, message].join('\0')
      const known = remembered.get(key)
      if (known) {
        known.count++
        known.last = seconds()
        remembered.delete(key)
        remembered.set(key, known)
      } else {
        if (queue.size >= WAITING) {
          log.debug('events are dropped', { component })
          return
        }
        const now = seconds()
        remembered.set(key, { key, about, type, reason, message, first: now, annotations, last: now, count: 1, name: undefined, tries: 0 })
        if (remembered.size > REMEMBERED + queue.size) remembered.delete(remembered.keys().next().value!)
      }
      queue.add(key)
    },
  }
}

/** How an event names an object. */
export function referenceTo(object: ObjectReference | KubeObject): ObjectReference {
  if (!('metadata' in object)) return object
  const { apiVersion, kind, metadata } = object
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    ...(metadata.namespace && { namespace: metadata.namespace }),
  }
}
