import { Ingress, IngressClass } from '../../types/networking/ingress.ts'
import { AGE, NAME, NONE, text } from '../columns.ts'
import { validateBalancers } from '../core/load-balancer-rules.ts'
import type { Kind } from '../kind.ts'
import { keepStatus } from '../status.ts'
import { validateIngress, validateIngressClass, validateIngressClassUpdate } from './ingress-rules.ts'

function hostsCell(ingress: Ingress): string {
  const hosts = [...new Set((ingress.spec.rules ?? []).map(r => r.host).filter(Boolean))]
  if (hosts.length === 0) return '*'
  return hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',')
}

function parametersCell({ spec }: IngressClass): string {
  const parameters = spec.parameters
  return parameters ? `${parameters.kind}${parameters.apiGroup ? `.${parameters.apiGroup}` : ''}/${parameters.name}` : NONE
}

const CLASS = 'kubernetes.io/ingress.class'
const USE_CLASS_NAME = `annotation "${CLASS}" is deprecated, please use 'spec.ingressClassName' instead`

export const Ingresses: Kind<Ingress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  resource: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  namespaced: true,
  schema: Ingress,
  subresources: { status: true },
  notEnforced: true,
  prepareForCreate(draft) {
    draft.status = { loadBalancer: {} }
  },
  prepareForUpdate: keepStatus,
  validate: validateIngress,
  validateStatusUpdate: ({ status }, old) => validateBalancers(status.loadBalancer?.ingress, old.status.loadBalancer?.ingress),
  warnings: ({ metadata, spec }, old) => (!old && metadata.annotations?.[CLASS] !== undefined && spec.ingressClassName === undefined ? [USE_CLASS_NAME] : []),
  columns: [
    NAME,
    text('Class', 'Class of the ingress.', ingress => ingress.spec.ingressClassName ?? ingress.metadata.annotations?.['kubernetes.io/ingress.class'] ?? NONE),
    text('Hosts', 'Host names it answers to.', hostsCell),
    text('Address', 'Where it is reached.', ingress =>
      [...new Set((ingress.status.loadBalancer?.ingress ?? []).map(i => i.ip || i.hostname || ''))].filter(Boolean).sort().join(','),
    ),
    text('Ports', 'Ports it listens on.', ingress => ((ingress.spec.tls ?? []).length > 0 ? '80, 443' : '80')),
    AGE,
  ],
}

export const IngressClasses: Kind<IngressClass> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  resource: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  schema: IngressClass,
  notEnforced: true,
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
  columns: [
    NAME,
    text('Controller', 'Who serves the class.', ingressClass => ingressClass.spec.controller ?? ''),
    text('Parameters', 'What configures it.', parametersCell),
    AGE,
  ],
}
