import { CustomResourceDefinitions } from './apiextensions/custom-resource-definition.ts'
import { ControllerRevisions } from './apps/controller-revision.ts'
import { DaemonSets } from './apps/daemon-set.ts'
import { Deployments } from './apps/deployment.ts'
import { ReplicaSets } from './apps/replica-set.ts'
import { StatefulSets } from './apps/stateful-set.ts'
import { HorizontalPodAutoscalers } from './autoscaling/horizontal-pod-autoscaler.ts'
import { CronJobs } from './batch/cron-job.ts'
import { Jobs } from './batch/job.ts'
import { CertificateSigningRequests } from './certificates/certificate-signing-request.ts'
import { Leases } from './coordination/lease.ts'
import { ConfigMaps } from './core/config-map.ts'
import { EndpointsKind } from './core/endpoints.ts'
import { Events } from './core/event.ts'
import { Namespaces } from './core/namespace.ts'
import { Nodes } from './core/node.ts'
import { PersistentVolumes } from './core/persistent-volume.ts'
import { PersistentVolumeClaims } from './core/persistent-volume-claim.ts'
import { Pods } from './core/pod.ts'
import { ReplicationControllers } from './core/replication-controller.ts'
import { Secrets } from './core/secret.ts'
import { Services } from './core/service.ts'
import { ServiceAccounts } from './core/service-account.ts'
import { EndpointSlices } from './discovery/endpoint-slice.ts'
import type { Kind } from './kind.ts'
import { IngressClasses, Ingresses } from './networking/ingress.ts'
import { NetworkPolicies } from './networking/network-policy.ts'
import { RuntimeClasses } from './node/runtime-class.ts'
import { PodDisruptionBudgets } from './policy/pod-disruption-budget.ts'
import { ClusterRoleBindings, RoleBindings } from './rbac/bindings.ts'
import { ClusterRoles, Roles } from './rbac/roles.ts'
import { PriorityClasses } from './scheduling/priority-class.ts'
import { CSIDrivers, CSINodes } from './storage/csi.ts'
import { StorageClasses } from './storage/storage-class.ts'
import { VolumeAttachments } from './storage/volume-attachment.ts'

/** The kinds that Everynode acts on, in the order of discovery. */
export const KINDS: readonly Kind[] = [
  ConfigMaps,
  EndpointsKind,
  Events,
  Namespaces,
  Nodes,
  Pods,
  Secrets,
  ServiceAccounts,
  Services,
  ControllerRevisions,
  DaemonSets,
  Deployments,
  ReplicaSets,
  CertificateSigningRequests,
  Leases,
  EndpointSlices,
  PodDisruptionBudgets,
  CustomResourceDefinitions,
  ClusterRoleBindings,
  ClusterRoles,
  RoleBindings,
  Roles,
  PriorityClasses,
]

/** Kinds that are stored for those who want them; nothing here acts on them. */
export const LATER_KINDS: readonly Kind[] = [
  PersistentVolumeClaims,
  PersistentVolumes,
  ReplicationControllers,
  StatefulSets,
  HorizontalPodAutoscalers,
  CronJobs,
  Jobs,
  IngressClasses,
  Ingresses,
  NetworkPolicies,
  RuntimeClasses,
  CSIDrivers,
  CSINodes,
  StorageClasses,
  VolumeAttachments,
]

const byKind = new Map<string, Kind>()
for (const kind of [...KINDS, ...LATER_KINDS]) byKind.set(`${kind.group}/${kind.kind}`, kind)

/** The kind of a group by its name: `kindOf('apps', 'DaemonSet')`. */
export const kindOf = (group: string, kind: string): Kind | undefined => byKind.get(`${group}/${kind}`)
