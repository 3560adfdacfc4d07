import type { Message } from '../schema/build.ts'
import { message, opt } from '../schema/build.ts'
import type { JsonSchemaProps } from '../schema/custom/props.ts'
import { ObjectMeta } from './meta.ts'

/** The message of a custom kind: typed metadata, everything else by the structural schema of its definition. */
export const customObject = (name: string, structural: JsonSchemaProps): Message =>
  Object.freeze({
    ...message(name, { metadata: opt(0, ObjectMeta) }, { kind: true, ...(structural.description && { doc: structural.description }) }),
    structural,
  })
