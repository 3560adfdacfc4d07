import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Api } from '../api/access.ts'
import { kindOf } from '../api/kinds/all.ts'
import { apiVersionOf, type Kind, type KindRef } from '../api/kinds/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { isStatus } from '../api/meta/status.ts'
import { flattenList } from '../api/yaml/list.ts'
import { readYaml } from '../api/yaml/read.ts'

const MANIFESTS = new Set(['.yaml', '.yml', '.json'])
/** Tried in this order: namespaces and roles before what needs them. */
const FIRST = ['Namespace', 'CustomResourceDefinition', 'PriorityClass', 'ServiceAccount', 'Secret', 'ConfigMap']

interface Document {
  readonly source: string
  readonly value: unknown
}

/** Applies manifests of a file, a folder or a URL: creates what is not there and brings what is there to what they say. One bad document holds up no other. */
export async function applyAll(api: Api, sources: readonly string[], say: (line: string) => void): Promise<void> {
  const documents: Document[] = []
  for (const source of sources) {
    for (const { name, text } of await textsOf(source)) {
      const { documents: read } = await readYaml(text)
      for (const { value, line, error } of read) {
        if (error !== undefined) say(`${name}:${line}: ${error}`)
        else for (const item of flattenList(value)) documents.push({ source: `${name}:${line}`, value: item })
      }
    }
  }
  const rank = ({ value }: Document) => {
    const at = FIRST.indexOf((value as { kind?: string } | null)?.kind ?? '')
    return at < 0 ? FIRST.length : at
  }
  for (const document of [...documents].sort((a, b) => rank(a) - rank(b))) say(await applyOne(api, document))
}

async function applyOne(api: Api, { source, value }: Document): Promise<string> {
  const object = value as Partial<KubeObject> | null
  if (typeof object !== 'object' || object === null || !object.kind || !object.apiVersion) return `${source}: apiVersion and kind are wanted`
  const kind = servedKind(object.apiVersion, object.kind)
  if (!kind) return `${source}: ${object.kind} of ${object.apiVersion} is not served`
  const namespace = kind.namespaced ? (object.metadata?.namespace ?? 'default') : undefined
  const name = object.metadata?.name
  const shown = `${kind.resource}${kind.group ? `.${kind.group}` : ''}/${name ?? ''}`
  try {
    if (name) {
      await api.patch({ kind, namespace, name }, { type: 'apply', body: object, force: true }, { fieldManager: 'everynode-apply' })
      return `${shown} applied`
    }
    const made = await api.create({ kind, namespace }, object as never)
    return `${kind.resource}/${made.metadata.name} created`
  } catch (error) {
    if (isStatus(error)) return `${source}: ${error.message}`
    throw error
  }
}

function servedKind(apiVersion: string, kind: string): KindRef | undefined {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const fits = (k: KindRef) => apiVersionOf(k) === apiVersion
  const direct: Kind | undefined = kindOf(group, kind)
  if (direct && fits(direct)) return direct
  return kindOf('apps', kind)?.alsoServed?.find(fits)
}

async function textsOf(source: string): Promise<{ readonly name: string; readonly text: string }[]> {
  if (/^https?:\/\//.test(source)) {
    const response = await fetch(source, { signal: AbortSignal.timeout(30_000) })
    if (!response.ok) throw new Error(`--apply ${source}: the answer was ${response.status}`)
    return [{ name: source, text: await response.text() }]
  }
  if (!(await stat(source)).isDirectory()) return [{ name: source, text: await readFile(source, 'utf8') }]
  const files = (await readdir(source)).filter(file => MANIFESTS.has(extname(file))).sort()
  return Promise.all(files.map(async file => ({ name: join(source, file), text: await readFile(join(source, file), 'utf8') })))
}
