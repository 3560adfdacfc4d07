import { badRequest } from '../../api/meta/status.ts'
import { readYaml } from '../../api/yaml/read.ts'
import type { Body } from '../registry/request.ts'

/** Reads a YAML body; JSON is YAML too. Exactly one document. */
/** Some 0.3 seconds of reading. */
const MAX_PARTS = 60_000

export async function readYamlBody(bytes: Buffer): Promise<Body> {
  const { documents } = await readYaml(bytes.toString('utf8'), { maxParts: MAX_PARTS })
  const [document, ...more] = documents
  if (!document) throw badRequest('the body of the request is empty: an object is needed')
  if (document.error !== undefined) throw badRequest(`the body is not valid YAML: ${document.error}`)
  if (more.length > 0) throw badRequest(`the body holds ${documents.length} YAML documents; one is needed`)
  return { value: document.value, problems: document.duplicates }
}
