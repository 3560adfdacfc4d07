import { formatLabels } from '../../meta/labels.ts'
import { labelName } from '../../meta/object-meta.ts'
import { Service } from '../../types/core/service.ts'
import { AGE, listed, NAME, NONE, text, wide } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { validateServiceStatus } from './load-balancer-rules.ts'
import { defaultService, prepareServiceForCreate, prepareServiceForUpdate } from './service-prepare.ts'
import { validateService, validateServiceUpdate } from './service-rules.ts'
import { serviceWarnings } from './service-warnings.ts'

const ingressCell = (service: Service): string => {
  const found = (service.status.loadBalancer?.ingress ?? []).map(i => i.ip || i.hostname || '').filter(Boolean)
  return [...new Set(found)].sort().join(',')
}

function externalCell(service: Service): string {
  const ips = service.spec.externalIPs ?? []
  if (service.spec.type === 'ExternalName') return service.spec.externalName ?? ''
  if (service.spec.type !== 'LoadBalancer') return listed(ips)
  const ingress = ingressCell(service)
  if (ips.length > 0) return [ingress, ...ips].filter(Boolean).join(',')
  return ingress || '<pending>'
}

const portsCell = (service: Service): string =>
  listed((service.spec.ports ?? []).map(p => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? 'TCP'}`))

export const Services: Kind<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  resource: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  schema: Service,
  subresources: { status: true },
  selectableFields: { 'spec.clusterIP': service => service.spec.clusterIP ?? '', 'spec.type': service => service.spec.type ?? '' },
  createOnUpdate: true,
  defaults: defaultService,
  prepareForCreate: prepareServiceForCreate,
  prepareForUpdate: prepareServiceForUpdate,
  validateName: labelName,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatus,
  warnings: serviceWarnings,
  columns: [
    NAME,
    text('Type', 'How the service is reached.', service => service.spec.type ?? ''),
    text('Cluster-IP', 'Address inside the cluster; None for a headless service.', service => service.spec.clusterIPs?.[0] || service.spec.clusterIP || NONE),
    text('External-IP', 'Addresses outside of the cluster.', externalCell),
    text('Port(s)', 'Ports of the service and of the nodes for it.', portsCell),
    AGE,
    wide('Selector', 'Labels of the pods behind the service.', service => formatLabels(service.spec.selector)),
  ],
}
