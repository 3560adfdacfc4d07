import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareWithPublished, packagesOf } from './published.ts'

test('packages are told by name and version, wherever they lie, and our own are none', () => {
  const locked = {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.2.3' },
    'node_modules/b/node_modules/a': { version: '1.2.3' },
    'node_modules/c/node_modules/@x/a': { version: '2.0.0' },
    'node_modules/d': { version: '3.0.0', name: 'e' },
    'node_modules/own': { link: true },
    'tools/own': { version: '1.0.0' },
  }
  const found = [...packagesOf(locked)].map(([name, versions]) => [name, [...versions]])
  assert.deepEqual(found, [
    ['a', ['1.2.3']],
    ['@x/a', ['2.0.0']],
    ['e', ['3.0.0']],
  ])
})

test('a package is behind its own major version, the newest of an elder one, or the newest there is', () => {
  const cases: readonly (readonly [string, readonly string[], ReturnType<typeof compareWithPublished>])[] = [
    ['1.2.3', ['1.2.3', '1.2.2'], { outdated: [], elder: [], newest: 1 }],
    ['1.2.3', ['1.2.3', '1.10.0', '1.9.0', '2.0.0'], { outdated: ['a 1.2.3: 1.10.0 is out'], elder: [], newest: 0 }],
    ['1.2.3', ['1.2.3', '10.0.0', '2.0.0'], { outdated: [], elder: ['a 1.2.3: 10.0.0 is out'], newest: 0 }],
    ['1.2.3', ['1.2.4-rc.1', '1.2.3'], { outdated: [], elder: [], newest: 1 }],
  ]
  for (const [version, published, wanted] of cases) {
    assert.deepEqual(
      compareWithPublished(new Map([['a', new Set([version])]]), () => published),
      wanted,
      `${version} of ${published}`,
    )
  }
})
