/** The process that makes signing requests. */
import { serveCalls } from '../../base/node/serve-calls.ts'
import { newSigningRequest } from './signing-request.ts'

const calls = { newSigningRequest }
export type SigningRequestCalls = typeof calls

serveCalls(calls)
