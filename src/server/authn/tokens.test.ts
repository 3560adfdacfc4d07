import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { test } from 'node:test'
import type { KubeObject } from '../../api/meta/object.ts'
import type { TokenRequest } from '../../api/types/authentication.ts'
import type { Secret } from '../../api/types/core/config.ts'
import { FakeClock } from '../../base/clock.ts'
import { BootstrapTokens } from './bootstrap-tokens.ts'
import { ServiceAccountTokens } from './service-account-tokens.ts'

const object = (name: string, uid: string, rest: object = {}): KubeObject =>
  ({ apiVersion: 'v1', kind: '', metadata: { name, uid, resourceVersion: '1', creationTimestamp: '' }, ...rest }) as KubeObject

function world() {
  const clock = new FakeClock(Date.UTC(2026, 0, 1))
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const objects = new Map<string, KubeObject>([
    ['serviceaccounts ns/robot', object('robot', 'sa-1')],
    ['pods ns/p', object('p', 'pod-1', { spec: { serviceAccountName: 'robot', nodeName: 'n1' } })],
    ['nodes /n1', object('n1', 'node-1')],
  ])
  const options = {
    keys: [{ id: 'k1', privateKey, publicKey }],
    issuer: 'https://kubernetes.default.svc',
    audiences: ['https://kubernetes.default.svc'],
    lookup: (resource: string, namespace = '', name: string) => objects.get(`${resource} ${namespace}/${name}`),
    clock,
    uuid: () => 'id-1',
  }
  const tokens = new ServiceAccountTokens(options)
  const request = (spec: object = {}) => tokens.issue('ns', 'robot', { apiVersion: '', kind: 'TokenRequest', spec, status: {} } as unknown as TokenRequest)
  return { clock, objects, options, tokens, request }
}

test('a token bound to a pod names its account, pod and node, and dies with the pod, the account or its time', async () => {
  const { clock, objects, tokens, request } = world()
  const { status } = await request({ boundObjectRef: { kind: 'Pod', name: 'p', uid: 'pod-1' }, expirationSeconds: 600 })
  const user = {
    name: 'system:serviceaccount:ns:robot',
    uid: 'sa-1',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:ns'],
    extra: {
      'authentication.kubernetes.io/credential-id': ['JTI=id-1'],
      'authentication.kubernetes.io/pod-name': ['p'],
      'authentication.kubernetes.io/pod-uid': ['pod-1'],
      'authentication.kubernetes.io/node-name': ['n1'],
      'authentication.kubernetes.io/node-uid': ['node-1'],
    },
  }
  const token = status.token!
  assert.deepEqual(await tokens.verify(token), user)
  const pod = objects.get('pods ns/p')!
  objects.set('pods ns/p', object('p', 'pod-2'))
  assert.equal(await tokens.verify(token), undefined, 'another pod of that name')
  objects.set('pods ns/p', pod)
  const account = objects.get('serviceaccounts ns/robot')!
  objects.delete('serviceaccounts ns/robot')
  assert.equal(await tokens.verify(token), undefined, 'no account')
  objects.set('serviceaccounts ns/robot', account)
  assert.deepEqual(await tokens.verify(token), user)
  clock.advance(600_000)
  assert.equal(await tokens.verify(token), undefined, 'expired')
})

test('a token is good for its audiences only, and only if one of our keys signed it', async () => {
  const { options, tokens, request } = world()
  const { status } = await request({ audiences: ['vault'] })
  assert.equal(await tokens.verify(status.token!), undefined)
  assert.deepEqual((await tokens.review(status.token!, ['vault', 'other']))?.audiences, ['vault'])
  const forger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const forged = await new ServiceAccountTokens({ ...options, keys: [{ id: 'k1', ...forger }] }).issue('ns', 'robot', {
    apiVersion: '',
    kind: 'TokenRequest',
    spec: {},
    status: {},
  } as unknown as TokenRequest)
  for (const bad of [forged.status.token!, '', 'a.b.c', 'x', `${status.token!.slice(0, -4)}AAAA`]) assert.equal(await tokens.verify(bad), undefined)
})

test('a token that says of itself how it is to be checked, or what it is, is believed in nothing', async () => {
  const { options, tokens, request, clock } = world()
  const { status } = await request()
  const [head = '', body = '', signature = ''] = status.token!.split('.')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const { privateKey, publicKey } = options.keys[0]!
  const signedBy = (key: KeyObject, header: object, more: object = {}): string => {
    const text = `${part(header)}.${part({ ...claims, ...more })}`
    return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }
  const good = { alg: 'ES256', kid: 'k1' }
  const now = clock.now() / 1000
  // What is known to all taken for a secret.
  const macOf = (secret: string | Buffer): string => {
    const text = `${part({ alg: 'HS256', kid: 'k1' })}.${body}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
  const forger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  assert.equal((await tokens.verify(signedBy(privateKey, good)))?.name, 'system:serviceaccount:ns:robot')
  const bad: Readonly<Record<string, string>> = {
    'signed by nobody': `${part({ alg: 'none' })}.${body}.`,
    'signed by nobody, with a key named': `${part({ alg: 'none', kid: 'k1' })}.${body}.`,
    'signed by nobody, in capitals': `${part({ alg: 'NONE', kid: 'k1' })}.${body}.${signature}`,
    'with the public key as secret': macOf(publicKey.export({ type: 'spki', format: 'pem' }) as string),
    'with the public key in bytes as secret': macOf(publicKey.export({ type: 'spki', format: 'der' })),
    'with nothing as secret': macOf(''),
    'without a key': signedBy(privateKey, { alg: 'ES256' }),
    'with a key of a file': signedBy(privateKey, { alg: 'ES256', kid: '../../../dev/null' }),
    'with a key of every object': signedBy(privateKey, { alg: 'ES256', kid: '__proto__' }),
    'with a key it brings along': signedBy(forger.privateKey, { ...good, jwk: forger.publicKey.export({ format: 'jwk' }) }),
    'with a key from elsewhere': signedBy(forger.privateKey, { ...good, jku: 'https://forger.example/jwks' }),
    'signed by another': signedBy(forger.privateKey, good),
    'with members that must be understood': signedBy(privateKey, { ...good, crit: ['x'], x: 1 }),
    'of another issuer': signedBy(privateKey, good, { iss: 'https://forger.example' }),
    'of no issuer': signedBy(privateKey, good, { iss: undefined }),
    'for another audience': signedBy(privateKey, good, { aud: ['vault'] }),
    'for no audience': signedBy(privateKey, good, { aud: [] }),
    'for an audience that is none': signedBy(privateKey, good, { aud: { length: 1, 0: options.audiences[0] } }),
    'that has ended': signedBy(privateKey, good, { exp: now - 1 }),
    'that has no end': signedBy(privateKey, good, { exp: undefined }),
    'that has not begun': signedBy(privateKey, good, { nbf: now + 3600 }),
    'of an account that is none': signedBy(privateKey, good, { 'kubernetes.io': undefined }),
    'of an account of another time': signedBy(privateKey, good, { 'kubernetes.io': { namespace: 'ns', serviceaccount: { name: 'robot', uid: 'sa-0' } } }),
    'that names another than its account': signedBy(privateKey, good, { sub: 'system:serviceaccount:kube-system:admin' }),
    'whose signature is zero': `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
    'whose signature is cut': `${head}.${body}.${signature.slice(0, -4)}`,
    'of four parts': `${status.token}.x`,
    'of one part': head,
  }
  const believed: string[] = []
  for (const [name, token] of Object.entries(bad)) if ((await tokens.verify(token)) !== undefined) believed.push(name)
  assert.deepEqual(believed, [])
})

test('a request for too short a life, a foreign pod or an unknown account is refused with the reason', async () => {
  const { tokens, objects, request } = world()
  objects.set('pods ns/q', object('q', 'pod-q', { spec: { serviceAccountName: 'other' } }))
  await assert.rejects(request({ expirationSeconds: 60 }), /less than 10 minutes/)
  await assert.rejects(request({ boundObjectRef: { kind: 'Pod', name: 'q' } }), /different serviceaccount/)
  await assert.rejects(request({ boundObjectRef: { kind: 'Pod', name: 'p', uid: 'old' } }), /does not match the UID/)
  await assert.rejects(request({ boundObjectRef: { kind: 'Thing', name: 'p' } }), /only Pod, Secret and Node/)
  await assert.rejects(tokens.issue('ns', 'nobody', { spec: {} } as unknown as TokenRequest), /serviceaccounts "nobody" not found/)
})

test('a join token is good while its Secret says so; why it no longer is hears only who knows it', () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1))
  const secret = (data: Record<string, string>, type = 'bootstrap.kubernetes.io/token') =>
    ({
      ...object('bootstrap-token-abcdef', 'u'),
      type,
      data: Object.fromEntries(Object.entries(data).map(([k, v]) => [k, Buffer.from(v).toString('base64')])),
    }) as Secret
  const good = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true', expiration: '2026-01-02T00:00:00Z' }
  const verify = (held: Secret | undefined, token = 'abcdef.0123456789abcdef') => {
    try {
      return new BootstrapTokens({ clock, secret: name => (name === 'bootstrap-token-abcdef' ? held : undefined) }).verify(token)?.name
    } catch (error) {
      return (error as Error).message
    }
  }
  assert.deepEqual(
    [
      verify(secret(good)),
      verify(secret(good), 'abcdef.0123456789abcdeX'),
      verify(secret(good), 'abcdef.0123456789abcdee'),
      verify(secret(good), 'zbcdef.0123456789abcdef'),
      verify(secret(good, 'Opaque')),
      verify(secret({ ...good, expiration: '2025-12-31T00:00:00Z' })),
      verify(secret({ ...good, expiration: '2025-12-31T00:00:00Z' }), 'abcdef.0123456789abcdee'),
      verify(secret({ ...good, 'usage-bootstrap-authentication': 'false' })),
      verify(secret({ ...good, 'everynode-uses-left': '0' })),
      verify(secret({ ...good, 'everynode-uses-left': '1' })),
      verify(secret({ ...good, 'everynode-uses-left': '0', 'everynode-spent-at': '2025-12-31T23:59:30Z' })),
      verify(secret({ ...good, 'everynode-uses-left': '0', 'everynode-spent-at': '2025-12-31T23:58:30Z' })),
      verify(undefined),
    ],
    [
      'system:bootstrap:abcdef',
      undefined,
      undefined,
      undefined,
      undefined,
      'the token expired at 2025-12-31T00:00:00Z',
      undefined,
      undefined,
      'the token has been used as often as it may be',
      'system:bootstrap:abcdef',
      'system:bootstrap:abcdef',
      'the token has been used as often as it may be',
      undefined,
    ],
  )
})
