import { explicit, int32, int64, intOrString, list, message, opt, req, type Static, string, withDefault } from '../../schema/build.ts'

export const ExecAction = message(
  'core.v1.ExecAction',
  {
    command: opt(1, list(string, { list: 'atomic' }), 'Program and arguments, run without a shell; 0 means success.'),
  },
  { doc: 'A command in a container.' },
)
export type ExecAction = Static<typeof ExecAction>

export const HTTPHeader = message(
  'core.v1.HTTPHeader',
  {
    name: req(1, string, 'Name of the header.'),
    value: req(2, string, 'Value of the header.'),
  },
  { doc: 'One header of a request.' },
)
export type HTTPHeader = Static<typeof HTTPHeader>

export const HTTPGetAction = message(
  'core.v1.HTTPGetAction',
  {
    host: opt(3, string, "Host to ask; the pod's address when not given."),
    httpHeaders: opt(5, list(HTTPHeader, { list: 'atomic' }), 'Headers of the request.'),
    path: opt(1, withDefault(string, '/'), 'Path to ask for.'),
    port: req(2, intOrString, 'Number or name of the port.'),
    scheme: opt(4, withDefault(string, 'HTTP'), 'HTTP or HTTPS; certificates are not checked.'),
  },
  { doc: 'An HTTP request.' },
)
export type HTTPGetAction = Static<typeof HTTPGetAction>

export const SleepAction = message(
  'core.v1.SleepAction',
  {
    seconds: req(1, int64, 'How many seconds.'),
  },
  { doc: 'A wait.' },
)
export type SleepAction = Static<typeof SleepAction>

export const TCPSocketAction = message(
  'core.v1.TCPSocketAction',
  {
    host: opt(2, string, "Host to connect to; the pod's address when not given."),
    port: req(1, intOrString, 'Number or name of the port.'),
  },
  { doc: 'An attempt to open a connection.' },
)
export type TCPSocketAction = Static<typeof TCPSocketAction>

export const LifecycleHandler = message(
  'core.v1.LifecycleHandler',
  {
    exec: opt(1, ExecAction, 'Runs a command in the container.'),
    httpGet: opt(2, HTTPGetAction, 'Sends an HTTP request.'),
    sleep: opt(4, SleepAction, 'Waits.'),
    tcpSocket: opt(3, TCPSocketAction, 'Kept for old objects; does nothing.'),
  },
  { doc: 'One thing to do; exactly one of these.' },
)
export type LifecycleHandler = Static<typeof LifecycleHandler>

export const Lifecycle = message(
  'core.v1.Lifecycle',
  {
    postStart: opt(1, LifecycleHandler, 'Done right after the start; the container is killed if it fails.'),
    preStop: opt(2, LifecycleHandler, 'Done before the stop signal, within the grace period.'),
    stopSignal: opt(3, explicit(string), "Signal that asks the container to stop, instead of the image's."),
  },
  { doc: "What is done around a container's life." },
)
export type Lifecycle = Static<typeof Lifecycle>

export const GRPCAction = message(
  'core.v1.GRPCAction',
  {
    port: req(1, int32, 'Number of the port.'),
    service: opt(2, withDefault(explicit(string), ''), 'Name of the service asked about.'),
  },
  { doc: 'A health check over gRPC.' },
)
export type GRPCAction = Static<typeof GRPCAction>

export const Probe = message(
  'core.v1.Probe',
  {
    exec: opt([1, 1], ExecAction, 'Runs a command in the container; 0 is a yes.'),
    failureThreshold: opt(6, withDefault(int32, 3), 'Failures in a row that make a no.'),
    grpc: opt([1, 4], GRPCAction, 'Asks the gRPC health service.'),
    httpGet: opt([1, 2], HTTPGetAction, 'Sends an HTTP request; 200 to 399 is a yes.'),
    initialDelaySeconds: opt(2, int32, 'Seconds after the start before the first question.'),
    periodSeconds: opt(4, withDefault(int32, 10), 'Seconds between two questions.'),
    successThreshold: opt(5, withDefault(int32, 1), 'Successes in a row that make a yes after a no; 1 for liveness and startup.'),
    tcpSocket: opt([1, 3], TCPSocketAction, 'Opens a connection.'),
    terminationGracePeriodSeconds: opt(7, explicit(int64), "Grace period when this probe ends the container, instead of the pod's."),
    timeoutSeconds: opt(3, withDefault(int32, 1), 'Seconds after which no answer is a failure.'),
  },
  { doc: 'A question put to a container again and again.' },
)
export type Probe = Static<typeof Probe>
