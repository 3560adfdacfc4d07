import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { User } from '../../api/meta/user.ts'
import type { Authorizer } from '../registry/authorizer.ts'
import { impersonating } from './impersonate.ts'

const ann: User = { name: 'ann', groups: ['system:authenticated'] }

/** Ann may impersonate what the list says. */
function as(headers: Record<string, string>, ...may: readonly string[]): Promise<User | undefined> {
  const authorizer: Authorizer = {
    authorize: a => ({
      allowed: !('path' in a) && a.verb === 'impersonate' && may.includes([a.group, a.resource, a.subresource, a.namespace, a.name].filter(Boolean).join(' ')),
    }),
  }
  const peer = {} as Parameters<ReturnType<typeof impersonating>['authenticate']>[1]
  return Promise.resolve(impersonating({ authenticate: () => ann }, authorizer).authenticate(headers, peer))
}

test('who may impersonate somebody is that somebody, with the groups that were asked for', async () => {
  assert.deepEqual(await as({}), ann)
  assert.deepEqual(await as({ 'impersonate-user': 'bob', 'impersonate-group': 'dev, ops' }, 'users bob', 'groups dev', 'groups ops'), {
    name: 'bob',
    groups: ['dev', 'ops', 'system:authenticated'],
    impersonatedBy: ann,
  })
  assert.deepEqual(await as({ 'impersonate-user': 'system:serviceaccount:ns:robot' }, 'serviceaccounts ns robot'), {
    name: 'system:serviceaccount:ns:robot',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
    impersonatedBy: ann,
  })
  const extra = { 'impersonate-user': 'bob', 'impersonate-uid': 'u1', 'impersonate-extra-a%2fb': 'x' }
  assert.deepEqual(await as(extra, 'users bob', 'authentication.k8s.io uids u1', 'authentication.k8s.io userextras a/b x'), {
    name: 'bob',
    uid: 'u1',
    groups: ['system:authenticated'],
    extra: { 'a/b': ['x'] },
    impersonatedBy: ann,
  })
})

test('who may not is refused, for each part of whom they want to be', async () => {
  await assert.rejects(as({ 'impersonate-user': 'bob' }), /User "ann" cannot impersonate resource "users"/)
  await assert.rejects(as({ 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' }, 'users bob'), /cannot impersonate resource "groups"/)
  await assert.rejects(as({ 'impersonate-group': 'dev' }, 'groups dev'), /Impersonate-User is wanted/)
  await assert.rejects(as({ 'impersonate-user': 'bob', 'impersonate-extra-%zz': 'x' }, 'users bob'), /percent-encoded/)
})
