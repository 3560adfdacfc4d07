/** The manifests beside the repository: seeds and what people really deploy. Tests over them are skipped where the folder is missing. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { KINDS, LATER_KINDS } from '../../src/api/kinds/all.ts'
import { apiVersionOf, type Kind, type ServedVersion } from '../../src/api/kinds/kind.ts'
import type { KubeObject } from '../../src/api/meta/object.ts'
import { canonicalQuantity } from '../../src/api/meta/quantity.ts'
import { flattenList } from '../../src/api/yaml/list.ts'
import { readYaml } from '../../src/api/yaml/read.ts'

const FOLDER = new URL('../../../shared/manifests/', import.meta.url)
export const noManifests = existsSync(FOLDER) ? false : 'missing folder ../shared/manifests'

export interface ServedKind {
  readonly kind: Kind
  /** The version that the document is written for. */
  readonly at: Kind | ServedVersion<KubeObject>
}
const served = new Map<string, ServedKind>()
for (const kind of [...KINDS, ...LATER_KINDS]) {
  for (const at of [kind, ...(kind.alsoServed ?? [])]) served.set(`${apiVersionOf(at)} ${at.kind}`, { kind, at })
}

export interface CollectedDocument {
  /** `real/x.yaml DaemonSet/agent`. */
  readonly id: string
  readonly file: string
  readonly json: Readonly<Record<string, unknown>>
  readonly at: ServedKind
}

/** Documents that are refused, with the fields that upstream names; everything else of a served kind is accepted. */
export const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'seeds/frontend-rolling-as-printed.yaml DaemonSet/frontend': ['spec.updateStrategy'],
  'real/NVIDIA__gpu-operator__assets-state-dcgm-exporter-0800-daemonset.yaml DaemonSet/nvidia-dcgm-exporter': ['metadata.namespace'],
  'real/NVIDIA__gpu-operator__assets-state-mig-manager-0600-daemonset.yaml DaemonSet/nvidia-mig-manager': ['metadata.namespace'],
  'real/NVIDIA__gpu-operator__assets-state-operator-validation-0500-daemonset.yaml DaemonSet/nvidia-operator-validator': ['metadata.namespace'],
  'real/openshift__microshift__assets-components-openshift-dns-dns-daemonset.yaml DaemonSet/(unnamed)': [
    'metadata.name',
    'spec.template.metadata.labels',
    'spec.template.spec.volumes[0].configMap.name',
    'spec.template.spec.containers[0].image',
    'spec.template.spec.containers[0].volumeMounts[0].name',
    'spec.template.spec.containers[1].image',
  ],
  'real/projectcalico__calico__pod2daemon-nodeagent-nodeagent-dikastes.yaml DaemonSet/nodeagent': ['spec.template.metadata.labels'],
}

/** Fields that no version of the API has, as decoding names them. */
export const UNKNOWN: Readonly<Record<string, readonly string[]>> = {
  'real/openshift__microshift__dep-k8s-cluster-addons-node-problem-detector-npd.yaml DaemonSet/node-problem-detector': [
    'unknown field "spec.template.spec.nodeSelectors"',
  ],
  'real/openshift__microshift__origin-pkg-disruption-backend-sampler-manifests-ds-internal-lb.yaml DaemonSet/internal-lb-monitor': [
    'unknown field "spec.template.spec.securityContext.privileged"',
  ],
}

/** A fixture that sets every field to its own name: good for decoding, refused for its values. */
export const isFixture = (file: string): boolean => file.includes('kubernetes__api__testdata')

let documents: Promise<readonly CollectedDocument[]> | undefined
/** Every document of a served kind, in the order of the files and within them. */
export const collectedDocuments = (): Promise<readonly CollectedDocument[]> => {
  documents ??= readDocuments()
  return documents
}

async function readDocuments(): Promise<readonly CollectedDocument[]> {
  const found: CollectedDocument[] = []
  for (const folder of ['seeds', 'real']) {
    for (const name of readdirSync(new URL(`${folder}/`, FOLDER))) {
      const file = `${folder}/${name}`
      const read = await readYaml(readFileSync(new URL(file, FOLDER), 'utf8'))
      for (const { value, error } of read.documents) {
        assert.equal(error, undefined, file)
        for (const json of flattenList(value) as CollectedDocument['json'][]) {
          const at = served.get(`${json['apiVersion']} ${json['kind']}`)
          const metadata = json['metadata'] as { readonly name?: string } | undefined
          if (at) found.push({ id: `${file} ${json['kind']}/${metadata?.name ?? '(unnamed)'}`, file, json, at })
        }
      }
    }
  }
  return found
}

/** What of `given` is missing or different in `kept`, by path; what nobody knows (`unknown`) and what says nothing (null, empty text) may be missing or defaulted. */
export function lostFields(given: unknown, kept: unknown, unknown: readonly string[], path = ''): readonly string[] {
  if (given === null || given === '' || unknown.includes(`unknown field "${path.slice(1)}"`)) return []
  if (Array.isArray(given)) {
    return given.length === 0 ? [] : given.flatMap((item, i) => lostFields(item, (kept as unknown[] | undefined)?.[i], unknown, `${path}[${i}]`))
  }
  if (typeof given === 'object') {
    return Object.entries(given).flatMap(([key, value]) => lostFields(value, (kept as Record<string, unknown> | undefined)?.[key], unknown, `${path}.${key}`))
  }
  if (given === kept || String(given) === kept) return []
  if (typeof kept === 'string' && canonicalQuantity(String(given)) === kept) return []
  return typeof kept === 'string' && typeof given === 'string' && Date.parse(given) === Date.parse(kept) ? [] : [path]
}
