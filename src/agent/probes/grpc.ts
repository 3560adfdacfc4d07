import { duration } from '../plan.ts'
import { PROBER } from './http.ts'
import { hostAndPort } from './network-words.ts'
import { failure, type Outcome, SUCCESS } from './outcome.ts'

const UNIMPLEMENTED = 12
const DEADLINE_EXCEEDED = 4
/** States of `grpc.health.v1.HealthCheckResponse`, by number. */
const STATES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']
const SERVING = 1

/** `grpc.health.v1.Health/Check`: field 1 of the request is the service, of the answer the state. */
export async function probeGrpc(host: string, port: number, service: string, timeoutMs: number): Promise<Outcome> {
  const grpc = await import('@grpc/grpc-js')
  const address = hostAndPort(host, port)
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), { 'grpc.primary_user_agent': PROBER })
  const deadline = Date.now() + timeoutMs
  const limit = duration(timeoutMs / 1000)
  const asIs = (bytes: Buffer) => bytes
  try {
    const isConnected = await new Promise<boolean>(resolve => client.waitForReady(deadline, error => resolve(error === undefined)))
    if (!isConnected) return failure(`timeout: failed to connect service "${address}" within ${limit}: context deadline exceeded`)
    return await new Promise(resolve => {
      client.makeUnaryRequest('/grpc.health.v1.Health/Check', asIs, asIs, requestFor(service), { deadline }, (error, answer) => {
        const state = answer?.[0] === 0x08 ? (answer[1] ?? 0) : 0
        if (error?.code === UNIMPLEMENTED) {
          resolve(failure(`error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${error.details}`))
        } else if (error?.code === DEADLINE_EXCEEDED) resolve(failure(`timeout: health rpc did not complete within ${limit}`))
        else if (error) resolve(failure(`error: health rpc probe failed: rpc error: code = ${codeName(grpc.status[error.code])} desc = ${error.details}`))
        else resolve(state === SERVING ? SUCCESS : failure(`service unhealthy (responded with "${STATES[state] ?? state}")`))
      })
    })
  } finally {
    client.close()
  }
}

/** `NOT_FOUND` as Go writes it: `NotFound`. */
const codeName = (name = 'UNKNOWN'): string => (name === 'OK' ? name : name.toLowerCase().replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase()))

function requestFor(service: string): Buffer {
  const name = Buffer.from(service)
  if (name.length === 0) return name
  const length = name.length < 0x80 ? [name.length] : [(name.length & 0x7f) | 0x80, name.length >> 7]
  return Buffer.concat([Buffer.from([0x0a, ...length]), name])
}
