/** Bodies of every form for every kind, most of them bent somewhere. */
import type { Kind } from '../../src/api/kinds/kind.ts'
import type { Random } from '../sim/random.ts'
import { protobuf } from './protobuf.ts'
import { mutateBytes, mutateText, nameOf, objectOf } from './values.ts'
import { PATCHES, TYPES } from './words.ts'

const POD = { containers: [{ name: 'main', image: 'example.org/a:1' }], terminationGracePeriodSeconds: 0 }
const LABELLED = { metadata: { labels: { app: 'a' } }, spec: POD }

/** A pattern and rules that take long where they are tried one way after the other. */
const SPEC = {
  type: 'object',
  properties: {
    a: { type: 'string', pattern: '^(a+)+$' },
    n: { type: 'integer', default: 1 },
    list: { type: 'array', maxItems: 20, items: { type: 'string', maxLength: 100 } },
  },
  'x-kubernetes-validations': [
    { rule: "!has(self.a) || self.a.matches('^(a|a)*$')", message: 'only a' },
    { rule: '!has(self.list) || self.list.all(x, self.list.exists_one(y, x == y))' },
    { rule: 'self.n >= oldSelf.n', optionalOldSelf: false },
  ],
}

/** What this kind's objects look like in earnest, for those where a made-up one never is valid. */
function earnest(kind: Kind): Record<string, unknown> {
  switch (kind.resource) {
    case 'daemonsets':
    case 'deployments':
    case 'replicasets':
      return { spec: { selector: { matchLabels: { app: 'a' } }, template: LABELLED } }
    case 'pods':
      return { spec: POD }
    case 'services':
      return { spec: { ports: [{ port: 80 }], selector: { app: 'a' } } }
    case 'poddisruptionbudgets':
      return { spec: { minAvailable: 1, selector: { matchLabels: { app: 'a' } } } }
    case 'customresourcedefinitions':
      return {
        metadata: { name: 'things.example.org' },
        spec: {
          group: 'example.org',
          scope: 'Namespaced',
          names: { plural: 'things', kind: 'Thing' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: 'object', properties: { spec: SPEC } } },
            },
          ],
        },
      }
    case 'things':
      return { spec: { a: 'aaa', list: ['a', 'b'] } }
    default:
      return {}
  }
}

/** The body of a request; sets its content type among the headers. */
export function bodyOf(kind: Kind, path: string, method: string, headers: Record<string, string>, random: Random): Buffer | undefined {
  if (method === 'DELETE' && random.chance(0.6)) return undefined
  const patch = method === 'PATCH' && random.chance(0.97)
  const type = patch ? random.pick(PATCHES) : random.chance(0.75) ? 'application/json' : random.pick(TYPES)
  if (type !== '' || random.chance(0.5)) headers['content-type'] = type
  const object = method === 'DELETE' ? deleteOptions(random) : objectFor(kind, path, method, random)
  if (type === 'application/json-patch+json') return finish(jsonPatch(object, random), random)
  if (type === 'application/vnd.kubernetes.protobuf') return protobuf(kind, path, object, random)
  if ((type === 'application/yaml' || type === 'application/apply-patch+yaml') && random.chance(0.3)) {
    return Buffer.from(
      random.pick([
        'a: &a [*a]\n',
        'a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\n',
        '? {a: b}\n: c\n',
        '!!binary x',
        '--- \n---\n',
        'a: 1\na: 2\n',
        '<<: *x\n',
        '%YAML 9.9\n---\n',
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v, __proto__: {x: y}}\n',
        `${'- '.repeat(3000)}x`,
        `${'['.repeat(20_000)}`,
        '\u0000',
        '"\\ud800"',
      ]),
    )
  }
  return finish(JSON.stringify(object), random)
}

function finish(text: string, random: Random): Buffer {
  const bent = random.chance(0.5) ? mutateText(text, random) : text
  const bytes = Buffer.from(bent)
  return random.chance(0.05) ? mutateBytes(bytes, random) : bytes
}

function objectFor(kind: Kind, path: string, method: string, random: Random): Record<string, unknown> {
  const made = random.chance(0.5) ? objectOf(kind.schema, random) : {}
  const real = random.chance(0.8) ? earnest(kind) : {}
  const name = decodeURIComponent(/\/([^/?]+)$/.exec(path)?.[1]?.replaceAll('%', '%25') ?? 'a')
  const whole = method === 'PUT' || method === 'PATCH' ? { ...made, ...(random.chance(0.6) ? real : {}) } : { ...made, ...real }
  const metadata = typeof made['metadata'] === 'object' && random.chance(0.5) ? (made['metadata'] as object) : {}
  const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version
  return {
    ...whole,
    apiVersion,
    kind: kind.kind,
    metadata: { ...metadata, ...(method === 'POST' ? { name: nameOf(random) } : random.chance(0.8) && { name }), ...(real['metadata'] as object | undefined) },
  }
}

const deleteOptions = (random: Random): Record<string, unknown> => ({
  kind: 'DeleteOptions',
  apiVersion: 'v1',
  ...(random.chance(0.5) && { gracePeriodSeconds: random.pick([0, 1, -1, 1e18]) }),
  ...(random.chance(0.3) && { propagationPolicy: random.pick(['Orphan', 'Foreground', 'Background', 'x']) }),
  ...(random.chance(0.2) && { preconditions: { uid: 'x', resourceVersion: '1' } }),
})

function jsonPatch(object: Record<string, unknown>, random: Random): string {
  const paths = [
    '/metadata/labels/a',
    '/spec',
    '/spec/template/spec/containers/0/image',
    '/spec/template/spec/containers/-',
    '/metadata/name',
    '',
    '/',
    '/status',
    '/__proto__/polluted',
    '/constructor/prototype/polluted',
    '/metadata/annotations/__proto__',
    '/spec/template/spec/containers/99999999999',
    '/data/k',
    '/metadata/managedFields',
    '/a~2b',
    '/kind',
    '/metadata/finalizers/0',
    '/metadata',
    'x',
  ]
  const operations = Array.from({ length: random.below(4) }, () => ({
    op: random.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'x']),
    path: random.pick(paths),
    ...(random.chance(0.5) && { from: random.pick(paths) }),
    ...(random.chance(0.8) && { value: random.pick<unknown>(['x', null, {}, [], 1, object['spec'] ?? 'y', object['metadata']]) }),
  }))
  return JSON.stringify(operations)
}
