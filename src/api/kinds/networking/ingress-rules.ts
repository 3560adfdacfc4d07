import { type FieldError, forbiddenField, invalid, required } from '../../meta/field-error.ts'
import { isIP } from '../../meta/ip.ts'
import { dnsLabel, dnsSubdomain, pathSegment, portName, portNumber, wildcardSubdomain } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { HTTPIngressPath, Ingress, IngressBackend, IngressClass } from '../../types/networking/ingress.ts'
import { withoutZeros } from '../addresses.ts'
import { checkChoice, checkOptionalChoice } from '../choice.ts'

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']

interface Named {
  readonly apiGroup?: string | undefined
  readonly kind: string
  readonly name: string
}

/** An object of any kind, named. */
function checkObject(object: Named, path: string, errors: FieldError[]): void {
  if (object.apiGroup != null) report(errors, `${path}.apiGroup`, object.apiGroup, dnsSubdomain(object.apiGroup))
  for (const field of ['kind', 'name'] as const) {
    if (!object[field]) errors.push(required(`${path}.${field}`))
    else report(errors, `${path}.${field}`, object[field], pathSegment(object[field]))
  }
}

function checkBackend(backend: IngressBackend, path: string, errors: FieldError[]): void {
  const { service, resource } = backend
  if (service && resource) errors.push(invalid(path, '', 'cannot set both resource and service backends'))
  else if (!service && !resource) errors.push(invalid(path, '', 'resource or service backend is required'))
  else if (resource) checkObject(resource, `${path}.resource`, errors)
  if (!service || resource) return
  if (!service.name) errors.push(required(`${path}.service.name`))
  else report(errors, `${path}.service.name`, service.name, dnsLabel(service.name))
  const { name, number } = service.port ?? {}
  if (name && number) errors.push(invalid(`${path}.service.port`, '', 'cannot set both port name & port number'))
  else if (!name && !number) errors.push(required(`${path}.service.port`, 'port name or number is required'))
  else if (name) report(errors, `${path}.service.port.name`, name, portName(name))
  else report(errors, `${path}.service.port.number`, number, portNumber(number ?? 0))
}

function checkPath(rule: HTTPIngressPath, path: string, errors: FieldError[]): void {
  if (!rule.pathType) errors.push(required(`${path}.pathType`, 'pathType must be specified'))
  else checkChoice(rule.pathType, PATH_TYPES, `${path}.pathType`, errors)
  const exact = rule.pathType !== 'ImplementationSpecific'
  const value = rule.path ?? ''
  if ((exact || value !== '') && !value.startsWith('/')) errors.push(invalid(`${path}.path`, value, 'must be an absolute path'))
  else if (exact) {
    for (const part of ['//', '/./', '/../', '%2f', '%2F']) {
      if (value.includes(part)) errors.push(invalid(`${path}.path`, value, `must not contain '${part}'`))
    }
    for (const end of ['/..', '/.']) if (value.endsWith(end)) errors.push(invalid(`${path}.path`, value, `cannot end with '${end}'`))
  }
  checkBackend(rule.backend, `${path}.backend`, errors)
}

function checkHost(host: string, path: string, errors: FieldError[]): void {
  if (isIP(withoutZeros(host))) errors.push(invalid(path, host, 'must be a DNS name, not an IP address'))
  else report(errors, path, host, host.includes('*') ? wildcardSubdomain(host) : dnsSubdomain(host))
}

export function validateIngress({ spec }: Ingress): readonly FieldError[] {
  const errors: FieldError[] = []
  const rules = spec.rules ?? []
  if (rules.length === 0 && !spec.defaultBackend) {
    errors.push(invalid('spec', rules, 'either `defaultBackend` or `rules` must be specified'))
  }
  if (spec.defaultBackend) checkBackend(spec.defaultBackend, 'spec.defaultBackend', errors)
  rules.forEach(({ host, http }, i) => {
    const path = `spec.rules[${i}]`
    if (host) checkHost(host, `${path}.host`, errors)
    if (!http) return
    if (http.paths.length === 0) errors.push(required(`${path}.http.paths`))
    http.paths.forEach((rule, j) => {
      checkPath(rule, `${path}.http.paths[${j}]`, errors)
    })
  })
  spec.tls?.forEach(({ hosts = [], secretName }, i) => {
    hosts.forEach((host, j) => {
      report(errors, `spec.tls[${i}].hosts[${j}]`, host, host.includes('*') ? wildcardSubdomain(host) : dnsSubdomain(host))
    })
    if (secretName) report(errors, `spec.tls[${i}].secretName`, secretName, dnsSubdomain(secretName))
  })
  if (spec.ingressClassName != null) report(errors, 'spec.ingressClassName', spec.ingressClassName, dnsSubdomain(spec.ingressClassName))
  return errors
}

export function validateIngressClass({ spec }: IngressClass): readonly FieldError[] {
  const errors: FieldError[] = []
  const controller = spec.controller ?? ''
  if (!controller) errors.push(required('spec.controller'))
  else if (!/^[^/]+\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(controller)) {
    errors.push(invalid('spec.controller', controller, 'must be a domain-prefixed path (such as "acme.io/foo")'))
  } else report(errors, 'spec.controller', controller, dnsSubdomain(controller.slice(0, controller.indexOf('/'))))
  const { parameters } = spec
  if (!parameters) return errors
  checkObject(parameters, 'spec.parameters', errors)
  checkOptionalChoice(parameters.scope, ['Cluster', 'Namespace'], 'spec.parameters.scope', errors)
  const { scope, namespace } = parameters
  if (scope === 'Namespace') {
    if (namespace == null) errors.push(required('spec.parameters.namespace', "`parameters.scope` is set to 'Namespace'"))
    else report(errors, 'spec.parameters.namespace', namespace, dnsLabel(namespace))
  } else if (scope === 'Cluster' && namespace != null) {
    errors.push(forbiddenField('spec.parameters.namespace', "`parameters.scope` is set to 'Cluster'"))
  }
  return errors
}

export const validateIngressClassUpdate = (now: IngressClass, old: IngressClass): readonly FieldError[] =>
  semanticEqual(now.spec.controller, old.spec.controller) ? [] : [invalid('spec.controller', now.spec.controller ?? '', 'field is immutable')]
