import type { Draft, KubeObject } from '../../meta/object.ts'
import type { DaemonSet } from '../../types/apps/daemon-set.ts'
import { DaemonSet as V1Beta2 } from '../../types/apps/daemon-set-v1beta2.ts'
import { DaemonSet as Extensions } from '../../types/extensions/daemon-set.ts'
import type { ServedVersion } from '../kind.ts'
import { defaultDaemonSet, defaultExtensionsDaemonSet } from './daemon-set-defaults.ts'
import { TEMPLATE_GENERATION } from './template-generation.ts'

const place = { kind: 'DaemonSet', resource: 'daemonsets', namespaced: true }
const deprecation = (version: string): string => `${version} DaemonSet is deprecated in v1.9+, unavailable in v1.16+ of Kubernetes; use apps/v1 DaemonSet`

export const extensionsDaemonSet: ServedVersion<DaemonSet> = {
  ...place,
  group: 'extensions',
  version: 'v1beta1',
  schema: Extensions,
  defaults: defaultExtensionsDaemonSet,
  toStored(draft) {
    const set = draft as unknown as Draft<Extensions>
    const generation = set.spec?.templateGeneration
    if (generation !== undefined) {
      set.metadata.annotations = { ...set.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) }
      delete set.spec.templateGeneration
    }
    return atVersion(draft, 'apps/v1')
  },
  fromStored(set) {
    const { [TEMPLATE_GENERATION]: text, ...annotations } = set.metadata.annotations ?? {}
    const generation = Number(text)
    if (!(generation > 0)) return { ...set, apiVersion: 'extensions/v1beta1' }
    const { annotations: _, ...metadata } = set.metadata
    return {
      ...set,
      apiVersion: 'extensions/v1beta1',
      metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
      spec: { ...set.spec, templateGeneration: generation },
    } as KubeObject
  },
  deprecation: deprecation('extensions/v1beta1'),
}

export const appsV1Beta2DaemonSet: ServedVersion<DaemonSet> = {
  ...place,
  group: 'apps',
  version: 'v1beta2',
  schema: V1Beta2,
  defaults: draft => defaultDaemonSet(draft as Draft<DaemonSet>),
  toStored: draft => atVersion(draft, 'apps/v1'),
  fromStored: set => ({ ...set, apiVersion: 'apps/v1beta2' }),
  deprecation: deprecation('apps/v1beta2'),
}

function atVersion(draft: Draft<KubeObject>, apiVersion: string): Draft<DaemonSet> {
  draft.apiVersion = apiVersion
  return draft as Draft<DaemonSet>
}
