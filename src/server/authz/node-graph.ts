import type { Pod } from '../../api/types/core/pod.ts'

export type ReferenceKind = 'secret' | 'configmap' | 'persistentvolumeclaim' | 'serviceaccount'

interface Known {
  readonly uid: string
  /** '' while the pod has none. */
  readonly node: string
  readonly spec: Pod['spec']
  readonly annotations: Pod['metadata']['annotations']
  readonly references: readonly string[]
}

/**
 * Which node may read what because a pod on it refers to it: counted per node, so that a pod that comes or goes costs
 * only its own references. Mirror pods refer to nothing: their node wrote them.
 */
export class NodeGraph {
  readonly #pods = new Map<string, Known>()
  /** By namespace and name; of two pods that had one name after each other, the later one. */
  readonly #byName = new Map<string, Known>()
  readonly #counts = new Map<string, Map<string, number>>()
  readonly #references = new KnownReferences()

  setPod(pod: Pod): void {
    const { uid, annotations } = pod.metadata
    const before = this.#pods.get(uid)
    // Most changes are of the status; what they leave alone is the same object.
    if (before?.spec === pod.spec && before.annotations === annotations) return
    const node = pod.spec.nodeName ?? ''
    const references = !node || annotations?.['kubernetes.io/config.mirror'] ? NONE : this.#references.of(pod)
    const known = { uid, node, spec: pod.spec, annotations, references }
    this.#pods.set(uid, known)
    this.#byName.set(nameOf(pod), known)
    if (before) this.#count(before, -1)
    this.#count(known, 1)
  }

  removePod(pod: Pod): void {
    const { uid } = pod.metadata
    const known = this.#pods.get(uid)
    if (!known) return
    this.#pods.delete(uid)
    const name = nameOf(pod)
    if (this.#byName.get(name)?.uid === uid) this.#byName.delete(name)
    this.#count(known, -1)
  }

  #count({ node, references }: Known, by: number): void {
    for (const reference of references) {
      const counts = this.#counts.get(reference) ?? new Map<string, number>()
      const left = (counts.get(node) ?? 0) + by
      if (left > 0) this.#counts.set(reference, counts.set(node, left))
      else if (counts.delete(node) && counts.size === 0) this.#counts.delete(reference)
    }
  }

  /** Whether a pod on `node` refers to it. */
  refers(node: string, kind: ReferenceKind, namespace: string, name: string): boolean {
    return this.#counts.get(referenceKey(kind, namespace, name))?.has(node) === true
  }

  /** The node that runs a pod, by `namespace/name`; '' while none does, undefined when there is no such pod. */
  nodeOf(namespace: string, pod: string): string | undefined {
    return this.#byName.get(`${namespace}/${pod}`)?.node
  }
}

const NONE: readonly string[] = []

/** What pods of a template refer to is found, and held, once: they have the same frozen parts. */
class KnownReferences {
  readonly #known = new WeakMap<Pod['spec']['containers'], { readonly namespace: string; readonly spec: Pod['spec']; readonly references: readonly string[] }>()

  of(pod: Pod): readonly string[] {
    const { spec, metadata } = pod
    const namespace = metadata.namespace ?? ''
    const known = this.#known.get(spec.containers)
    if (known?.namespace === namespace && refersAlike(known.spec, spec)) return known.references
    // Without the room to grow that a list has which was collected.
    const references = Array.from(referencesOf(pod)).slice()
    // The claim of an ephemeral volume has the name of its pod.
    if (!spec.volumes?.some(({ ephemeral }) => ephemeral)) this.#known.set(spec.containers, { namespace, spec, references })
    return references
  }
}

const refersAlike = (a: Pod['spec'], b: Pod['spec']): boolean =>
  a.volumes === b.volumes &&
  a.serviceAccountName === b.serviceAccountName &&
  a.imagePullSecrets === b.imagePullSecrets &&
  a.initContainers === b.initContainers &&
  a.ephemeralContainers === b.ephemeralContainers

const nameOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`

const referenceKey = (kind: ReferenceKind, namespace: string, name: string): string => `${kind} ${namespace}/${name}`

/** Everything that a node must read to run a pod. */
export function* referencesOf(pod: Pod): Generator<string> {
  const namespace = pod.metadata.namespace ?? ''
  const key = (kind: ReferenceKind, name: string | undefined) => referenceKey(kind, namespace, name ?? '')
  const { spec } = pod
  if (spec.serviceAccountName) yield key('serviceaccount', spec.serviceAccountName)
  for (const { name } of spec.imagePullSecrets ?? []) if (name) yield key('secret', name)
  for (const container of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      if (configMapRef?.name) yield key('configmap', configMapRef.name)
      if (secretRef?.name) yield key('secret', secretRef.name)
    }
    for (const { valueFrom } of container.env ?? []) {
      if (valueFrom?.configMapKeyRef?.name) yield key('configmap', valueFrom.configMapKeyRef.name)
      if (valueFrom?.secretKeyRef?.name) yield key('secret', valueFrom.secretKeyRef.name)
    }
  }
  for (const volume of spec.volumes ?? []) {
    if (volume.configMap?.name) yield key('configmap', volume.configMap.name)
    if (volume.secret?.secretName) yield key('secret', volume.secret.secretName)
    if (volume.persistentVolumeClaim) yield key('persistentvolumeclaim', volume.persistentVolumeClaim.claimName)
    if (volume.ephemeral) yield key('persistentvolumeclaim', `${pod.metadata.name}-${volume.name}`)
    if (volume.csi?.nodePublishSecretRef?.name) yield key('secret', volume.csi.nodePublishSecretRef.name)
    for (const source of volume.projected?.sources ?? []) {
      if (source.configMap?.name) yield key('configmap', source.configMap.name)
      if (source.secret?.name) yield key('secret', source.secret.name)
    }
    const legacy = volume.rbd?.secretRef?.name ?? volume.cephfs?.secretRef?.name ?? volume.flexVolume?.secretRef?.name ?? volume.iscsi?.secretRef?.name
    if (legacy) yield key('secret', legacy)
    if (volume.azureFile) yield key('secret', volume.azureFile.secretName)
  }
}
