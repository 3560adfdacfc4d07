import type { Draft } from '../../meta/object.ts'
import type { DaemonSet } from '../../types/apps/daemon-set.ts'
import { sameTemplate } from './same-template.ts'
import { TEMPLATE_GENERATION } from './template-generation.ts'

const DECIMAL = /^[+-]?[0-9]{1,19}$/

/** The counter of template changes that the annotation tells; undefined if it is not a number. */
export function templateGeneration(set: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> | undefined } }): number | undefined {
  const text = set.metadata.annotations?.[TEMPLATE_GENERATION]
  return text !== undefined && DECIMAL.test(text) ? Number(text) : undefined
}

function setTemplateGeneration(set: Draft<DaemonSet>, generation: number): void {
  set.metadata.annotations = { ...set.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) }
}

/** Nothing has been observed of a new set. A template generation above one is taken over; text that is none is left for validation. */
export function prepareDaemonSetForCreate(set: Draft<DaemonSet>): void {
  set.status = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 }
  const given = templateGeneration(set)
  if (given === undefined && set.metadata.annotations?.[TEMPLATE_GENERATION] !== undefined) return
  setTemplateGeneration(set, Math.max(1, given ?? 1))
}

/** The status is not written this way; the template generation counts changes of the template, whatever number the client says. */
export function prepareDaemonSetForUpdate(set: Draft<DaemonSet>, old: DaemonSet): void {
  set.status = old.status as Draft<DaemonSet>['status']
  if (set.metadata.annotations?.[TEMPLATE_GENERATION] !== undefined && templateGeneration(set) === undefined) return
  const generation = templateGeneration(old) ?? 1
  setTemplateGeneration(set, sameTemplate(set.spec.template as DaemonSet['spec']['template'], old.spec.template) ? generation : generation + 1)
}
