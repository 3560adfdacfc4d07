import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus, type StatusError } from '../../api/meta/status.ts'
import { microTimeOf } from '../../api/meta/time.ts'
import type { Clock } from '../../base/clock.ts'
import type { Answer, Caller } from '../registry/request.ts'
import { auditLine } from './line.ts'
import { type AuditLevel, type AuditRule, type AuditStage, auditRules } from './policy.ts'

/** A request as audit sees it: about a resource, or about a path that is none. */
export interface AuditedCall {
  readonly caller: Caller
  readonly verb: string
  readonly path?: string | undefined
  readonly at?: { readonly group: string; readonly version: string; readonly resource: string } | undefined
  readonly subresource?: string | undefined
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly body?: unknown
  /** It goes on for long: also written down when it begins. */
  readonly streams?: boolean
}

/** Told how a request went. */
export type Outcome = { readonly answer: Answer } | { readonly error: unknown } | { readonly watching: true } | { readonly code: number }

/** Writes down who did what, when, from where, and how it went. */
export interface Auditor {
  /** Undefined when nothing of the request is written down; otherwise to be called once, when it is over. */
  begin(call: AuditedCall): ((outcome: Outcome) => void) | undefined
}

export interface AuditorOptions {
  readonly policy: readonly AuditRule[]
  readonly clock: Clock
  /** Takes one line, without its end; must not block. */
  readonly write: (line: string) => void
  /** A fresh identity for a request that has none yet. */
  readonly uuid: () => string
}

/** audit.k8s.io/v1 Events, each one line of JSON. */
export function auditor({ policy, clock, write, uuid }: AuditorOptions): Auditor {
  const ruleOf = auditRules(policy)
  return { begin }

  function begin(call: AuditedCall): ((outcome: Outcome) => void) | undefined {
    const { caller, verb, path, at, subresource, namespace, name, streams } = call
    const { user } = caller
    const rule = ruleOf({ user, verb, path, group: at?.group, resource: at?.resource, subresource, namespace, name })
    const { level } = rule
    if (level === 'None') return undefined
    const received = clock.now()
    const auditID = caller.auditId ?? uuid()
    const record = (stage: AuditStage, outcome?: Outcome) => {
      if (rule.omitStages?.includes(stage)) return
      const made = outcome && 'answer' in outcome ? (outcome.answer.body as Partial<KubeObject>).metadata : undefined
      write(
        auditLine({
          level,
          auditID,
          stage,
          requestURI: caller.uri ?? path,
          verb,
          user: user.impersonatedBy ?? user,
          impersonatedUser: user.impersonatedBy && user,
          sourceIP: caller.address,
          userAgent: caller.userAgent,
          objectRef: at && {
            resource: at.resource,
            namespace,
            name: name ?? made?.name,
            uid: made?.uid,
            apiGroup: at.group,
            apiVersion: at.version,
            resourceVersion: made?.resourceVersion,
            subresource,
          },
          responseStatus: outcome && statusOf(outcome),
          bodies: level === 'Metadata' ? undefined : bodies(level, call, outcome, rule.omitManagedFields === true),
          requestReceivedTimestamp: microTimeOf(received),
          stageTimestamp: microTimeOf(clock.now()),
        }),
      )
    }
    if (streams) record('RequestReceived')
    return outcome => record('watching' in outcome ? 'ResponseStarted' : 'ResponseComplete', outcome)
  }
}

function statusOf(outcome: Outcome): object {
  if ('answer' in outcome) return { metadata: {}, code: outcome.answer.code }
  if ('watching' in outcome) return { metadata: {}, code: 200 }
  if ('code' in outcome) return { metadata: {}, code: outcome.code }
  const { error } = outcome
  // What a refusal says may quote the object: its reason is enough.
  return isStatus(error)
    ? { metadata: {}, status: 'Failure', reason: (error as StatusError).reason, code: error.code }
    : { metadata: {}, status: 'Failure', code: 500 }
}

function bodies(level: AuditLevel, { body }: AuditedCall, outcome: Outcome | undefined, omitManagedFields: boolean): object {
  const bare = omitManagedFields ? withoutManagedFields : (value: unknown) => value
  return {
    ...(body !== undefined && { requestObject: bare(body) }),
    ...(level === 'RequestResponse' && outcome && 'answer' in outcome && { responseObject: bare(outcome.answer.body) }),
  }
}

function withoutManagedFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { metadata, items, ...rest } = value as { readonly metadata?: object; readonly items?: unknown }
  const { managedFields: _, ...others } = (metadata ?? {}) as { readonly managedFields?: unknown }
  return {
    ...rest,
    ...(metadata && { metadata: others }),
    ...(items !== undefined && { items: Array.isArray(items) ? items.map(withoutManagedFields) : items }),
  }
}
