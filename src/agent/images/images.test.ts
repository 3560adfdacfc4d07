import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { authOf, isReference } from '../runtime/cri/images.ts'
import { bytesToCollect, isImported, unusedImages } from './collect.ts'
import { fullName } from './oci.ts'

describe('names of images', () => {
  for (const [name, expected] of [
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1', 'docker.io/library/nginx:1'],
    ['team/app:1', 'docker.io/team/app:1'],
    ['localhost/app', 'localhost/app:latest'],
    ['registry:5000/app:1', 'registry:5000/app:1'],
    ['quay.io/a/b@sha256:00', 'quay.io/a/b@sha256:00'],
  ] as const) {
    it(`${name} is ${expected}`, () => assert.equal(fullName(name), expected))
  }
  for (const name of ['nginx', 'a.b:5000/c/d:e', `x@sha256:${'0'.repeat(64)}`]) it(`${name} can be one`, () => assert.ok(isReference(name)))
  for (const name of ['', 'Upper', 'a b', 'x:', 'http://x/y', 'a//b']) it(`${JSON.stringify(name)} cannot`, () => assert.ok(!isReference(name)))
})

describe('credentials for an image', () => {
  const auths = {
    'https://index.docker.io/v1/': { username: 'hub', password: '1' },
    'r.io': { auth: btoa('short:a:b') },
    'r.io/team': { username: 'long', password: '2' },
  }
  const secret = { data: { '.dockerconfigjson': btoa(JSON.stringify({ auths })) } } as never
  for (const [image, username, password] of [
    ['nginx', 'hub', '1'],
    ['r.io/other/app', 'short', 'a:b'],
    ['r.io/team/app:1', 'long', '2'],
  ] as const) {
    it(`are ${username}'s for ${image}`, () => assert.deepEqual(authOf(secret, image), { username, password }))
  }
  it('are none for another registry', () => assert.equal(authOf(secret, 'quay.io/a/b'), undefined))
})

describe('collecting images', () => {
  const image = (id: string, bytes: number, pinned = false) => ({ id, bytes, pinned })
  const images = [image('old', 10), image('older', 10), image('used', 10), image('young', 10), image('pinned', 10, true)]
  const seen = new Map([
    ['old', 200_000],
    ['older', 100_000],
    ['used', 0],
    ['young', 990_000],
    ['pinned', 0],
  ])
  it('begins when the disk is 85 % full and ends at 80 %', () =>
    assert.deepEqual(
      [16, 15, 12, 0].map(available => Math.round(bytesToCollect({ capacity: 100, available }))),
      [0, 5, 8, 20],
    ))
  it('removes what was longest unused first, never what is used, pinned or young', () =>
    assert.deepEqual(
      unusedImages(images, new Set(['used']), seen, 1_000_000).map(({ id }) => id),
      ['older', 'old'],
    ))
  it('tells what came from an archive from what a registry gave and from what has lost its name', () =>
    assert.deepEqual([isImported(['localhost/a:1'], []), isImported(['r.io/a:1'], ['r.io/a@sha256:0']), isImported([], [])], [true, false, false]))
})
