import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { flattenList } from './list.ts'
import { readYaml } from './read.ts'
import { writeYaml } from './write.ts'

const read = async (text: string): Promise<unknown> => {
  const { documents } = await readYaml(text)
  assert.equal(documents.length, 1, text)
  return documents[0]!.error ?? documents[0]!.value
}

test('unquoted scalars mean what they mean to Kubernetes', async () => {
  const cases: Record<string, unknown> = {
    '0644': 420,
    '0o644': 420,
    '-0o17': -15,
    '089': 89,
    '0o9': '0o9',
    '0x1F': 31,
    '0b11': 3,
    '1_000': 1000,
    '+1': 1,
    '.5': 0.5,
    '1.': 1,
    '1e3': 1000,
    '1e400': '1e400',
    '22:22': '22:22',
    '190:20:30': '190:20:30',
    '2026-01-01': '2026-01-01',
    '2026-01-01T00:00:00Z': '2026-01-01T00:00:00Z',
    yes: true,
    On: true,
    n: false,
    OFF: false,
    yEs: 'yEs',
    '~': null,
    '"yes"': 'yes',
    "'0644'": '0644',
    '!!str 1': '1',
    '!!int "7"': 7,
    '!!binary aGk=': 'hi',
    '100m': '100m',
    '1.2.3': '1.2.3',
    _1: '_1',
    '-': [null],
  }
  for (const [text, value] of Object.entries(cases)) assert.deepEqual(await read(`a: ${text === '-' ? '\n- ' : text}`), { a: value }, text)
})

test('keys become strings', async () => {
  assert.deepEqual(await read('y: 1\n1: a\n1.5: b\ntrue_: c\n"no": d\n'), { true: 1, '1': 'a', '1.5': 'b', true_: 'c', no: 'd' })
  assert.match(String(await read('{a: 1}: b')), /^line 1: a key must be a string/)
  assert.match(String(await read('? [a]\n: b')), /a key must be/)
})

test('documents apart at ---, empty ones left out, each with its line', async () => {
  const { documents } = await readYaml('# chart\n---\n---\na: 1\n---\n# nothing\n--- # c\r\nb: 2\r\n---\n{"c": 3}\n---\n')
  assert.deepEqual(documents, [
    { value: { a: 1 }, line: 4, duplicates: [] },
    { value: { b: 2 }, line: 8, duplicates: [] },
    { value: { c: 3 }, line: 10, duplicates: [] },
  ])
  assert.deepEqual((await readYaml('')).documents, [])
  assert.deepEqual(
    (await readYaml('%YAML 1.1\n---\na: 1\n...\n---\nb: 2')).documents.map(d => d.value),
    [{ a: 1 }, { b: 2 }],
  )
})

test('a bad document does not hold up the others', async () => {
  for (const bad of ['a: [1', 'a: "x', 'a: b: c', '{{ x }}: {', '\ta: 1', 'a: *nobody', '&a [*a]']) {
    const { documents } = await readYaml(`ok: 1\n---\n${bad}\n---\nok: 2\n`)
    assert.deepEqual(
      documents.map(d => (d.error ? 'error' : d.value)),
      [{ ok: 1 }, 'error', { ok: 2 }],
      bad,
    )
    assert.match(documents[1]!.error!, /^line [34]: /)
  }
})

test('keys named twice are reported and the last counts', async () => {
  const { documents } = await readYaml(
    'spec:\n  containers:\n  - name: a\n  - name: b\n    tty: true\n    tty: false\n  hostNetwork: true\n  hostNetwork: true\n',
  )
  assert.deepEqual(documents[0]!.duplicates, ['duplicate field "spec.containers[1].tty"', 'duplicate field "spec.hostNetwork"'])
  assert.deepEqual(documents[0]!.value, { spec: { containers: [{ name: 'a' }, { name: 'b', tty: false }], hostNetwork: true } })
  assert.deepEqual((await readYaml('{"a":1,"a":2}')).documents, [{ value: { a: 2 }, line: 1, duplicates: ['duplicate field "a"'] }])
})

test('styles that manifests use', async () => {
  const cases: [string, unknown][] = [
    ['args: [\n  "a",\n  "b"\n]\nemptyDir: {\n  medium: "Memory"\n}\n', { args: ['a', 'b'], emptyDir: { medium: 'Memory' } }],
    ['a: "one \\\n  two"\n', { a: 'one two' }],
    ['key : enabled\nspec:  \n  a: 1   \n', { key: 'enabled', spec: { a: 1 } }],
    ['a: &x\n  b: 1\nc: *x\n', { a: { b: 1 }, c: { b: 1 } }],
    ['base: &b {x: 1, z: 2}\nm:\n  <<: *b\n  z: 3\n', { base: { x: 1, z: 2 }, m: { x: 1, z: 3 } }],
    ['a: |\n  one\n  two\nb: >-\n  one\n  two\n', { a: 'one\ntwo\n', b: 'one two' }],
    ["a: 'it''s'\nname: < Replace me >\n", { a: "it's", name: '< Replace me >' }],
    ['\ufeffa: 1\r\nb:\r\n- 2\r\n', { a: 1, b: [2] }],
    ['items:\n- a\n-   - b\n', { items: ['a', ['b']] }],
  ]
  for (const [text, value] of cases) assert.deepEqual(await read(text), value)
})

test('values without a form in JSON, alias bombs and endless nesting are refused', async () => {
  assert.equal(await read('a: .inf'), 'line 1: .inf has no form in JSON')
  const bomb = `a: &a [${'x,'.repeat(10)}]\n${[...'bcdefgh'].map((name, i) => `${name}: &${name} [${`*${'abcdefg'[i]},`.repeat(10)}]\n`).join('')}`
  assert.match(String(await read(bomb)), /the aliases of this document expand to too much/)
  assert.match(String(await read(`a: ${'['.repeat(3000)}${']'.repeat(3000)}`)), /nested/i)
})

test('YAML beyond a bound is not read, JSON is', async () => {
  const long = `a:\n${'- x\n'.repeat(50)}`
  assert.deepEqual((await readYaml(`ok: 1\n---\n${long}`, { maxParts: 20 })).documents, [
    { value: { ok: 1 }, line: 1, duplicates: [] },
    { value: undefined, line: 2, error: 'line 2: YAML of more than 20 parts is not read here: send it as JSON', duplicates: [] },
  ])
  for (const one of ['- ', 'a: ', '[', '? ', ' &x', ' !x', ' *x', 'a,']) {
    assert.match((await readYaml(`a: ${one.repeat(50)}`, { maxParts: 20 })).documents[0]?.error ?? '', /more than 20 parts/, one)
  }
  assert.equal((await readYaml(JSON.stringify({ a: new Array(50).fill(1) }), { maxParts: 20 })).documents[0]?.error, undefined)
})

test('lists are the objects in them', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod' }
  assert.deepEqual(flattenList({ kind: 'List', apiVersion: 'v1', items: [pod, { kind: 'List', items: [pod] }] }), [pod, pod])
  assert.deepEqual(flattenList({ kind: 'DaemonSetList', apiVersion: 'apps/v1', items: [{ metadata: {} }] }), [
    { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: {} },
  ])
  assert.deepEqual(flattenList(pod), [pod])
})

/** Code points that no text has. */
const FIRST_SURROGATE = 0xd800
const SURROGATES = 0x800

test('what is written is read back as the same value', async () => {
  const words = fc.constantFrom(
    'yes',
    '0644',
    '0o644',
    '1:30',
    '',
    '~',
    'a: b',
    'a #b',
    '- a',
    '---',
    'x\ny\n',
    ' lead\nline',
    '@a',
    '1_0',
    'plain text',
    '2026-01-01',
    '{a}',
    '<<',
    'ä',
  )
  // What `fc.string({ unit: 'binary' })` draws, without the table of all of Unicode that it makes first.
  const anyCharacter = fc.nat({ max: 0x10ffff - SURROGATES }).map(n => String.fromCodePoint(n < FIRST_SURROGATE ? n : n + SURROGATES))
  const anyText = fc.array(anyCharacter).map(characters => characters.join(''))
  const leaf = fc.oneof(
    words,
    anyText,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true, max: 1e15, min: -1e15 }).map(n => (n === 0 ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
  )
  const { value } = fc.letrec(tie => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(words, fc.string()), tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }))
  await fc.assert(
    fc.asyncProperty(value, async given => {
      const text = writeYaml({ given })
      assert.deepEqual(JSON.stringify(await read(text)), JSON.stringify({ given }), text)
    }),
    { numRuns: 300 },
  )
})
