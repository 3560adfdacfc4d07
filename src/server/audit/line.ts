import type { User } from '../../api/meta/user.ts'
import { jsonText } from '../../base/json-text.ts'

/** What an object is called in a line; what is empty is left out. */
export interface ObjectReference {
  readonly resource: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly uid: string | undefined
  readonly apiGroup: string
  readonly apiVersion: string
  readonly resourceVersion: string | undefined
  readonly subresource: string | undefined
}

/** What stands in the line of one request at one stage. */
export interface AuditLine {
  readonly level: string
  readonly auditID: string
  readonly stage: string
  readonly requestURI: string | undefined
  readonly verb: string
  readonly user: User
  readonly impersonatedUser: User | undefined
  readonly sourceIP: string | undefined
  readonly userAgent: string | undefined
  readonly objectRef: ObjectReference | undefined
  readonly responseStatus: object | undefined
  /** `requestObject` and `responseObject`, where they are to be seen. */
  readonly bodies: object | undefined
  readonly requestReceivedTimestamp: string
  readonly stageTimestamp: string
}

/**
 * One line of JSON. Its text is put together, member by member: there is a line for nearly every request, and making an object of
 * all this for `JSON.stringify` to take apart took longer than deciding whether the request is allowed.
 */
export function auditLine(line: AuditLine): string {
  const { objectRef: at, bodies, responseStatus } = line
  return (
    `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"${line.level}","auditID":${jsonText(line.auditID)},"stage":"${line.stage}"` +
    given('requestURI', line.requestURI) +
    `,"verb":${jsonText(line.verb)},"user":${userText(line.user)}` +
    (line.impersonatedUser ? `,"impersonatedUser":${userText(line.impersonatedUser)}` : '') +
    (line.sourceIP ? `,"sourceIPs":[${jsonText(line.sourceIP)}]` : '') +
    given('userAgent', line.userAgent) +
    (at ? `,"objectRef":${referenceText(at)}` : '') +
    (responseStatus ? `,"responseStatus":${JSON.stringify(responseStatus)}` : '') +
    (bodies ? membersOf(bodies) : '') +
    `,"requestReceivedTimestamp":"${line.requestReceivedTimestamp}","stageTimestamp":"${line.stageTimestamp}"}`
  )
}

const given = (name: string, value: string | undefined): string => (value ? `,"${name}":${jsonText(value)}` : '')

function referenceText(at: ObjectReference): string {
  return `{"resource":${jsonText(at.resource)}${given('namespace', at.namespace)}${given('name', at.name)}${given('uid', at.uid)}${given('apiGroup', at.apiGroup)},"apiVersion":${jsonText(at.apiVersion)}${given('resourceVersion', at.resourceVersion)}${given('subresource', at.subresource)}}`
}

function membersOf(bodies: object): string {
  const text = JSON.stringify(bodies)
  return text === '{}' ? '' : `,${text.slice(1, -1)}`
}

/** Of those who ask again and again. */
const users = new WeakMap<User, string>()

function userText(user: User): string {
  let text = users.get(user)
  if (text === undefined) {
    const { name, uid, groups, extra } = user
    text = JSON.stringify({ username: name, uid: uid || undefined, groups, extra })
    users.set(user, text)
  }
  return text
}
