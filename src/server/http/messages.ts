import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { Message } from '../../api/schema/build.ts'
import { TokenRequest } from '../../api/types/authentication.ts'
import { Scale } from '../../api/types/autoscaling.ts'
import { Binding } from '../../api/types/core/binding.ts'
import { DeleteOptions } from '../../api/types/meta.ts'
import { Eviction } from '../../api/types/policy.ts'
import type { Served } from '../registry/request.ts'

/** What bodies may be besides the objects of the kinds served: what subresources take. */
const OTHERS: Readonly<Record<string, Message>> = {
  'authentication.k8s.io/v1 TokenRequest': TokenRequest,
  'autoscaling/v1 Scale': Scale,
  'v1 Binding': Binding,
  'policy/v1 Eviction': Eviction,
  'policy/v1beta1 Eviction': Eviction,
}

/** The message of a body that says it is of this kind; undefined when no such body can come here. */
export function messageOfBody(served: Served | undefined, apiVersion: string, kind: string): Message | undefined {
  if (kind === 'DeleteOptions') return DeleteOptions
  if (served && kind === served.at.kind && apiVersion === apiVersionOf(served.at)) return served.version?.schema ?? served.kind.schema
  const name = `${apiVersion} ${kind}`
  return Object.hasOwn(OTHERS, name) ? OTHERS[name] : undefined
}
