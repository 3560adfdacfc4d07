import type { Status } from '../types/meta.ts'

export type Reason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Expired'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServerTimeout'
  | 'ServiceUnavailable'
  | 'Timeout'

const CODES: Readonly<Record<Reason, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServerTimeout: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
}

export type Details = NonNullable<Status['details']>
export type Cause = NonNullable<Details['causes']>[number]

/** An error that knows its wire form: a Kubernetes `Status`. The only error that the Api seam throws on purpose. */
export class StatusError extends Error {
  readonly status: Status & { readonly reason: string; readonly code: number; readonly message: string }

  constructor(reason: Reason | (string & {}), message: string, details?: Details, code = CODES[reason as Reason] ?? 500, metadata: Status['metadata'] = {}) {
    super(message)
    this.name = 'StatusError'
    this.status = { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', message, reason, ...(details && { details }), code }
  }

  get reason(): string {
    return this.status.reason
  }
  get code(): number {
    return this.status.code
  }

  /** The error that a `Status` received from a server stands for. */
  static from(status: Status): StatusError {
    return new StatusError(status.reason ?? 'InternalError', status.message ?? 'unknown error', status.details, status.code ?? 500, status.metadata)
  }
}

/** Whether an error is a `StatusError` of one of these reasons. */
export const isStatus = (error: unknown, ...reasons: readonly (Reason | (string & {}))[]): error is StatusError =>
  error instanceof StatusError && (reasons.length === 0 || reasons.includes(error.reason))

/** `daemonsets.apps`, or `pods` for the core group. */
export const qualified = (at: { readonly group: string; readonly resource: string }): string => (at.group ? `${at.resource}.${at.group}` : at.resource)

interface Resource {
  readonly group: string
  /** The plural. */
  readonly resource: string
}
const detailsOf = (at: Resource, name: string): Details => ({ ...(name && { name }), ...(at.group && { group: at.group }), kind: at.resource })

export const badRequest = (message: string): StatusError => new StatusError('BadRequest', message)
export const unauthorized = (message = 'Unauthorized'): StatusError => new StatusError('Unauthorized', message)
export const notFound = (at: Resource, name: string): StatusError => new StatusError('NotFound', `${qualified(at)} "${name}" not found`, detailsOf(at, name))
export const alreadyExists = (at: Resource, name: string): StatusError =>
  new StatusError('AlreadyExists', `${qualified(at)} "${name}" already exists`, detailsOf(at, name))
export const conflict = (at: Resource, name: string, why: string): StatusError =>
  new StatusError('Conflict', `Operation cannot be fulfilled on ${qualified(at)} "${name}": ${why}`, detailsOf(at, name))
export const forbidden = (at: Resource, name: string, why: string): StatusError =>
  new StatusError('Forbidden', `${at.resource ? `${qualified(at)} "${name}" is ` : ''}forbidden: ${why}`, detailsOf(at, name))
export const expired = (message: string): StatusError => new StatusError('Expired', message)
export const methodNotAllowed = (at: Resource): StatusError =>
  new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource', detailsOf(at, ''))
export const unavailable = (message: string, retryAfterSeconds = 1): StatusError => new StatusError('ServiceUnavailable', message, { retryAfterSeconds })
export const internalError = (message: string): StatusError =>
  new StatusError('InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'
