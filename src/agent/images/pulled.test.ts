import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mayUse, type PulledImage, repositoryOf, type SecretMark, withPull } from './pulled.ts'

const mark = (namespace: string, name: string, uid?: string, hash?: string): SecretMark => ({
  namespace,
  name,
  ...(uid !== undefined && { uid }),
  ...(hash !== undefined && { hash }),
})
const TEAM = mark('a', 'team', 'u1', 'h1')
const PRIVATE = withPull(undefined, 'r.io/app', TEAM)

describe('an image that is here', () => {
  const cases: readonly (readonly [string, PulledImage | undefined, readonly SecretMark[], boolean])[] = [
    ['is everybody’s when it was imported', undefined, [], true],
    ['is everybody’s when it was pulled without a secret', withPull(undefined, 'r.io/app', undefined), [], true],
    ['is everybody’s once it was pulled without a secret too', withPull(PRIVATE, 'r.io/app', undefined), [], true],
    ['is kept from a pod without a secret', PRIVATE, [], false],
    ['is kept from a pod with another secret', PRIVATE, [mark('a', 'other', 'u2', 'h2')], false],
    ['is kept from a secret of the same name in another namespace', PRIVATE, [mark('b', 'team', 'u1', 'h2')], false],
    ['is kept from a secret that was made anew with other contents', PRIVATE, [mark('a', 'team', 'u2', 'h2')], false],
    ['is for the same secret, whatever it holds now', PRIVATE, [mark('a', 'team', 'u1', 'h2')], true],
    ['is for another secret that holds the same', PRIVATE, [mark('b', 'copy', 'u3', 'h1')], true],
    ['is for a secret of that name that cannot be asked for', PRIVATE, [mark('a', 'team')], true],
    ['is kept from those who know it by another repository', withPull(undefined, 'r.io/other', undefined), [], false],
  ]
  for (const [name, image, held, expected] of cases) it(name, () => assert.equal(mayUse(image, 'r.io/app', held), expected))

  it('remembers each secret once, with what it held last', () =>
    assert.deepEqual(withPull(PRIVATE, 'r.io/app', { ...TEAM, hash: 'h2' }), { 'r.io/app': { open: false, secrets: [{ ...TEAM, hash: 'h2' }] } }))
})

describe('the repository of an image', () => {
  for (const [name, expected] of [
    ['nginx', 'nginx'],
    ['r.io:5000/a/b:1', 'r.io:5000/a/b'],
    ['r.io:5000/a/b', 'r.io:5000/a/b'],
    ['a/b:1@sha256:00', 'a/b'],
  ] as const) {
    it(`of ${name} is ${expected}`, () => assert.equal(repositoryOf(name), expected))
  }
})
