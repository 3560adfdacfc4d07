import type { Draft, KubeObject } from '../../meta/object.ts'
import type { DaemonSet, DaemonSetSpec } from '../../types/apps/daemon-set.ts'
import { defaultPodSpec } from '../core/pod-defaults.ts'
import { TEMPLATE_GENERATION } from './template-generation.ts'

/** `RollingUpdate` of one at a time, ten revisions, and the defaults of the template (DaemonSet specification 1.2). */
export function defaultDaemonSet(set: Draft<DaemonSet>): void {
  defaultSpec(set.spec, 'RollingUpdate')
  // Upstream's conversion emits the counter always, so that whoever creates the set owns it; what it is, preparing decides.
  const { metadata } = set
  if (metadata.annotations?.[TEMPLATE_GENERATION] === undefined) metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: '0' }
}

/** As extensions/v1beta1 had it: `OnDelete`; selector and labels are those of the template where they are not given. */
export function defaultExtensionsDaemonSet(draft: Draft<KubeObject>): void {
  const set = draft as Draft<DaemonSet>
  const labels = set.spec.template?.metadata?.labels
  if (labels && Object.keys(labels).length > 0) {
    set.spec.selector ??= { matchLabels: { ...labels } }
    if (!set.metadata.labels || Object.keys(set.metadata.labels).length === 0) set.metadata.labels = { ...labels }
  }
  defaultSpec(set.spec, 'OnDelete')
}

function defaultSpec(spec: Draft<DaemonSetSpec>, type: string): void {
  spec.template ??= {}
  spec.template.metadata ??= {}
  spec.template.spec ??= { containers: [] }
  defaultPodSpec(spec.template.spec)
  spec.updateStrategy ??= {}
  const strategy = spec.updateStrategy
  strategy.type ||= type
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {}
    strategy.rollingUpdate.maxUnavailable ??= 1
    strategy.rollingUpdate.maxSurge ??= 0
  }
  spec.revisionHistoryLimit ??= 10
}
