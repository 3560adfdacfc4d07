import { type FieldError, forbiddenField, invalid, required } from '../../meta/field-error.ts'
import { dnsLabel, pathSegment } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import { isQuantity, nanoValue } from '../../meta/quantity.ts'
import type { MetricSpec, MetricTarget } from '../../types/autoscaling-v2.ts'
import { checkChoice } from '../choice.ts'
import { checkContainerResourceName } from '../core/pod-spec/resources.ts'

const SOURCES: Readonly<Record<string, keyof MetricSpec>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
}
const TARGETS = ['Utilization', 'Value', 'AverageValue']

/** One measure of an autoscaler: it has the source that its type says and no other. */
export function checkMetric(metric: MetricSpec, path: string, errors: FieldError[]): void {
  checkChoice(metric.type, Object.keys(SOURCES), `${path}.type`, errors)
  const source = Object.hasOwn(SOURCES, metric.type) ? SOURCES[metric.type] : undefined
  if (source && !metric[source]) errors.push(required(`${path}.${source}`, 'must populate information for the given metric source'))
  const present = Object.values(SOURCES).filter(other => metric[other])
  for (const other of present) if (other !== source) errors.push(forbiddenField(`${path}.${other}`, 'must populate the given metric source only'))
  if (present.length === 1) checkSource(metric, path, errors)
}

function checkSource({ resource, containerResource, pods, object, external }: MetricSpec, path: string, errors: FieldError[]): void {
  if (resource) {
    if (!resource.name) errors.push(required(`${path}.resource.name`, 'must specify a resource name'))
    checkTarget(resource.target, `${path}.resource.target`, errors)
    checkResourceTarget(resource.target, `${path}.resource.target`, errors)
  }
  if (containerResource) {
    const at = `${path}.containerResource`
    if (!containerResource.name) errors.push(required(`${at}.name`, 'must specify a resource name'))
    else checkContainerResourceName(containerResource.name, `${at}.name`, errors)
    if (!containerResource.container) errors.push(required(`${at}.container`, 'must specify a container'))
    else report(errors, `${at}.container`, containerResource.container, dnsLabel(containerResource.container))
    checkTarget(containerResource.target, `${at}.target`, errors)
    checkResourceTarget(containerResource.target, `${at}.target`, errors)
  }
  if (pods) {
    checkMeasure(pods.metric?.name, `${path}.pods.metric`, errors)
    checkTarget(pods.target, `${path}.pods.target`, errors)
    if (!isPositive(pods.target?.averageValue)) errors.push(required(`${path}.pods.target.averageValue`, 'must specify a positive target averageValue'))
  }
  if (object) {
    checkReference(object.describedObject, false, `${path}.object.describedObject`, errors)
    checkMeasure(object.metric?.name, `${path}.object.metric`, errors)
    checkTarget(object.target, `${path}.object.target`, errors)
    if (object.target?.value === undefined && object.target?.averageValue === undefined) {
      errors.push(required(`${path}.object.target.averageValue`, 'must set either a target value or averageValue'))
    }
  }
  if (external) {
    const at = `${path}.external.target`
    checkMeasure(external.metric?.name, `${path}.external.metric`, errors)
    checkTarget(external.target, at, errors)
    const { value, averageValue } = external.target ?? {}
    if (value === undefined && averageValue === undefined) {
      errors.push(required(`${at}.averageValue`, 'must set either a target value for metric or a per-pod target'))
    } else if (value !== undefined && averageValue !== undefined) {
      errors.push(forbiddenField(`${at}.value`, 'may not set both a target value for metric and a per-pod target'))
    }
  }
}

function checkMeasure(name: string | undefined, path: string, errors: FieldError[]): void {
  if (!name) errors.push(required(`${path}.name`, 'must specify a metric name'))
  else report(errors, `${path}.name`, name, pathSegment(name))
}

interface Reference {
  readonly kind: string
  readonly name: string
  readonly apiVersion?: string | undefined
}

/** A reference to an object of any kind; `grouped`: its version must name the group. */
export function checkReference(reference: Reference | undefined, grouped: boolean, path: string, errors: FieldError[]): void {
  for (const field of ['kind', 'name'] as const) {
    const value = reference?.[field]
    if (!value) errors.push(required(`${path}.${field}`))
    else report(errors, `${path}.${field}`, value, pathSegment(value))
  }
  const apiVersion = reference?.apiVersion ?? ''
  const parts = apiVersion.split('/')
  if (parts.length > 2) errors.push(invalid(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  else if (grouped && !hasGroup(apiVersion)) errors.push(invalid(`${path}.apiVersion`, apiVersion, 'apiVersion must specify API group'))
}

/** Whether a version is `group/version`. */
export const hasGroup = (apiVersion: string | undefined): boolean => (apiVersion ?? '').indexOf('/') > 0

const isPositive = (amount: string | undefined): boolean => amount !== undefined && isQuantity(amount) && nanoValue(amount) > 0n

function checkTarget(target: MetricTarget | undefined, path: string, errors: FieldError[]): void {
  const { type, averageUtilization, averageValue, value } = target ?? {}
  if (!type) errors.push(required(`${path}.type`, 'must specify a metric target type'))
  else if (!TARGETS.includes(type)) errors.push(invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  if (averageUtilization != null && averageUtilization < 1) errors.push(invalid(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0'))
  if (value !== undefined && !isPositive(value)) errors.push(invalid(`${path}.value`, value, 'must be positive'))
  if (averageValue !== undefined && !isPositive(averageValue)) errors.push(invalid(`${path}.averageValue`, averageValue, 'must be positive'))
}

function checkResourceTarget(target: MetricTarget | undefined, path: string, errors: FieldError[]): void {
  const { averageUtilization, averageValue } = target ?? {}
  if (averageUtilization == null && averageValue === undefined) {
    errors.push(required(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization'))
  } else if (averageUtilization != null && averageValue !== undefined) {
    errors.push(forbiddenField(`${path}.averageValue`, 'may not set both a target raw value and a target utilization'))
  }
}
