import { semanticEqual } from '../../meta/semantic-equal.ts'
import { withoutUnsaid } from '../../schema/unsaid.ts'
import { PodTemplateSpec } from '../../types/core/pod.ts'

/** Whether two templates make the same pods: what only one of them spells out to be nothing (`hostNetwork: false`) does not count. */
export const sameTemplate = (one: PodTemplateSpec, other: PodTemplateSpec): boolean =>
  semanticEqual(one, other) || semanticEqual(withoutUnsaid(PodTemplateSpec, one), withoutUnsaid(PodTemplateSpec, other))
