import type { FieldError } from '../../../meta/field-error.ts'
import type { Container } from '../../../types/core/container.ts'
import type { PodSpec } from '../../../types/core/pod.ts'
import { checkPlacement, checkPodSpec } from './pod-spec.ts'

type Members = Readonly<Record<string, unknown>>

/** Specs in which nothing was found, without their placement (affinity and `nodeName`); by the first container, which the pods of one template share. */
export class KnownSpecs {
  readonly #known = new WeakMap<Container, Members>()

  /** Whether a spec has all but its placement in common with a known one: the same frozen parts, which are as they were. */
  has(spec: PodSpec): boolean {
    const first = spec.containers?.[0]
    const before = first && this.#known.get(first)
    return before !== undefined && isLike(before, spec as unknown as Members)
  }

  add(spec: PodSpec): void {
    const first = spec.containers?.[0]
    const members = first && Object.isFrozen(first) ? sharedMembers(spec as unknown as Members) : undefined
    if (members) this.#known.set(first!, members)
  }
}

const right = new KnownSpecs()

/** As `checkPodSpec`, of a pod. Of a pod that is like one in which nothing was wrong only its placement is looked at. */
export function checkSpecOfPod(spec: PodSpec, path: string, errors: FieldError[]): void {
  if (right.has(spec)) {
    checkPlacement(spec, path, errors)
    return
  }
  const found = errors.length
  checkPodSpec(spec, true, path, errors)
  if (errors.length === found) right.add(spec)
}

const isPlacement = (name: string): boolean => name === 'affinity' || name === 'nodeName'
/** Stands for all that hold nothing, frozen or not. */
const EMPTY = Object.freeze({})

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  for (const _ in value) return false
  return true
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Copies of what may be in common with other pods; undefined when some of it may change. */
function sharedMembers(spec: Members): Members | undefined {
  const members: Record<string, unknown> = {}
  for (const name in spec) {
    const value = spec[name]
    if (isPlacement(name) || value === undefined) continue
    if (Array.isArray(value)) {
      if (!value.every(item => !isObject(item) || Object.isFrozen(item))) return undefined
      members[name] = value.slice()
    } else if (isEmpty(value)) members[name] = EMPTY
    else {
      if (isObject(value) && !Object.isFrozen(value)) return undefined
      members[name] = value
    }
  }
  return members
}

function isLike(before: Members, spec: Members): boolean {
  let count = 0
  for (const name in spec) {
    const value = spec[name]
    if (isPlacement(name) || value === undefined) continue
    count++
    const other = Object.hasOwn(before, name) ? before[name] : undefined
    if (value === other || (other === EMPTY && isEmpty(value))) continue
    if (!Array.isArray(value) || !Array.isArray(other) || value.length !== other.length) return false
    for (let i = 0; i < value.length; i++) if (value[i] !== other[i]) return false
  }
  for (const _ in before) count--
  return count === 0
}
