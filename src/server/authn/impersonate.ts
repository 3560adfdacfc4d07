import type { IncomingHttpHeaders } from 'node:http'
import { badRequest } from '../../api/meta/status.ts'
import type { User } from '../../api/meta/user.ts'
import { AUTHENTICATED, type Authenticator } from '../http/authenticate.ts'
import { type Attributes, type Authorizer, refusal } from '../registry/authorizer.ts'

const PREFIX = 'impersonate-'
const EXTRA = 'impersonate-extra-'
const ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/

/** Whom a request wants to be, by its headers. */
interface Wanted {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/** As `authenticator`, and who may `impersonate` somebody is that somebody for the request (`kubectl --as`). */
export const impersonating = (authenticator: Authenticator, authorizer: Authorizer): Authenticator => ({
  authenticate(headers, peer) {
    const user = authenticator.authenticate(headers, peer)
    if (!asksToImpersonate(headers)) return user
    return (async () => {
      const really = await user
      return really && become(really, wantedOf(headers), authorizer)
    })()
  },
})

function asksToImpersonate(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) if (name.startsWith(PREFIX)) return true
  return false
}

const valuesOf = (header: string | string[] | undefined): string[] =>
  (Array.isArray(header) ? header : (header?.split(',') ?? [])).map(value => value.trim()).filter(Boolean)

function wantedOf(headers: IncomingHttpHeaders): Wanted {
  const name = valuesOf(headers['impersonate-user']).join(',')
  if (!name) throw badRequest('Impersonate-User is wanted: groups, uid and extra cannot be impersonated without a user')
  const [uid] = valuesOf(headers['impersonate-uid'])
  const extra: Record<string, string[]> = Object.create(null)
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(EXTRA)) continue
    let key: string
    try {
      key = decodeURIComponent(header.slice(EXTRA.length))
    } catch {
      throw badRequest(`${header}: the key is not percent-encoded as it should be`)
    }
    extra[key] = valuesOf(value)
  }
  return { name, ...(uid && { uid }), groups: valuesOf(headers['impersonate-group']), extra }
}

async function become(really: User, wanted: Wanted, authorizer: Authorizer): Promise<User> {
  const account = ACCOUNT.exec(wanted.name)
  const may = async (about: Partial<Attributes> & { readonly resource: string; readonly name: string }) => {
    const attributes: Attributes = { user: really, verb: 'impersonate', group: '', version: 'v1', ...about }
    const { allowed, reason } = await authorizer.authorize(attributes)
    if (!allowed) throw refusal(attributes, reason)
  }
  if (account) await may({ resource: 'serviceaccounts', namespace: account[1], name: account[2]! })
  else await may({ resource: 'users', name: wanted.name })
  for (const name of wanted.groups) await may({ resource: 'groups', name })
  const review = 'authentication.k8s.io'
  if (wanted.uid) await may({ group: review, resource: 'uids', name: wanted.uid })
  for (const [subresource, values] of Object.entries(wanted.extra)) {
    for (const name of values) await may({ group: review, resource: 'userextras', subresource, name })
  }
  const groups = wanted.groups.length === 0 && account ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : wanted.groups
  const anonymous = wanted.name === 'system:anonymous'
  const more = anonymous ? 'system:unauthenticated' : AUTHENTICATED
  return {
    name: wanted.name,
    ...(wanted.uid && { uid: wanted.uid }),
    groups: groups.includes(more) ? groups : [...groups, more],
    ...(Object.keys(wanted.extra).length > 0 && { extra: { ...wanted.extra } }),
    impersonatedBy: really,
  }
}
