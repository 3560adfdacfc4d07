import { type FieldError, forbiddenField, invalid, required } from '../../../meta/field-error.ts'
import { qualifiedName } from '../../../meta/names.ts'
import { NOT_NEGATIVE, report } from '../../../meta/object-meta.ts'
import { compareQuantities, isNegative, isQuantity, milliValue, nanoValue } from '../../../meta/quantity.ts'
import type { ResourceRequirements } from '../../../types/core/resources.ts'

const STANDARD: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])
const HUGE_PAGES = 'hugepages-'
const isHugePages = (name: string): boolean => name.startsWith(HUGE_PAGES)
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
/** Named `domain/name`, outside of the API's own domain, and not itself a quota's name. */
const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0
/** More may be promised of it than there is. */
const canOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name)

export function checkContainerResourceName(name: string, path: string, errors: FieldError[]): void {
  if (STANDARD.has(name)) return
  report(errors, path, name, qualifiedName(name))
  if (!name.includes('/')) {
    if (!isHugePages(name)) errors.push(invalid(path, name, 'must be a standard resource for containers'))
  } else if (!isNative(name) && !isExtended(name)) errors.push(invalid(path, name, "doesn't follow extended resource name standard"))
}

/** A quantity of a resource: not negative, and whole for resources that come in pieces. */
export function checkAmount(name: string, amount: string, path: string, errors: FieldError[]): void {
  if (!isQuantity(amount)) return
  if (isNegative(amount)) errors.push(invalid(path, amount, NOT_NEGATIVE))
  if ((isExtended(name) || name === 'pods') && milliValue(amount) % 1000 !== 0) errors.push(invalid(path, amount, 'must be an integer'))
  if (isHugePages(name) && !isPages(amount, name.slice(HUGE_PAGES.length))) {
    errors.push(invalid(path, amount, `${amount} is not positive integer multiple of ${name}`))
  }
}

function isPages(amount: string, size: string): boolean {
  if (!isQuantity(size)) return false
  const [all, one] = [nanoValue(amount), nanoValue(size)]
  return all > 0n && one > 0n && all % one === 0n
}

/** What a container asks for and may use; `claims` are the names of the pod's resource claims. */
export function checkResources(resources: ResourceRequirements | undefined, claims: ReadonlySet<string>, path: string, errors: FieldError[]): void {
  if (!resources) return
  const { limits, requests } = resources
  let huge = false
  let ordinary = false
  const look = (name: string) => {
    if (isHugePages(name)) huge = true
    else if (name === 'cpu' || name === 'memory') ordinary = true
  }
  for (const name in limits) {
    const at = `${path}.limits[${name}]`
    checkContainerResourceName(name, at, errors)
    checkAmount(name, limits[name] as string, at, errors)
    look(name)
  }
  for (const name in requests) {
    const at = `${path}.requests[${name}]`
    const request = requests[name] as string
    checkContainerResourceName(name, at, errors)
    checkAmount(name, request, at, errors)
    look(name)
    const limit = limits?.[name]
    if (limit === undefined) {
      if (!canOvercommit(name)) errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'))
    } else if (isQuantity(request) && isQuantity(limit)) {
      const order = compareQuantities(request, limit)
      if (order !== 0 && !canOvercommit(name)) errors.push(invalid(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`))
      else if (order > 0) errors.push(invalid(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`))
    }
  }
  if (huge && !ordinary) errors.push(forbiddenField(path, 'HugePages require cpu or memory'))
  resources.claims?.forEach((claim, i) => {
    if (!claim.name) errors.push(required(`${path}.claims[${i}].name`))
    else if (!claims.has(claim.name)) {
      errors.push({ type: 'FieldValueNotFound', field: `${path}.claims[${i}]`, message: `Not found: ${JSON.stringify(claim.name)}` })
    }
  })
}
