import net from 'node:net'
import type { Container } from '../../api/types/core/container.ts'
import type { LifecycleHandler, Probe } from '../../api/types/core/probe.ts'
import { duration } from '../plan.ts'
import { ExecTimeout, type Runtime } from '../runtime/runtime.ts'
import { probeGrpc } from './grpc.ts'
import { probeHttp } from './http.ts'
import { hostAndPort, whyUnreachable } from './network-words.ts'
import { failure, type Outcome, SUCCESS, unknown } from './outcome.ts'

export interface Target {
  readonly container: Container
  /** The engine's id of it. */
  readonly id: string
  /** Where the pod can be reached. */
  readonly address: string
}

/** Does once what a probe asks for. Never throws. */
export function runProbe(probe: Probe, target: Target, runtime: Runtime, signal: AbortSignal): Promise<Outcome> {
  return outcomeOf(probe, target, runtime, (probe.timeoutSeconds ?? 1) * 1000, signal, false)
}

/** Does once what a hook asks for, but for a sleep. Never throws. */
export function runHook(hook: LifecycleHandler, target: Target, runtime: Runtime, timeoutMs: number, signal: AbortSignal): Promise<Outcome> {
  return outcomeOf(hook, target, runtime, timeoutMs, signal, true)
}

async function outcomeOf(
  handler: Probe | LifecycleHandler,
  target: Target,
  runtime: Runtime,
  timeoutMs: number,
  signal: AbortSignal,
  isHook: boolean,
): Promise<Outcome> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const { exec, httpGet, tcpSocket } = handler
  const { container, address } = target
  try {
    if (exec) return await probeExec(exec.command ?? [], target, runtime, timeoutMs, signal)
    if (httpGet) return await probeHttp(httpGet, address, portOf(httpGet.port, container), limit, isHook)
    if (tcpSocket) return await probeTcp(tcpSocket.host || address, portOf(tcpSocket.port, container), limit)
    if ('grpc' in handler && handler.grpc) return await probeGrpc(address, handler.grpc.port, handler.grpc.service ?? '', timeoutMs)
    return SUCCESS
  } catch (error) {
    return unknown((error as Error).message)
  }
}

async function probeExec(command: readonly string[], target: Target, runtime: Runtime, timeoutMs: number, signal: AbortSignal): Promise<Outcome> {
  try {
    const { exitCode, output } = await runtime.exec(target.id, command, { timeoutMs, signal })
    return exitCode === 0 ? SUCCESS : failure(output)
  } catch (error) {
    if (!(error instanceof ExecTimeout)) throw error
    return failure(`command timed out: "${command.join(' ')}" timed out after ${duration(timeoutMs / 1000)}`)
  }
}

function probeTcp(host: string, port: number, signal: AbortSignal): Promise<Outcome> {
  return new Promise(resolve => {
    const socket = net.connect({ host, port, signal })
    socket.once('connect', () => {
      socket.destroy()
      resolve(SUCCESS)
    })
    socket.once('error', error => resolve(failure(signal.aborted ? `dial tcp ${hostAndPort(host, port)}: i/o timeout` : whyUnreachable(error, host, port))))
  })
}

/** A port by number or by the name that the container gave it. */
function portOf(port: string | number, container: Container): number {
  if (typeof port === 'number') return port
  const named = container.ports?.find(p => p.name === port)?.containerPort ?? Number(port)
  if (!Number.isInteger(named)) throw new Error(`strconv.Atoi: parsing "${port}": invalid syntax`)
  return named
}
