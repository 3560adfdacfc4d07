import type { Pod } from '../../api/types/core/pod.ts'

export type ReferenceKind = 'secret' | 'configmap' | 'persistentvolumeclaim' | 'serviceaccount'

interface Known {
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
  readonly #podsOf = new Map<string, Known>()
  readonly #counts = new Map<string, Map<string, number>>()
  /** By namespace and name; of two pods that had one name after each other, the later one's. */
  readonly #podNode = new Map<string, { readonly node: string; readonly uid: string }>()

  setPod(pod: Pod): void {
    const { annotations } = pod.metadata
    const known = this.#podsOf.get(pod.metadata.uid)
    // Most changes are of the status; what they leave alone is the same object.
    if (known?.spec === pod.spec && known.annotations === annotations) return
    this.removePod(pod)
    const node = pod.spec.nodeName ?? ''
    const references = !node || annotations?.['kubernetes.io/config.mirror'] ? [] : [...referencesOf(pod)]
    this.#podsOf.set(pod.metadata.uid, { node, spec: pod.spec, annotations, references })
    this.#podNode.set(`${pod.metadata.namespace}/${pod.metadata.name}`, { node, uid: pod.metadata.uid })
    for (const reference of references) {
      const counts = this.#counts.get(reference) ?? new Map<string, number>()
      counts.set(node, (counts.get(node) ?? 0) + 1)
      this.#counts.set(reference, counts)
    }
  }

  removePod(pod: Pod): void {
    const known = this.#podsOf.get(pod.metadata.uid)
    if (!known) return
    this.#podsOf.delete(pod.metadata.uid)
    const key = `${pod.metadata.namespace}/${pod.metadata.name}`
    if (this.#podNode.get(key)?.uid === pod.metadata.uid) this.#podNode.delete(key)
    for (const reference of known.references) {
      const counts = this.#counts.get(reference)
      const left = (counts?.get(known.node) ?? 0) - 1
      if (left > 0) counts?.set(known.node, left)
      else counts?.delete(known.node)
      if (counts?.size === 0) this.#counts.delete(reference)
    }
  }

  /** Whether a pod on `node` refers to it. */
  refers(node: string, kind: ReferenceKind, namespace: string, name: string): boolean {
    return this.#counts.get(referenceKey(kind, namespace, name))?.has(node) === true
  }

  /** The node that runs a pod, by `namespace/name`; '' while none does, undefined when there is no such pod. */
  nodeOf(namespace: string, pod: string): string | undefined {
    return this.#podNode.get(`${namespace}/${pod}`)?.node
  }
}

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
