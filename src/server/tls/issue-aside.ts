/** The process that issues certificates. */
import { serveCalls } from '../../base/node/serve-calls.ts'
import { issueAuthority, issueForRequest, issueKeyPair, readRequest } from './issue.ts'

const calls = { issueAuthority, issueForRequest, issueKeyPair, readRequest }
export type IssueCalls = typeof calls

serveCalls(calls)
