import type { FieldError } from '../../../meta/field-error.ts'
import type { Container } from '../../../types/core/container.ts'
import type { PodSpec } from '../../../types/core/pod.ts'
import { checkPlacement, checkPodSpec } from './pod-spec.ts'

type Members = Readonly<Record<string, unknown>>

/** A spec in which nothing was wrong, without its placement; by its first container, which the pods of one template share. */
const known = new WeakMap<Container, Members>()

/**
 * As `checkPodSpec`, of a pod. Of a pod that has all but its placement (affinity and `nodeName`) in common with one in which nothing
 * was wrong only that is looked at: what both have is frozen, and so it is as it was.
 */
export function checkSpecOfPod(spec: PodSpec, path: string, errors: FieldError[]): void {
  const first = spec.containers?.[0]
  const before = first && known.get(first)
  if (before !== undefined && isLike(before, spec as unknown as Members)) {
    checkPlacement(spec, path, errors)
    return
  }
  const found = errors.length
  checkPodSpec(spec, true, path, errors)
  if (first === undefined || errors.length > found) return
  const members = sharedMembers(spec as unknown as Members)
  if (members) known.set(first, members)
}

const isPlacement = (name: string): boolean => name === 'affinity' || name === 'nodeName'
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
    } else {
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
    if (value === other) continue
    if (!Array.isArray(value) || !Array.isArray(other) || value.length !== other.length) return false
    for (let i = 0; i < value.length; i++) if (value[i] !== other[i]) return false
  }
  for (const _ in before) count--
  return count === 0
}
