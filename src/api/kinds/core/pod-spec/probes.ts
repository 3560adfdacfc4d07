import { type FieldError, forbiddenField, invalid, required } from '../../../meta/field-error.ts'
import { headerName, portNumber } from '../../../meta/names.ts'
import { report } from '../../../meta/object-meta.ts'
import type { HTTPGetAction, LifecycleHandler, Probe } from '../../../types/core/probe.ts'
import { checkChoice } from '../../choice.ts'
import { checkNotNegative } from '../../int-or-percent.ts'
import { checkPortReference } from './ports.ts'

const SCHEMES = ['HTTP', 'HTTPS']

function checkHttpGet(action: HTTPGetAction, path: string, errors: FieldError[]): void {
  if (!action.path) errors.push(required(`${path}.path`))
  checkPortReference(action.port, `${path}.port`, errors)
  checkChoice(action.scheme, SCHEMES, `${path}.scheme`, errors)
  for (const header of action.httpHeaders ?? []) report(errors, `${path}.httpHeaders`, header.name, headerName(header.name))
}

type Handler = LifecycleHandler & Pick<Probe, 'grpc'>

/** One way of asking: the first counts, further ones are refused. `grace` bounds how long a hook may sleep. */
export function checkHandler(handler: Handler, grace: number, path: string, errors: FieldError[]): void {
  let handlers = 0
  const first = (type: string): boolean => {
    if (handlers++ === 0) return true
    errors.push(forbiddenField(`${path}.${type}`, 'may not specify more than 1 handler type'))
    return false
  }
  if (handler.exec && first('exec') && !handler.exec.command?.length) errors.push(required(`${path}.exec.command`))
  if (handler.httpGet && first('httpGet')) checkHttpGet(handler.httpGet, `${path}.httpGet`, errors)
  if (handler.tcpSocket && first('tcpSocket')) checkPortReference(handler.tcpSocket.port, `${path}.tcpSocket.port`, errors)
  if (handler.grpc && first('grpc')) report(errors, `${path}.grpc.port`, handler.grpc.port, portNumber(handler.grpc.port))
  if (handler.sleep && first('sleep') && (handler.sleep.seconds < 0 || handler.sleep.seconds > grace)) {
    errors.push(invalid(`${path}.sleep`, handler.sleep.seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`))
  }
  if (handlers === 0) errors.push(required(path, 'must specify a handler type'))
}

export type ProbeName = 'livenessProbe' | 'readinessProbe' | 'startupProbe'

export function checkProbe(probe: Probe | undefined, name: ProbeName, container: string, grace: number, errors: FieldError[]): void {
  if (!probe) return
  const path = `${container}.${name}`
  checkHandler(probe, grace, path, errors)
  checkNotNegative(probe.initialDelaySeconds, `${path}.initialDelaySeconds`, errors)
  checkNotNegative(probe.timeoutSeconds, `${path}.timeoutSeconds`, errors)
  checkNotNegative(probe.periodSeconds, `${path}.periodSeconds`, errors)
  checkNotNegative(probe.successThreshold, `${path}.successThreshold`, errors)
  checkNotNegative(probe.failureThreshold, `${path}.failureThreshold`, errors)
  if (probe.terminationGracePeriodSeconds != null && probe.terminationGracePeriodSeconds <= 0) {
    errors.push(invalid(`${path}.terminationGracePeriodSeconds`, probe.terminationGracePeriodSeconds, 'must be greater than 0'))
  }
  if (name === 'readinessProbe') {
    if (probe.terminationGracePeriodSeconds != null) {
      errors.push(invalid(`${path}.terminationGracePeriodSeconds`, probe.terminationGracePeriodSeconds, 'must not be set for readinessProbes'))
    }
  } else if ((probe.successThreshold ?? 1) !== 1) errors.push(invalid(`${path}.successThreshold`, probe.successThreshold, 'must be 1'))
}
