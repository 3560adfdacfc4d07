import { boolean, explicit, int32, list, message, opt, req, type Static, string, withDefault } from '../../schema/build.ts'
import { EnvFromSource, EnvVar } from './env.ts'
import { Lifecycle, Probe } from './probe.ts'
import { ResourceRequirements } from './resources.ts'
import { SecurityContext } from './security.ts'

export const ContainerPort = message(
  'core.v1.ContainerPort',
  {
    containerPort: req(3, int32, 'Number of the port in the container.'),
    hostIP: opt(5, string, 'Address of the node to which the host port is bound.'),
    hostPort: opt(2, int32, 'Port of the node that leads to this one; each node has it once.'),
    name: opt(1, string, 'Name by which services and probes may refer to the port.'),
    protocol: opt(4, withDefault(string, 'TCP'), 'TCP, UDP or SCTP.'),
  },
  { doc: 'A port a container listens on.' },
)
export type ContainerPort = Static<typeof ContainerPort>

export const ContainerResizePolicy = message(
  'core.v1.ContainerResizePolicy',
  {
    resourceName: req(1, string, 'cpu or memory.'),
    restartPolicy: req(2, string, 'NotRequired or RestartContainer.'),
  },
  { doc: 'What a change of one resource does to a running container.' },
)
export type ContainerResizePolicy = Static<typeof ContainerResizePolicy>

export const ContainerRestartRuleOnExitCodes = message(
  'core.v1.ContainerRestartRuleOnExitCodes',
  {
    operator: req(1, string, 'In or NotIn.'),
    values: opt(2, list(int32, { list: 'set' }), 'The exit codes.'),
  },
  { doc: 'Exit codes that a rule is about.' },
)
export type ContainerRestartRuleOnExitCodes = Static<typeof ContainerRestartRuleOnExitCodes>

export const ContainerRestartRule = message(
  'core.v1.ContainerRestartRule',
  {
    action: req(1, string, 'What to do when the rule applies: Restart or RestartAllContainers.'),
    exitCodes: opt(2, ContainerRestartRuleOnExitCodes, 'Exit codes the rule is about.'),
  },
  { doc: 'Decides about a restart by how the container ended.' },
)
export type ContainerRestartRule = Static<typeof ContainerRestartRule>

export const VolumeDevice = message(
  'core.v1.VolumeDevice',
  {
    devicePath: req(2, string, 'Path of the device in the container.'),
    name: req(1, string, 'Name of a volume of the pod, a claim of block mode.'),
  },
  { doc: 'A block device in a container.' },
)
export type VolumeDevice = Static<typeof VolumeDevice>

export const VolumeMount = message(
  'core.v1.VolumeMount',
  {
    mountPath: req(3, string, 'Path in the container.'),
    mountPropagation: opt(5, explicit(string), 'Whether later mounts show on the other side: None, HostToContainer or Bidirectional.'),
    name: req(1, string, 'Name of a volume of the pod.'),
    readOnly: opt(2, boolean, 'Mounts without the right to write.'),
    recursiveReadOnly: opt(7, explicit(string), 'Whether mounts below are read-only too: Disabled, IfPossible or Enabled.'),
    subPath: opt(4, string, 'Path in the volume that is mounted instead of its root.'),
    subPathExpr: opt(6, string, 'As subPath, with $(NAME) for environment variables.'),
  },
  { doc: 'Where a container sees a volume.' },
)
export type VolumeMount = Static<typeof VolumeMount>

export const Container = message(
  'core.v1.Container',
  {
    args: opt(4, list(string, { list: 'atomic' }), "Arguments; the image's own when not given. $(NAME) stands for an environment variable."),
    command: opt(
      3,
      list(string, { list: 'atomic' }),
      "Program and first arguments instead of the image's entrypoint. $(NAME) stands for an environment variable.",
    ),
    env: opt(7, list(EnvVar, { list: 'map', keys: ['name'], patch: 'merge', mergeKey: 'name' }), 'Environment variables.'),
    envFrom: opt(19, list(EnvFromSource, { list: 'atomic' }), 'Maps whose entries all become environment variables; env wins over them.'),
    image: opt(2, string, 'The image to run.'),
    imagePullPolicy: opt(14, string, 'When the image is pulled: Always, IfNotPresent or Never.'),
    lifecycle: opt(12, Lifecycle, 'What is done after the start and before the stop.'),
    livenessProbe: opt(10, Probe, 'Asks whether the container still works; it is restarted when not.'),
    name: req(1, string, 'Name of the container, unique in the pod; cannot be changed.'),
    ports: opt(
      6,
      list(ContainerPort, { list: 'map', keys: ['containerPort', 'protocol'], patch: 'merge', mergeKey: 'containerPort' }),
      'Ports the container listens on.',
    ),
    readinessProbe: opt(11, Probe, 'Asks whether the container can serve; the pod is not ready while it cannot.'),
    resizePolicy: opt(23, list(ContainerResizePolicy, { list: 'atomic' }), 'What a change of resources does to the running container.'),
    resources: opt(8, withDefault(ResourceRequirements, {}), 'What the container needs and what it may use.'),
    restartPolicy: opt(24, explicit(string), 'Restart policy of this container alone; Always makes an init container a sidecar.'),
    restartPolicyRules: opt(25, list(ContainerRestartRule, { list: 'atomic' }), 'Rules by exit code that come before the restart policy.'),
    securityContext: opt(15, SecurityContext, "Privileges and user of the container; wins over the pod's."),
    startupProbe: opt(22, Probe, 'Asks whether the container has started; the other probes wait for it.'),
    stdin: opt(16, boolean, 'Keeps standard input open for attaching.'),
    stdinOnce: opt(17, boolean, 'Closes standard input when the first attached client leaves.'),
    terminationMessagePath: opt(13, withDefault(string, '/dev/termination-log'), 'File in the container from which the message of its end is read.'),
    terminationMessagePolicy: opt(
      20,
      withDefault(string, 'File'),
      'File reads the message from the path; FallbackToLogsOnError takes the end of the log if it is empty.',
    ),
    tty: opt(18, boolean, 'Gives the container a terminal; needs stdin.'),
    volumeDevices: opt(
      21,
      list(VolumeDevice, { list: 'map', keys: ['devicePath'], patch: 'merge', mergeKey: 'devicePath' }),
      'Raw block devices for the container.',
    ),
    volumeMounts: opt(
      9,
      list(VolumeMount, { list: 'map', keys: ['mountPath'], patch: 'merge', mergeKey: 'mountPath' }),
      'Where volumes are mounted in the container.',
    ),
    workingDir: opt(5, string, "Working directory; the image's own when not given."),
  },
  { doc: 'One container of a pod.' },
)
export type Container = Static<typeof Container>

export const EphemeralContainer = message(
  'core.v1.EphemeralContainer',
  {
    args: opt([1, 4], list(string, { list: 'atomic' }), "Arguments; the image's own when not given. $(NAME) stands for an environment variable."),
    command: opt(
      [1, 3],
      list(string, { list: 'atomic' }),
      "Program and first arguments instead of the image's entrypoint. $(NAME) stands for an environment variable.",
    ),
    env: opt([1, 7], list(EnvVar, { list: 'map', keys: ['name'], patch: 'merge', mergeKey: 'name' }), 'Environment variables.'),
    envFrom: opt([1, 19], list(EnvFromSource, { list: 'atomic' }), 'Maps whose entries all become environment variables; env wins over them.'),
    image: opt([1, 2], string, 'The image to run.'),
    imagePullPolicy: opt([1, 14], string, 'When the image is pulled: Always, IfNotPresent or Never.'),
    lifecycle: opt([1, 12], Lifecycle, 'What is done after the start and before the stop.'),
    livenessProbe: opt([1, 10], Probe, 'Asks whether the container still works; it is restarted when not.'),
    name: req([1, 1], string, 'Name of the container, unique in the pod; cannot be changed.'),
    ports: opt(
      [1, 6],
      list(ContainerPort, { list: 'map', keys: ['containerPort', 'protocol'], patch: 'merge', mergeKey: 'containerPort' }),
      'Ports the container listens on.',
    ),
    readinessProbe: opt([1, 11], Probe, 'Asks whether the container can serve; the pod is not ready while it cannot.'),
    resizePolicy: opt([1, 23], list(ContainerResizePolicy, { list: 'atomic' }), 'What a change of resources does to the running container.'),
    resources: opt([1, 8], withDefault(ResourceRequirements, {}), 'What the container needs and what it may use.'),
    restartPolicy: opt([1, 24], explicit(string), 'Restart policy of this container alone; Always makes an init container a sidecar.'),
    restartPolicyRules: opt([1, 25], list(ContainerRestartRule, { list: 'atomic' }), 'Rules by exit code that come before the restart policy.'),
    securityContext: opt([1, 15], SecurityContext, "Privileges and user of the container; wins over the pod's."),
    startupProbe: opt([1, 22], Probe, 'Asks whether the container has started; the other probes wait for it.'),
    stdin: opt([1, 16], boolean, 'Keeps standard input open for attaching.'),
    stdinOnce: opt([1, 17], boolean, 'Closes standard input when the first attached client leaves.'),
    targetContainerName: opt(2, string, 'Container whose process namespace the ephemeral container joins.'),
    terminationMessagePath: opt([1, 13], withDefault(string, '/dev/termination-log'), 'File in the container from which the message of its end is read.'),
    terminationMessagePolicy: opt(
      [1, 20],
      withDefault(string, 'File'),
      'File reads the message from the path; FallbackToLogsOnError takes the end of the log if it is empty.',
    ),
    tty: opt([1, 18], boolean, 'Gives the container a terminal; needs stdin.'),
    volumeDevices: opt(
      [1, 21],
      list(VolumeDevice, { list: 'map', keys: ['devicePath'], patch: 'merge', mergeKey: 'devicePath' }),
      'Raw block devices for the container.',
    ),
    volumeMounts: opt(
      [1, 9],
      list(VolumeMount, { list: 'map', keys: ['mountPath'], patch: 'merge', mergeKey: 'mountPath' }),
      'Where volumes are mounted in the container.',
    ),
    workingDir: opt([1, 5], string, "Working directory; the image's own when not given."),
  },
  { doc: 'A container added to a running pod, to look into it.' },
)
export type EphemeralContainer = Static<typeof EphemeralContainer>
