import { decodeProtobuf, encodeProtobuf } from '../../../api/protobuf/codec.ts'
import { bytes, list, message, opt, string } from '../../../api/schema/build.ts'
import type { Channel } from './channel.ts'

const SubscribeRequest = message('containerd.services.events.v1.SubscribeRequest', { filters: opt(1, list(string)) })
const Envelope = message('containerd.services.events.v1.Envelope', { namespace: opt(2, string), topic: opt(3, string), event: opt(4, bytes) })

/** Filters in containerd's syntax: the ends of processes in the namespace that CRI uses. */
const FILTERS = ['namespace==k8s.io,topic=="/tasks/exit"', 'namespace==k8s.io,topic=="/tasks/oom"']

/**
 * Hints that something ended. CRI of this age has no events of its own, so this asks containerd; another engine answers that it
 * does not know the call, and relisting has to do.
 */
export async function* engineEvents(channel: Channel, signal: AbortSignal): AsyncIterable<string> {
  const request = encodeProtobuf(SubscribeRequest, { filters: FILTERS })
  for await (const raw of channel.stream('/containerd.services.events.v1.Events/Subscribe', request, signal)) {
    decodeProtobuf(Envelope, raw)
    yield ''
  }
}
