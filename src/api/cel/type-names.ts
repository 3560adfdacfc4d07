import { DYN, type Type } from './types.ts'
import { TypeValue } from './values.ts'

const NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'type'].map(name => [name, name])),
  ...Object.fromEntries(
    ['kubernetes.URL', 'kubernetes.Quantity', 'kubernetes.Semver', 'kubernetes.NamedFormat', 'net.IP', 'net.CIDR'].map(name => [name, name]),
  ),
  null_type: 'null',
  optional_type: 'optional',
  'google.protobuf.Timestamp': 'timestamp',
  'google.protobuf.Duration': 'duration',
}
const TYPE: Type = { kind: 'type', of: DYN }

/** What a name means that is the name of a type; undefined for any other. */
export function typeNamed(name: string): { readonly type: Type; readonly value: TypeValue } | undefined {
  const known = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined
  return known === undefined ? undefined : { type: TYPE, value: new TypeValue(known) }
}
