import type { Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { addAll } from '../../base/add-all.ts'
import { setOwn, shownPath } from '../schema/plain.ts'
import { duplicateFields } from '../schema/read-json.ts'
import { plainScalar } from './scalar.ts'

export interface YamlDocument {
  /** The JSON it stands for; undefined if there is an error. */
  readonly value: unknown
  /** Line of the text, from 1, that the document begins on. */
  readonly line: number
  readonly error?: string
  /** `duplicate field "metadata.name"`: keys named twice, of which the last counts. */
  readonly duplicates: readonly string[]
}

const MAX_DEPTH = 500
const TOO_DEEP = 'nested too deeply'
const MAX_DUPLICATES = 100
/** What aliases may add up to, in values. */
const MAX_ALIASED = 100_000

export interface ReadOptions {
  /**
   * The most values, roughly, that the documents that are not JSON may have together. Reading YAML takes some 10 µs for
   * each, and the thread can do nothing else meanwhile.
   */
  readonly maxParts?: number
}

/**
 * Reads YAML (and JSON) as kubectl does: documents apart at `---`, empty ones left out, and each with an error of its own, so
 * that a bad one does not hold up the others.
 */
export async function readYaml(
  text: string,
  { maxParts = Number.POSITIVE_INFINITY }: ReadOptions = {},
): Promise<{ readonly documents: readonly YamlDocument[] }> {
  const parts = split(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  const documents: YamlDocument[] = []
  let left = maxParts
  for (const part of parts) {
    const json = part.text.trimStart().startsWith('{') ? readAsJson(part) : undefined
    if (json) addAll(documents, json)
    else {
      left -= partsOf(part.text, left)
      if (left < 0) {
        documents.push({
          value: undefined,
          line: part.line,
          error: `line ${part.line}: YAML of more than ${maxParts} parts is not read here: send it as JSON`,
          duplicates: [],
        })
        break
      }
      addAll(documents, await readPart(part))
    }
  }
  return { documents }
}

/** Whatever can begin or end a value in YAML, in text or not: line ends, commas, brackets, `: `, `- `, anchors, tags, aliases. */
const PART = /[\n,[{]|[:?-](?=\s)|(?<=\s)[&!*]/g

/** How many parts a document may have, itself included; counted no further than just beyond `most`. */
function partsOf(text: string, most: number): number {
  if (most === Number.POSITIVE_INFINITY) return 0
  let count = 1
  PART.lastIndex = 0
  while (count <= most && PART.test(text)) count++
  return count
}

interface Part {
  readonly text: string
  /** Line of its first character. */
  readonly line: number
}

/** At each line that begins with `---`. What follows on that line belongs to the new document. */
function split(text: string): Part[] {
  const parts: Part[] = []
  let start = 0
  let line = 1
  let current = 1
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at)
    const next = end < 0 ? text.length : end + 1
    if (text.startsWith('---', at) && /^---(?:\s|$)/.test(text.slice(at, at + 4))) {
      parts.push({ text: text.slice(start, at), line })
      start = at + 3
      line = current
    }
    at = next
    current++
  }
  parts.push({ text: text.slice(start), line })
  return parts.filter(part => part.text.split('\n').some(says))
}

/** Whether a line says anything: no comment, no directive, not empty. */
const says = (line: string): boolean => {
  const text = line.trim()
  return text !== '' && !text.startsWith('#') && !line.startsWith('%')
}

function readAsJson({ text, line }: Part): YamlDocument[] | undefined {
  // Keys named twice are silent in JSON.parse, so only texts without any come back from here.
  try {
    const value: unknown = JSON.parse(text)
    const begun = line + (/^\s*/.exec(text)![0].match(/\n/g)?.length ?? 0)
    return duplicateFields(text).length > 0 ? undefined : [{ value, line: begun, duplicates: [] }]
  } catch {
    return undefined
  }
}

async function readPart({ text, line }: Part): Promise<YamlDocument[]> {
  const yaml = await import('yaml')
  const counter = new yaml.LineCounter()
  const lineOf = (offset: number): number => line + counter.linePos(offset).line - 1
  try {
    const parsed = yaml.parseAllDocuments(text, {
      version: '1.1',
      schema: 'failsafe',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter: counter,
    })
    if (!Array.isArray(parsed)) return []
    const documents: YamlDocument[] = []
    for (const document of parsed) {
      const begun = lineOf(document.contents?.range?.[0] ?? document.range?.[0] ?? 0)
      const fault = document.errors[0]
      if (fault) {
        documents.push({
          value: undefined,
          line: begun,
          error: `line ${lineOf(fault.pos[0])}: ${fault.code === 'RESOURCE_EXHAUSTION' ? TOO_DEEP : fault.message}`,
          duplicates: [],
        })
        continue
      }
      const reading = new Reading(yaml, lineOf)
      try {
        const value = reading.value(document.contents, [])
        if (value !== null) documents.push({ value, line: begun, duplicates: reading.duplicates })
      } catch (error) {
        if (!(error instanceof YamlFault)) throw error
        documents.push({ value: undefined, line: begun, error: error.message, duplicates: [] })
      }
    }
    return documents
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return [{ value: undefined, line, error: `line ${line}: ${TOO_DEEP}`, duplicates: [] }]
  }
}

class YamlFault extends Error {}

type Yaml = typeof import('yaml')

/** Turns the nodes of one document into JSON. */
class Reading {
  readonly duplicates: string[] = []
  readonly #yaml: Yaml
  readonly #lineOf: (offset: number) => number
  readonly #anchors = new Map<string, Node>()
  /** Anchors whose value is being read: an alias to one of them would never end. */
  readonly #open = new Set<string>()
  #aliased = 0
  #inAlias = 0

  constructor(yaml: Yaml, lineOf: (offset: number) => number) {
    this.#yaml = yaml
    this.#lineOf = lineOf
  }

  value(node: unknown, path: readonly (string | number)[]): unknown {
    const { isAlias, isMap, isScalar, isSeq } = this.#yaml
    if (node === null || node === undefined) return null
    if (path.length > MAX_DEPTH) throw this.#fault(node, `nested deeper than ${MAX_DEPTH}`)
    if (this.#inAlias > 0 && ++this.#aliased > MAX_ALIASED) throw this.#fault(node, 'the aliases of this document expand to too much')
    if (isAlias(node)) return this.#alias(node.source, node, path)
    const anchor = (node as Node & { anchor?: string }).anchor
    if (anchor) {
      this.#anchors.set(anchor, node as Node)
      this.#open.add(anchor)
    }
    try {
      if (isScalar(node)) return this.#scalar(node)
      if (isSeq(node)) return this.#list(node, path)
      if (isMap(node)) return this.#map(node, path)
      throw this.#fault(node, 'this is no value')
    } finally {
      if (anchor) this.#open.delete(anchor)
    }
  }

  #alias(name: string, node: unknown, path: readonly (string | number)[]): unknown {
    const target = this.#anchors.get(name)
    if (!target) throw this.#fault(node, `unknown anchor '${name}' referenced`)
    if (this.#open.has(name)) throw this.#fault(node, `anchor '${name}' value contains itself`)
    this.#inAlias++
    try {
      return this.value(target, path)
    } finally {
      this.#inAlias--
    }
  }

  #scalar(node: Scalar): unknown {
    const text = typeof node.value === 'string' ? node.value : (node.source ?? '')
    switch (node.tag) {
      case 'tag:yaml.org,2002:str':
      case '!':
        return text
      case 'tag:yaml.org,2002:binary':
        return this.#binary(node, text)
      case 'tag:yaml.org,2002:int':
      case 'tag:yaml.org,2002:float':
      case 'tag:yaml.org,2002:bool':
      case 'tag:yaml.org,2002:null':
        return this.#number(node, plainScalar(text))
    }
    return node.type === 'PLAIN' ? this.#number(node, plainScalar(text)) : text
  }

  #number(node: Scalar, value: string | number | boolean | null): unknown {
    if (typeof value === 'number' && !Number.isFinite(value)) throw this.#fault(node, `${node.source} has no form in JSON`)
    return value
  }

  #binary(node: Scalar, text: string): string {
    try {
      return atob(text.replace(/\s/g, ''))
    } catch {
      throw this.#fault(node, '!!binary value contains invalid base64 data')
    }
  }

  #list(node: YAMLSeq, path: readonly (string | number)[]): unknown[] {
    return node.items.map((item, i) => this.value(item, [...path, i]))
  }

  #map(node: YAMLMap, path: readonly (string | number)[]): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    const own = new Set<string>()
    const merges: Pair[] = []
    for (const pair of node.items) {
      if (this.#isMerge(pair)) {
        merges.push(pair)
        continue
      }
      const key = this.#key(pair.key)
      const at = [...path, key]
      if (own.has(key) && this.#inAlias === 0 && this.duplicates.length < MAX_DUPLICATES) {
        const told = `duplicate field ${JSON.stringify(shownPath(at))}`
        if (!this.duplicates.includes(told)) this.duplicates.push(told)
      }
      own.add(key)
      setOwn(out, key, this.value(pair.value, at))
    }
    for (const pair of merges) this.#merge(out, pair, path)
    return out
  }

  #isMerge(pair: Pair): boolean {
    const { key } = pair
    return this.#yaml.isScalar(key) && key.value === '<<' && key.type === 'PLAIN'
  }

  /** `<<`: the members of a map, or of several, that are not given in their own right; the first map counts. */
  #merge(out: Record<string, unknown>, pair: Pair, path: readonly (string | number)[]): void {
    const merged = this.value(pair.value, path)
    for (const source of Array.isArray(merged) ? merged : [merged]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source))
        throw this.#fault(pair.key, 'map merge requires map or sequence of maps as the value')
      for (const key of Object.keys(source)) if (!Object.hasOwn(out, key)) setOwn(out, key, (source as Record<string, unknown>)[key])
    }
  }

  #key(node: unknown): string {
    const value = this.value(node, [])
    if (typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    throw this.#fault(node, 'a key must be a string, a number or a boolean')
  }

  #fault(node: unknown, why: string): YamlFault {
    const offset = (node as Node | null)?.range?.[0]
    return new YamlFault(offset === undefined ? why : `line ${this.#lineOf(offset)}: ${why}`)
  }
}
