import { itemsOf, type JsonSchemaProps, valuesOf } from '../../schema/custom/props.ts'
import type { CustomResourceDefinition } from '../../types/apiextensions.ts'

/** Formats of texts that mean something, without their dashes. */
const OF_TEXT: ReadonlySet<string> = new Set(
  [
    'bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn isbn10 isbn13 creditcard ssn hexcolor',
    'rgbcolor byte password date duration datetime k8sshortname k8slongname',
  ].flatMap(line => line.split(' ')),
)
const OF_NUMBERS: Readonly<Record<string, readonly string[]>> = { integer: ['int32', 'int64'], number: ['float', 'double'] }

function isKnown(format: string, type: string | undefined): boolean {
  if (!type || type === 'string') return OF_TEXT.has(format.replaceAll('-', ''))
  return OF_NUMBERS[type]?.includes(format) ?? false
}

function collect(schema: JsonSchemaProps | undefined, found: Set<string>): void {
  if (typeof schema !== 'object' || schema === null) return
  if (schema.format && !isKnown(schema.format, schema.type)) found.add(schema.format)
  const junctions = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), schema.not]
  for (const inner of [itemsOf(schema), valuesOf(schema), ...Object.values(schema.properties ?? {}), ...junctions]) collect(inner, found)
}

function unknownFormats({ spec }: CustomResourceDefinition): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { schema } of spec.versions) collect(schema?.openAPIV3Schema, found)
  return found
}

/** Formats that say nothing to anybody; of an update those that it brings. */
export function unknownFormatWarnings(definition: CustomResourceDefinition, old: CustomResourceDefinition | undefined): readonly string[] {
  const known = old && unknownFormats(old)
  return [...unknownFormats(definition)].filter(format => !known?.has(format)).map(format => `unrecognized format ${JSON.stringify(format)}`)
}
