import type { Clock } from '../../base/clock.ts'
import type { StreamRoute } from '../http/routes.ts'
import type { Authorizer } from '../registry/authorizer.ts'
import type { RequestHandler } from '../registry/request.ts'
import type { NodeLink } from './node-link.ts'

export interface PodStreamsOptions {
  readonly handler: RequestHandler
  readonly authorizer: Authorizer
  readonly links: NodeLink
  readonly clock: Clock
}

/** The subresources of pods that lead to their nodes, by `GROUP/RESOURCE/SUBRESOURCE`. What serves them is loaded with the first one. */
export function podStreams(options: PodStreamsOptions): Readonly<Record<string, StreamRoute>> {
  const loaded = () => import('./serve-pod-streams.ts')
  return {
    '/pods/log': { serve: async (call, exchange) => (await loaded()).serveLog(options, call, exchange) },
    '/pods/exec': { upgrade: async (call, upgrade) => (await loaded()).serveCommand(options, call, upgrade, true) },
    '/pods/attach': { upgrade: async (call, upgrade) => (await loaded()).serveCommand(options, call, upgrade, false) },
    '/pods/portforward': { upgrade: async (call, upgrade) => (await loaded()).servePorts(options, call, upgrade) },
  }
}
