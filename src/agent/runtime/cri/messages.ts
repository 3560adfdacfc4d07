import { boolean, bytes, int32, int64, list, map, message, opt, type Static, string } from '../../../api/schema/build.ts'

/** Messages of the container runtime interface `runtime.v1`, as far as an agent for Linux speaks it. Numbers are the interface's; enums are their numbers. */

export const AttachRequest = message('runtime.v1.AttachRequest', {
  container_id: opt(1, string),
  stdin: opt(2, boolean),
  tty: opt(3, boolean),
  stdout: opt(4, boolean),
  stderr: opt(5, boolean),
})
export type AttachRequest = Static<typeof AttachRequest>

export const AttachResponse = message('runtime.v1.AttachResponse', {
  url: opt(1, string),
})
export type AttachResponse = Static<typeof AttachResponse>

export const AuthConfig = message('runtime.v1.AuthConfig', {
  username: opt(1, string),
  password: opt(2, string),
  auth: opt(3, string),
  server_address: opt(4, string),
  identity_token: opt(5, string),
  registry_token: opt(6, string),
})
export type AuthConfig = Static<typeof AuthConfig>

export const Capability = message('runtime.v1.Capability', {
  add_capabilities: opt(1, list(string)),
  drop_capabilities: opt(2, list(string)),
  add_ambient_capabilities: opt(3, list(string)),
})
export type Capability = Static<typeof Capability>

export const ContainerMetadata = message('runtime.v1.ContainerMetadata', {
  name: opt(1, string),
  attempt: opt(2, int32),
})
export type ContainerMetadata = Static<typeof ContainerMetadata>

export const ImageSpec = message('runtime.v1.ImageSpec', {
  image: opt(1, string),
  annotations: opt(2, map(string)),
})
export type ImageSpec = Static<typeof ImageSpec>

export const Container = message('runtime.v1.Container', {
  id: opt(1, string),
  pod_sandbox_id: opt(2, string),
  metadata: opt(3, ContainerMetadata),
  image: opt(4, ImageSpec),
  image_ref: opt(5, string),
  state: opt(6, int32),
  created_at: opt(7, int64),
  labels: opt(8, map(string)),
  annotations: opt(9, map(string)),
})
export type Container = Static<typeof Container>

export const ContainerAttributes = message('runtime.v1.ContainerAttributes', {
  id: opt(1, string),
  metadata: opt(2, ContainerMetadata),
  labels: opt(3, map(string)),
  annotations: opt(4, map(string)),
})
export type ContainerAttributes = Static<typeof ContainerAttributes>

export const KeyValue = message('runtime.v1.KeyValue', {
  key: opt(1, string),
  value: opt(2, string),
})
export type KeyValue = Static<typeof KeyValue>

export const Mount = message('runtime.v1.Mount', {
  container_path: opt(1, string),
  host_path: opt(2, string),
  readonly: opt(3, boolean),
  selinux_relabel: opt(4, boolean),
  propagation: opt(5, int32),
  recursive_read_only: opt(8, boolean),
})
export type Mount = Static<typeof Mount>

export const Device = message('runtime.v1.Device', {
  container_path: opt(1, string),
  host_path: opt(2, string),
  permissions: opt(3, string),
})
export type Device = Static<typeof Device>

export const HugepageLimit = message('runtime.v1.HugepageLimit', {
  page_size: opt(1, string),
  limit: opt(2, int64),
})
export type HugepageLimit = Static<typeof HugepageLimit>

export const LinuxContainerResources = message('runtime.v1.LinuxContainerResources', {
  cpu_period: opt(1, int64),
  cpu_quota: opt(2, int64),
  cpu_shares: opt(3, int64),
  memory_limit_in_bytes: opt(4, int64),
  oom_score_adj: opt(5, int64),
  cpuset_cpus: opt(6, string),
  cpuset_mems: opt(7, string),
  hugepage_limits: opt(8, list(HugepageLimit)),
  unified: opt(9, map(string)),
  memory_swap_limit_in_bytes: opt(10, int64),
})
export type LinuxContainerResources = Static<typeof LinuxContainerResources>

export const IDMapping = message('runtime.v1.IDMapping', {
  host_id: opt(1, int32),
  container_id: opt(2, int32),
  length: opt(3, int32),
})
export type IDMapping = Static<typeof IDMapping>

export const UserNamespace = message('runtime.v1.UserNamespace', {
  mode: opt(1, int32),
  uids: opt(2, list(IDMapping)),
  gids: opt(3, list(IDMapping)),
})
export type UserNamespace = Static<typeof UserNamespace>

export const NamespaceOption = message('runtime.v1.NamespaceOption', {
  network: opt(1, int32),
  pid: opt(2, int32),
  ipc: opt(3, int32),
  target_id: opt(4, string),
  userns_options: opt(5, UserNamespace),
})
export type NamespaceOption = Static<typeof NamespaceOption>

export const SELinuxOption = message('runtime.v1.SELinuxOption', {
  user: opt(1, string),
  role: opt(2, string),
  type: opt(3, string),
  level: opt(4, string),
})
export type SELinuxOption = Static<typeof SELinuxOption>

export const Int64Value = message('runtime.v1.Int64Value', {
  value: opt(1, int64),
})
export type Int64Value = Static<typeof Int64Value>

export const SecurityProfile = message('runtime.v1.SecurityProfile', {
  profile_type: opt(1, int32),
  localhost_ref: opt(2, string),
})
export type SecurityProfile = Static<typeof SecurityProfile>

export const LinuxContainerSecurityContext = message('runtime.v1.LinuxContainerSecurityContext', {
  capabilities: opt(1, Capability),
  privileged: opt(2, boolean),
  namespace_options: opt(3, NamespaceOption),
  selinux_options: opt(4, SELinuxOption),
  run_as_user: opt(5, Int64Value),
  run_as_group: opt(12, Int64Value),
  run_as_username: opt(6, string),
  readonly_rootfs: opt(7, boolean),
  supplemental_groups: opt(8, list(int64)),
  no_new_privs: opt(11, boolean),
  masked_paths: opt(13, list(string)),
  readonly_paths: opt(14, list(string)),
  seccomp: opt(15, SecurityProfile),
  apparmor: opt(16, SecurityProfile),
  apparmor_profile: opt(9, string),
  seccomp_profile_path: opt(10, string),
  supplemental_groups_policy: opt(17, int32),
})
export type LinuxContainerSecurityContext = Static<typeof LinuxContainerSecurityContext>

export const LinuxContainerConfig = message('runtime.v1.LinuxContainerConfig', {
  resources: opt(1, LinuxContainerResources),
  security_context: opt(2, LinuxContainerSecurityContext),
})
export type LinuxContainerConfig = Static<typeof LinuxContainerConfig>

export const ContainerConfig = message('runtime.v1.ContainerConfig', {
  metadata: opt(1, ContainerMetadata),
  image: opt(2, ImageSpec),
  command: opt(3, list(string)),
  args: opt(4, list(string)),
  working_dir: opt(5, string),
  envs: opt(6, list(KeyValue)),
  mounts: opt(7, list(Mount)),
  devices: opt(8, list(Device)),
  labels: opt(9, map(string)),
  annotations: opt(10, map(string)),
  log_path: opt(11, string),
  stdin: opt(12, boolean),
  stdin_once: opt(13, boolean),
  tty: opt(14, boolean),
  linux: opt(15, LinuxContainerConfig),
})
export type ContainerConfig = Static<typeof ContainerConfig>

export const ContainerStateValue = message('runtime.v1.ContainerStateValue', {
  state: opt(1, int32),
})
export type ContainerStateValue = Static<typeof ContainerStateValue>

export const ContainerFilter = message('runtime.v1.ContainerFilter', {
  id: opt(1, string),
  state: opt(2, ContainerStateValue),
  pod_sandbox_id: opt(3, string),
  label_selector: opt(4, map(string)),
})
export type ContainerFilter = Static<typeof ContainerFilter>

export const ContainerResources = message('runtime.v1.ContainerResources', {
  linux: opt(1, LinuxContainerResources),
})
export type ContainerResources = Static<typeof ContainerResources>

export const UInt64Value = message('runtime.v1.UInt64Value', {
  value: opt(1, int64),
})
export type UInt64Value = Static<typeof UInt64Value>

export const CpuUsage = message('runtime.v1.CpuUsage', {
  timestamp: opt(1, int64),
  usage_core_nano_seconds: opt(2, UInt64Value),
  usage_nano_cores: opt(3, UInt64Value),
})
export type CpuUsage = Static<typeof CpuUsage>

export const MemoryUsage = message('runtime.v1.MemoryUsage', {
  timestamp: opt(1, int64),
  working_set_bytes: opt(2, UInt64Value),
  available_bytes: opt(3, UInt64Value),
  usage_bytes: opt(4, UInt64Value),
  rss_bytes: opt(5, UInt64Value),
  page_faults: opt(6, UInt64Value),
  major_page_faults: opt(7, UInt64Value),
})
export type MemoryUsage = Static<typeof MemoryUsage>

export const FilesystemIdentifier = message('runtime.v1.FilesystemIdentifier', {
  mountpoint: opt(1, string),
})
export type FilesystemIdentifier = Static<typeof FilesystemIdentifier>

export const FilesystemUsage = message('runtime.v1.FilesystemUsage', {
  timestamp: opt(1, int64),
  fs_id: opt(2, FilesystemIdentifier),
  used_bytes: opt(3, UInt64Value),
  inodes_used: opt(4, UInt64Value),
})
export type FilesystemUsage = Static<typeof FilesystemUsage>

export const ContainerStats = message('runtime.v1.ContainerStats', {
  attributes: opt(1, ContainerAttributes),
  cpu: opt(2, CpuUsage),
  memory: opt(3, MemoryUsage),
  writable_layer: opt(4, FilesystemUsage),
})
export type ContainerStats = Static<typeof ContainerStats>

export const ContainerStatsFilter = message('runtime.v1.ContainerStatsFilter', {
  id: opt(1, string),
  pod_sandbox_id: opt(2, string),
  label_selector: opt(3, map(string)),
})
export type ContainerStatsFilter = Static<typeof ContainerStatsFilter>

export const LinuxContainerUser = message('runtime.v1.LinuxContainerUser', {
  uid: opt(1, int64),
  gid: opt(2, int64),
  supplemental_groups: opt(3, list(int64)),
})

export const ContainerUser = message('runtime.v1.ContainerUser', {
  linux: opt(1, LinuxContainerUser),
})

export const ContainerStatus = message('runtime.v1.ContainerStatus', {
  id: opt(1, string),
  metadata: opt(2, ContainerMetadata),
  state: opt(3, int32),
  created_at: opt(4, int64),
  started_at: opt(5, int64),
  finished_at: opt(6, int64),
  exit_code: opt(7, int32),
  image: opt(8, ImageSpec),
  image_ref: opt(9, string),
  reason: opt(10, string),
  message: opt(11, string),
  labels: opt(12, map(string)),
  annotations: opt(13, map(string)),
  mounts: opt(14, list(Mount)),
  log_path: opt(15, string),
  resources: opt(16, ContainerResources),
  user: opt(18, ContainerUser),
})
export type ContainerStatus = Static<typeof ContainerStatus>

export const ContainerStatusRequest = message('runtime.v1.ContainerStatusRequest', {
  container_id: opt(1, string),
  verbose: opt(2, boolean),
})
export type ContainerStatusRequest = Static<typeof ContainerStatusRequest>

export const ContainerStatusResponse = message('runtime.v1.ContainerStatusResponse', {
  status: opt(1, ContainerStatus),
  info: opt(2, map(string)),
})
export type ContainerStatusResponse = Static<typeof ContainerStatusResponse>

export const PodSandboxMetadata = message('runtime.v1.PodSandboxMetadata', {
  name: opt(1, string),
  uid: opt(2, string),
  namespace: opt(3, string),
  attempt: opt(4, int32),
})
export type PodSandboxMetadata = Static<typeof PodSandboxMetadata>

export const DNSConfig = message('runtime.v1.DNSConfig', {
  servers: opt(1, list(string)),
  searches: opt(2, list(string)),
  options: opt(3, list(string)),
})
export type DNSConfig = Static<typeof DNSConfig>

export const PortMapping = message('runtime.v1.PortMapping', {
  protocol: opt(1, int32),
  container_port: opt(2, int32),
  host_port: opt(3, int32),
  host_ip: opt(4, string),
})
export type PortMapping = Static<typeof PortMapping>

export const LinuxSandboxSecurityContext = message('runtime.v1.LinuxSandboxSecurityContext', {
  namespace_options: opt(1, NamespaceOption),
  selinux_options: opt(2, SELinuxOption),
  run_as_user: opt(3, Int64Value),
  run_as_group: opt(8, Int64Value),
  readonly_rootfs: opt(4, boolean),
  supplemental_groups: opt(5, list(int64)),
  privileged: opt(6, boolean),
  seccomp: opt(9, SecurityProfile),
  apparmor: opt(10, SecurityProfile),
  seccomp_profile_path: opt(7, string),
})
export type LinuxSandboxSecurityContext = Static<typeof LinuxSandboxSecurityContext>

export const LinuxPodSandboxConfig = message('runtime.v1.LinuxPodSandboxConfig', {
  cgroup_parent: opt(1, string),
  security_context: opt(2, LinuxSandboxSecurityContext),
  sysctls: opt(3, map(string)),
  overhead: opt(4, LinuxContainerResources),
  resources: opt(5, LinuxContainerResources),
})
export type LinuxPodSandboxConfig = Static<typeof LinuxPodSandboxConfig>

export const PodSandboxConfig = message('runtime.v1.PodSandboxConfig', {
  metadata: opt(1, PodSandboxMetadata),
  hostname: opt(2, string),
  log_directory: opt(3, string),
  dns_config: opt(4, DNSConfig),
  port_mappings: opt(5, list(PortMapping)),
  labels: opt(6, map(string)),
  annotations: opt(7, map(string)),
  linux: opt(8, LinuxPodSandboxConfig),
})
export type PodSandboxConfig = Static<typeof PodSandboxConfig>

export const CreateContainerRequest = message('runtime.v1.CreateContainerRequest', {
  pod_sandbox_id: opt(1, string),
  config: opt(2, ContainerConfig),
  sandbox_config: opt(3, PodSandboxConfig),
})
export type CreateContainerRequest = Static<typeof CreateContainerRequest>

export const CreateContainerResponse = message('runtime.v1.CreateContainerResponse', {
  container_id: opt(1, string),
})
export type CreateContainerResponse = Static<typeof CreateContainerResponse>

export const ExecRequest = message('runtime.v1.ExecRequest', {
  container_id: opt(1, string),
  cmd: opt(2, list(string)),
  tty: opt(3, boolean),
  stdin: opt(4, boolean),
  stdout: opt(5, boolean),
  stderr: opt(6, boolean),
})
export type ExecRequest = Static<typeof ExecRequest>

export const ExecResponse = message('runtime.v1.ExecResponse', {
  url: opt(1, string),
})
export type ExecResponse = Static<typeof ExecResponse>

export const ExecSyncRequest = message('runtime.v1.ExecSyncRequest', {
  container_id: opt(1, string),
  cmd: opt(2, list(string)),
  timeout: opt(3, int64),
})
export type ExecSyncRequest = Static<typeof ExecSyncRequest>

export const ExecSyncResponse = message('runtime.v1.ExecSyncResponse', {
  stdout: opt(1, bytes),
  stderr: opt(2, bytes),
  exit_code: opt(3, int32),
})
export type ExecSyncResponse = Static<typeof ExecSyncResponse>

export const Image = message('runtime.v1.Image', {
  id: opt(1, string),
  repo_tags: opt(2, list(string)),
  repo_digests: opt(3, list(string)),
  size: opt(4, int64),
  uid: opt(5, Int64Value),
  username: opt(6, string),
  spec: opt(7, ImageSpec),
  pinned: opt(8, boolean),
})
export type Image = Static<typeof Image>

export const ImageFilter = message('runtime.v1.ImageFilter', {
  image: opt(1, ImageSpec),
})
export type ImageFilter = Static<typeof ImageFilter>

export const ImageFsInfoRequest = message('runtime.v1.ImageFsInfoRequest', {})
export type ImageFsInfoRequest = Static<typeof ImageFsInfoRequest>

export const ImageFsInfoResponse = message('runtime.v1.ImageFsInfoResponse', {
  image_filesystems: opt(1, list(FilesystemUsage)),
})
export type ImageFsInfoResponse = Static<typeof ImageFsInfoResponse>

export const ImageStatusRequest = message('runtime.v1.ImageStatusRequest', {
  image: opt(1, ImageSpec),
  verbose: opt(2, boolean),
})
export type ImageStatusRequest = Static<typeof ImageStatusRequest>

export const ImageStatusResponse = message('runtime.v1.ImageStatusResponse', {
  image: opt(1, Image),
  info: opt(2, map(string)),
})
export type ImageStatusResponse = Static<typeof ImageStatusResponse>

export const Namespace = message('runtime.v1.Namespace', {
  options: opt(2, NamespaceOption),
})
export type Namespace = Static<typeof Namespace>

export const LinuxPodSandboxStatus = message('runtime.v1.LinuxPodSandboxStatus', {
  namespaces: opt(1, Namespace),
})
export type LinuxPodSandboxStatus = Static<typeof LinuxPodSandboxStatus>

export const ListContainerStatsRequest = message('runtime.v1.ListContainerStatsRequest', {
  filter: opt(1, ContainerStatsFilter),
})
export type ListContainerStatsRequest = Static<typeof ListContainerStatsRequest>

export const ListContainerStatsResponse = message('runtime.v1.ListContainerStatsResponse', {
  stats: opt(1, list(ContainerStats)),
})
export type ListContainerStatsResponse = Static<typeof ListContainerStatsResponse>

export const ListContainersRequest = message('runtime.v1.ListContainersRequest', {
  filter: opt(1, ContainerFilter),
})
export type ListContainersRequest = Static<typeof ListContainersRequest>

export const ListContainersResponse = message('runtime.v1.ListContainersResponse', {
  containers: opt(1, list(Container)),
})
export type ListContainersResponse = Static<typeof ListContainersResponse>

export const ListImagesRequest = message('runtime.v1.ListImagesRequest', {
  filter: opt(1, ImageFilter),
})
export type ListImagesRequest = Static<typeof ListImagesRequest>

export const ListImagesResponse = message('runtime.v1.ListImagesResponse', {
  images: opt(1, list(Image)),
})
export type ListImagesResponse = Static<typeof ListImagesResponse>

export const PodSandboxStateValue = message('runtime.v1.PodSandboxStateValue', {
  state: opt(1, int32),
})
export type PodSandboxStateValue = Static<typeof PodSandboxStateValue>

export const PodSandboxFilter = message('runtime.v1.PodSandboxFilter', {
  id: opt(1, string),
  state: opt(2, PodSandboxStateValue),
  label_selector: opt(3, map(string)),
})
export type PodSandboxFilter = Static<typeof PodSandboxFilter>

export const ListPodSandboxRequest = message('runtime.v1.ListPodSandboxRequest', {
  filter: opt(1, PodSandboxFilter),
})
export type ListPodSandboxRequest = Static<typeof ListPodSandboxRequest>

export const PodSandbox = message('runtime.v1.PodSandbox', {
  id: opt(1, string),
  metadata: opt(2, PodSandboxMetadata),
  state: opt(3, int32),
  created_at: opt(4, int64),
  labels: opt(5, map(string)),
  annotations: opt(6, map(string)),
  runtime_handler: opt(7, string),
})
export type PodSandbox = Static<typeof PodSandbox>

export const ListPodSandboxResponse = message('runtime.v1.ListPodSandboxResponse', {
  items: opt(1, list(PodSandbox)),
})
export type ListPodSandboxResponse = Static<typeof ListPodSandboxResponse>

export const NetworkConfig = message('runtime.v1.NetworkConfig', {
  pod_cidr: opt(1, string),
})
export type NetworkConfig = Static<typeof NetworkConfig>

export const PodIP = message('runtime.v1.PodIP', {
  ip: opt(1, string),
})
export type PodIP = Static<typeof PodIP>

export const PodSandboxNetworkStatus = message('runtime.v1.PodSandboxNetworkStatus', {
  ip: opt(1, string),
  additional_ips: opt(2, list(PodIP)),
})
export type PodSandboxNetworkStatus = Static<typeof PodSandboxNetworkStatus>

export const PodSandboxStatus = message('runtime.v1.PodSandboxStatus', {
  id: opt(1, string),
  metadata: opt(2, PodSandboxMetadata),
  state: opt(3, int32),
  created_at: opt(4, int64),
  network: opt(5, PodSandboxNetworkStatus),
  linux: opt(6, LinuxPodSandboxStatus),
  labels: opt(7, map(string)),
  annotations: opt(8, map(string)),
  runtime_handler: opt(9, string),
})
export type PodSandboxStatus = Static<typeof PodSandboxStatus>

export const PodSandboxStatusRequest = message('runtime.v1.PodSandboxStatusRequest', {
  pod_sandbox_id: opt(1, string),
  verbose: opt(2, boolean),
})
export type PodSandboxStatusRequest = Static<typeof PodSandboxStatusRequest>

export const PodSandboxStatusResponse = message('runtime.v1.PodSandboxStatusResponse', {
  status: opt(1, PodSandboxStatus),
  info: opt(2, map(string)),
})
export type PodSandboxStatusResponse = Static<typeof PodSandboxStatusResponse>

export const PortForwardRequest = message('runtime.v1.PortForwardRequest', {
  pod_sandbox_id: opt(1, string),
  port: opt(2, list(int32)),
})
export type PortForwardRequest = Static<typeof PortForwardRequest>

export const PortForwardResponse = message('runtime.v1.PortForwardResponse', {
  url: opt(1, string),
})
export type PortForwardResponse = Static<typeof PortForwardResponse>

export const PullImageRequest = message('runtime.v1.PullImageRequest', {
  image: opt(1, ImageSpec),
  auth: opt(2, AuthConfig),
  sandbox_config: opt(3, PodSandboxConfig),
})
export type PullImageRequest = Static<typeof PullImageRequest>

export const PullImageResponse = message('runtime.v1.PullImageResponse', {
  image_ref: opt(1, string),
})
export type PullImageResponse = Static<typeof PullImageResponse>

export const RemoveContainerRequest = message('runtime.v1.RemoveContainerRequest', {
  container_id: opt(1, string),
})
export type RemoveContainerRequest = Static<typeof RemoveContainerRequest>

export const RemoveImageRequest = message('runtime.v1.RemoveImageRequest', {
  image: opt(1, ImageSpec),
})
export type RemoveImageRequest = Static<typeof RemoveImageRequest>

export const RemovePodSandboxRequest = message('runtime.v1.RemovePodSandboxRequest', {
  pod_sandbox_id: opt(1, string),
})
export type RemovePodSandboxRequest = Static<typeof RemovePodSandboxRequest>

export const UpdateContainerResourcesRequest = message('runtime.v1.UpdateContainerResourcesRequest', {
  container_id: opt(1, string),
  linux: opt(2, LinuxContainerResources),
})

export const ReopenContainerLogRequest = message('runtime.v1.ReopenContainerLogRequest', {
  container_id: opt(1, string),
})
export type ReopenContainerLogRequest = Static<typeof ReopenContainerLogRequest>

export const RunPodSandboxRequest = message('runtime.v1.RunPodSandboxRequest', {
  config: opt(1, PodSandboxConfig),
  runtime_handler: opt(2, string),
})
export type RunPodSandboxRequest = Static<typeof RunPodSandboxRequest>

export const RunPodSandboxResponse = message('runtime.v1.RunPodSandboxResponse', {
  pod_sandbox_id: opt(1, string),
})
export type RunPodSandboxResponse = Static<typeof RunPodSandboxResponse>

export const RuntimeCondition = message('runtime.v1.RuntimeCondition', {
  type: opt(1, string),
  status: opt(2, boolean),
  reason: opt(3, string),
  message: opt(4, string),
})
export type RuntimeCondition = Static<typeof RuntimeCondition>

export const RuntimeConfig = message('runtime.v1.RuntimeConfig', {
  network_config: opt(1, NetworkConfig),
})
export type RuntimeConfig = Static<typeof RuntimeConfig>

export const RuntimeStatus = message('runtime.v1.RuntimeStatus', {
  conditions: opt(1, list(RuntimeCondition)),
})
export type RuntimeStatus = Static<typeof RuntimeStatus>

export const StartContainerRequest = message('runtime.v1.StartContainerRequest', {
  container_id: opt(1, string),
})
export type StartContainerRequest = Static<typeof StartContainerRequest>

export const StatusRequest = message('runtime.v1.StatusRequest', {
  verbose: opt(1, boolean),
})
export type StatusRequest = Static<typeof StatusRequest>

export const RuntimeHandlerFeatures = message('runtime.v1.RuntimeHandlerFeatures', {
  recursive_read_only_mounts: opt(1, boolean),
  user_namespaces: opt(2, boolean),
})
export type RuntimeHandlerFeatures = Static<typeof RuntimeHandlerFeatures>

export const RuntimeHandler = message('runtime.v1.RuntimeHandler', {
  name: opt(1, string),
  features: opt(2, RuntimeHandlerFeatures),
})
export type RuntimeHandler = Static<typeof RuntimeHandler>

export const RuntimeFeatures = message('runtime.v1.RuntimeFeatures', {
  supplemental_groups_policy: opt(1, boolean),
})
export type RuntimeFeatures = Static<typeof RuntimeFeatures>

export const StatusResponse = message('runtime.v1.StatusResponse', {
  status: opt(1, RuntimeStatus),
  info: opt(2, map(string)),
  runtime_handlers: opt(3, list(RuntimeHandler)),
  features: opt(4, RuntimeFeatures),
})
export type StatusResponse = Static<typeof StatusResponse>

export const StopContainerRequest = message('runtime.v1.StopContainerRequest', {
  container_id: opt(1, string),
  timeout: opt(2, int64),
})
export type StopContainerRequest = Static<typeof StopContainerRequest>

export const StopPodSandboxRequest = message('runtime.v1.StopPodSandboxRequest', {
  pod_sandbox_id: opt(1, string),
})
export type StopPodSandboxRequest = Static<typeof StopPodSandboxRequest>

export const UpdateRuntimeConfigRequest = message('runtime.v1.UpdateRuntimeConfigRequest', {
  runtime_config: opt(1, RuntimeConfig),
})
export type UpdateRuntimeConfigRequest = Static<typeof UpdateRuntimeConfigRequest>

export const VersionRequest = message('runtime.v1.VersionRequest', {
  version: opt(1, string),
})
export type VersionRequest = Static<typeof VersionRequest>

export const VersionResponse = message('runtime.v1.VersionResponse', {
  version: opt(1, string),
  runtime_name: opt(2, string),
  runtime_version: opt(3, string),
  runtime_api_version: opt(4, string),
})
export type VersionResponse = Static<typeof VersionResponse>
