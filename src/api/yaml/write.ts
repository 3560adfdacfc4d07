import { plainScalar } from './scalar.ts'

/** A JSON value as YAML in block style, which Kubernetes' reader (and any other) reads back as the same value. */
export function writeYaml(value: unknown): string {
  if (isBlock(value)) return `${lines(value, 0).join('\n')}\n`
  return `${scalar(value, 0)}\n`
}

type Container = readonly unknown[] | Readonly<Record<string, unknown>>
const members = (value: Container): readonly unknown[] => (Array.isArray(value) ? value : Object.values(value).filter(member => member !== undefined))
const isBlock = (value: unknown): value is Container => typeof value === 'object' && value !== null && members(value as Container).length > 0

function lines(value: Container, indent: number): string[] {
  const pad = ' '.repeat(indent)
  if (Array.isArray(value)) {
    return value.flatMap(item => {
      if (!isBlock(item)) return [`${pad}- ${scalar(item, indent + 2)}`]
      const [first, ...rest] = lines(item, indent + 2)
      return [`${pad}- ${first!.trimStart()}`, ...rest]
    })
  }
  return Object.entries(value).flatMap(([key, member]) => {
    if (member === undefined) return []
    const name = `${pad}${text(key)}:`
    if (!isBlock(member)) return [`${name} ${scalar(member, indent + 2)}`]
    return [name, ...lines(member, Array.isArray(member) ? indent : indent + 2)]
  })
}

function scalar(value: unknown, indent: number): string {
  if (typeof value === 'string') return value.includes('\n') ? literal(value, indent) : text(value)
  if (Array.isArray(value)) return '[]'
  if (typeof value === 'object' && value !== null) return '{}'
  return JSON.stringify(value) ?? 'null'
}

/** Without quotes where every reader takes it for the same string. */
const SAFE = /^[A-Za-z0-9_./$(-](?:[A-Za-z0-9_./$()@%+,;=~^*\\-]|:(?=\S)| (?=[^\s#]))*$/
const SUSPECT = /^(?:-|[-+]?[.\d]|---|\.\.\.)/
const text = (value: string): string => (SAFE.test(value) && !SUSPECT.test(value) && typeof plainScalar(value) === 'string' ? value : JSON.stringify(value))

/** A block literal where it can hold the text exactly, else one quoted line. */
function literal(value: string, indent: number): string {
  const body = value.endsWith('\n') ? value.slice(0, -1) : value
  if (!/^[\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd]*$/.test(body) || /^[\s]|[ \t]$|[ \t]\n|\n$/.test(body) || body === '') return JSON.stringify(value)
  const pad = ' '.repeat(indent)
  return `${value.endsWith('\n') ? '|' : '|-'}\n${body
    .split('\n')
    .map(line => (line === '' ? '' : pad + line))
    .join('\n')}`
}
