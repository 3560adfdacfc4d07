import { boolean, explicit, int64, list, message, opt, req, type Static, string } from '../../schema/build.ts'

export const AppArmorProfile = message(
  'core.v1.AppArmorProfile',
  {
    localhostProfile: opt(2, explicit(string), 'Name of a profile loaded on the node; only with type Localhost.'),
    type: req(1, string, 'Localhost, RuntimeDefault or Unconfined.'),
  },
  { doc: 'An AppArmor profile.' },
)
export type AppArmorProfile = Static<typeof AppArmorProfile>

export const Capabilities = message(
  'core.v1.Capabilities',
  {
    add: opt(1, list(string, { list: 'atomic' }), 'Capabilities added.'),
    drop: opt(2, list(string, { list: 'atomic' }), 'Capabilities taken away; ALL for all of them.'),
  },
  { doc: 'Changes to the set of Linux capabilities.' },
)
export type Capabilities = Static<typeof Capabilities>

export const SELinuxOptions = message(
  'core.v1.SELinuxOptions',
  {
    level: opt(4, string, 'Level of the context.'),
    role: opt(2, string, 'Role of the context.'),
    type: opt(3, string, 'Type of the context.'),
    user: opt(1, string, 'User of the context.'),
  },
  { doc: 'An SELinux context.' },
)
export type SELinuxOptions = Static<typeof SELinuxOptions>

export const SeccompProfile = message(
  'core.v1.SeccompProfile',
  {
    localhostProfile: opt(2, explicit(string), 'Path of a profile on the node; only with type Localhost.'),
    type: req(1, string, 'Localhost, RuntimeDefault or Unconfined.'),
  },
  { doc: 'Which system calls are allowed.' },
)
export type SeccompProfile = Static<typeof SeccompProfile>

export const WindowsSecurityContextOptions = message(
  'core.v1.WindowsSecurityContextOptions',
  {
    gmsaCredentialSpec: opt(2, explicit(string), 'Contents of the group managed service account.'),
    gmsaCredentialSpecName: opt(1, explicit(string), 'Name of the group managed service account.'),
    hostProcess: opt(4, explicit(boolean), 'Runs the container as a process of the host.'),
    runAsUserName: opt(3, explicit(string), 'Windows user of the first process.'),
  },
  { doc: 'Settings for Windows nodes.' },
)
export type WindowsSecurityContextOptions = Static<typeof WindowsSecurityContextOptions>

export const SecurityContext = message(
  'core.v1.SecurityContext',
  {
    allowPrivilegeEscalation: opt(7, explicit(boolean), 'Whether a process may gain more privileges than its parent.'),
    appArmorProfile: opt(12, AppArmorProfile, 'AppArmor profile of the container.'),
    capabilities: opt(1, Capabilities, 'Linux capabilities added and dropped.'),
    privileged: opt(2, explicit(boolean), 'Gives the container the rights of root on the node.'),
    procMount: opt(9, explicit(string), 'How /proc is mounted: Default or Unmasked.'),
    readOnlyRootFilesystem: opt(6, explicit(boolean), 'Mounts the root file system read-only.'),
    runAsGroup: opt(8, explicit(int64), 'Group id of the first process.'),
    runAsNonRoot: opt(5, explicit(boolean), 'Refuses to start as root.'),
    runAsUser: opt(4, explicit(int64), 'User id of the first process.'),
    seLinuxOptions: opt(3, SELinuxOptions, 'SELinux context of the container.'),
    seccompProfile: opt(11, SeccompProfile, 'Which system calls are allowed.'),
    windowsOptions: opt(10, WindowsSecurityContextOptions, 'Settings for Windows nodes.'),
  },
  { doc: 'Privileges of one container.' },
)
export type SecurityContext = Static<typeof SecurityContext>

export const Sysctl = message(
  'core.v1.Sysctl',
  {
    name: req(1, string, 'Name of the parameter.'),
    value: req(2, string, 'Its value.'),
  },
  { doc: 'One kernel parameter.' },
)
export type Sysctl = Static<typeof Sysctl>

export const PodSecurityContext = message(
  'core.v1.PodSecurityContext',
  {
    appArmorProfile: opt(11, AppArmorProfile, 'AppArmor profile of the containers.'),
    fsGroup: opt(5, explicit(int64), 'Group that owns the files of volumes, and that all processes belong to.'),
    fsGroupChangePolicy: opt(9, explicit(string), 'When the owner of files is changed: OnRootMismatch or Always.'),
    runAsGroup: opt(6, explicit(int64), 'Group id of the first processes.'),
    runAsNonRoot: opt(3, explicit(boolean), 'Refuses to start containers as root.'),
    runAsUser: opt(2, explicit(int64), 'User id of the first processes.'),
    seLinuxChangePolicy: opt(13, explicit(string), 'How volumes get their SELinux label: MountOption or Recursive.'),
    seLinuxOptions: opt(1, SELinuxOptions, 'SELinux context of the containers.'),
    seccompProfile: opt(10, SeccompProfile, 'Which system calls are allowed.'),
    supplementalGroups: opt(4, list(int64, { list: 'atomic' }), 'Further groups of the first processes.'),
    supplementalGroupsPolicy: opt(12, explicit(string), 'Whether groups of the image count too: Merge or Strict.'),
    sysctls: opt(7, list(Sysctl, { list: 'atomic' }), "Kernel parameters of the pod's namespaces."),
    windowsOptions: opt(8, WindowsSecurityContextOptions, 'Settings for Windows nodes.'),
  },
  { doc: 'Privileges of all containers of a pod.' },
)
export type PodSecurityContext = Static<typeof PodSecurityContext>
