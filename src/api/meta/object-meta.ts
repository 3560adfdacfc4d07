import type { ObjectMeta } from '../types/meta.ts'
import { type FieldError, forbiddenField, invalid, required, tooLong } from './field-error.ts'
import type { Labels } from './labels.ts'
import { dnsLabel, dnsSubdomain, FINE, labelValue, type Problems, qualifiedName } from './names.ts'

/** Annotations of one object together: keys and values, in bytes. */
const MAX_ANNOTATIONS = 256 * 1024
const IMMUTABLE = 'field is immutable'
export const NOT_NEGATIVE = 'must be greater than or equal to 0'

export type NameRule = (name: string, prefix: boolean) => Problems

/** The usual rule: a DNS subdomain; a `generateName` prefix may end with dashes or dots that the suffix makes right. */
export const subdomainName: NameRule = (name, prefix) => dnsSubdomain(prefix ? unfinished(name) : name)
export const labelName: NameRule = (name, prefix) => dnsLabel(prefix ? unfinished(name) : name)
const unfinished = (prefix: string): string => (prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix)

/** Adds an error for each problem. */
export function report(errors: FieldError[], field: string, value: unknown, problems: Problems): void {
  for (const problem of problems) errors.push(invalid(field, value, problem))
}

export function checkLabels(labels: Labels | undefined, path: string, errors: FieldError[]): void {
  if (!labels) return
  for (const key in labels) {
    const value = labels[key] as string
    report(errors, path, key, qualifiedName(key))
    report(errors, path, value, labelValue(value))
  }
}

const utf8Length = (text: string): number => {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c > 0x7f) bytes += c > 0x7ff && (c < 0xd800 || c > 0xdfff) ? 2 : 1
  }
  return bytes
}

export function checkAnnotations(annotations: Labels | undefined, path: string, errors: FieldError[]): void {
  if (!annotations) return
  let units = 0
  for (const key in annotations) {
    report(errors, path, key, qualifiedName(key.toLowerCase()))
    units += key.length + (annotations[key] as string).length
  }
  // A UTF-16 unit is at most three bytes: only a large sum needs an exact count.
  if (units * 3 <= MAX_ANNOTATIONS) return
  let bytes = 0
  for (const key in annotations) bytes += utf8Length(key) + utf8Length(annotations[key] as string)
  if (bytes > MAX_ANNOTATIONS) errors.push(tooLong(path, MAX_ANNOTATIONS))
}

const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion', 'customresourcecleanup.apiextensions.k8s.io'])

/** A finalizer's name: qualified, and with a prefix unless it is one of the API's own. */
export function finalizerName(name: string): Problems {
  const problems = qualifiedName(name)
  if (problems.length > 0) return problems
  return isQualified(name) ? FINE : [NOT_QUALIFIED]
}

const NOT_QUALIFIED = 'name is neither a standard finalizer name nor is it fully qualified'
export const isQualified = (name: string): boolean => name.includes('/') || STANDARD_FINALIZERS.has(name)

function checkFinalizers(finalizers: readonly string[] | undefined, any: boolean, path: string, errors: FieldError[]): void {
  if (!finalizers || finalizers.length === 0) return
  for (let i = 0; i < finalizers.length; i++) {
    const name = finalizers[i] as string
    report(errors, path, name, qualifiedName(name))
    if (!any && !isQualified(name)) errors.push(invalid(`${path}[${i}]`, name, NOT_QUALIFIED))
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
}

/** The version in `group/version` or `version`; nothing when it is neither. */
function versionOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return apiVersion.includes('/', slash + 1) && slash >= 0 ? '' : apiVersion.slice(slash + 1)
}

const MOST_TOLD = 10

function checkOwners(owners: ObjectMeta['ownerReferences'], path: string, errors: FieldError[]): void {
  if (!owners) return
  let controller: string | undefined
  let tooMany = 0
  for (const owner of owners) {
    if (!versionOf(owner.apiVersion)) errors.push(invalid(`${path}.apiVersion`, owner.apiVersion, 'version must not be empty'))
    if (!owner.kind) errors.push(invalid(`${path}.kind`, owner.kind, 'must not be empty'))
    if (!owner.name) errors.push(invalid(`${path}.name`, owner.name, 'must not be empty'))
    if (!owner.uid) errors.push(invalid(`${path}.uid`, owner.uid, 'must not be empty'))
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      errors.push(invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner'))
    }
    if (owner.controller !== true) continue
    const name = `${owner.kind}/${owner.name}`
    if (controller !== undefined) {
      errors.push(invalid(path, owners, `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`))
      // Each tells of all owners: who has a few too many need not be told more.
      if (++tooMany >= MOST_TOLD) return
    }
    controller ??= name
  }
}

export interface MetaRules {
  readonly namespaced: boolean
  /** The rule for names; a DNS subdomain when absent. */
  readonly name?: NameRule | undefined
  /** Finalizers may be called anything that is a qualified name. */
  readonly anyFinalizer?: boolean | undefined
}

/** What every object's metadata must keep to. */
export function checkMeta(meta: ObjectMeta, rules: MetaRules, errors: FieldError[]): void {
  const name = rules.name ?? subdomainName
  if (meta.generateName) report(errors, 'metadata.generateName', meta.generateName, name(meta.generateName, true))
  if (!meta.name) errors.push(required('metadata.name', 'name or generateName is required'))
  else report(errors, 'metadata.name', meta.name, name(meta.name, false))
  if (!rules.namespaced) {
    if (meta.namespace) errors.push(forbiddenField('metadata.namespace', 'not allowed on this type'))
  } else if (!meta.namespace) errors.push(required('metadata.namespace'))
  else report(errors, 'metadata.namespace', meta.namespace, dnsLabel(meta.namespace))
  if ((meta.generation ?? 0) < 0) errors.push(invalid('metadata.generation', meta.generation, NOT_NEGATIVE))
  checkLabels(meta.labels, 'metadata.labels', errors)
  checkAnnotations(meta.annotations, 'metadata.annotations', errors)
  checkOwners(meta.ownerReferences, 'metadata.ownerReferences', errors)
  checkFinalizers(meta.finalizers, rules.anyFinalizer === true, 'metadata.finalizers', errors)
}

const KEPT = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const

/** What an update may not do to metadata; `checkMeta` holds too. */
export function checkMetaUpdate(meta: ObjectMeta, old: ObjectMeta, errors: FieldError[]): void {
  if (old.deletionTimestamp) {
    const before = new Set(old.finalizers)
    const added = (meta.finalizers ?? []).filter(f => !before.has(f))
    if (added.length > 0) {
      const names = added.map(f => JSON.stringify(f)).join(', ')
      errors.push(
        forbiddenField('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers []string{${names}}`),
      )
    }
  }
  if (!meta.resourceVersion) errors.push(invalid('metadata.resourceVersion', meta.resourceVersion ?? '', 'must be specified for an update'))
  if ((meta.generation ?? 0) < (old.generation ?? 0)) errors.push(invalid('metadata.generation', meta.generation ?? 0, 'must not be decremented'))
  for (const field of KEPT) {
    if ((meta[field] ?? '') !== (old[field] ?? '')) errors.push(invalid(`metadata.${field}`, meta[field] ?? null, IMMUTABLE))
  }
}

export function validateMeta(meta: ObjectMeta, rules: MetaRules): readonly FieldError[] {
  const errors: FieldError[] = []
  checkMeta(meta, rules, errors)
  return errors
}

export function validateMetaUpdate(meta: ObjectMeta, old: ObjectMeta): readonly FieldError[] {
  const errors: FieldError[] = []
  checkMetaUpdate(meta, old, errors)
  return errors
}
