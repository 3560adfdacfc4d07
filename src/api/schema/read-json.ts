import { badRequest } from '../meta/status.ts'
import { shownPath } from './plain.ts'

/** Parses a JSON body; what is not JSON is a BadRequest that says where. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badRequest(`the body is not valid JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

interface Frame {
  /** Keys seen; undefined in an array. */
  readonly keys: Set<string> | undefined
  part: string | number
}

/**
 * `duplicate field "metadata.name"` for every member that an object of this JSON text names twice (JSON.parse keeps the
 * last and is silent), in order of appearance, each path once, at most `limit`. The text must be valid JSON.
 */
export function duplicateFields(text: string, limit = 100): readonly string[] {
  const found = new Set<string>()
  const frames: Frame[] = []
  let expectKey = false
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
        frames.push({ keys: new Set(), part: '' })
        expectKey = true
        break
      case 0x5b: // [
        frames.push({ keys: undefined, part: 0 })
        expectKey = false
        break
      case 0x7d: // }
      case 0x5d: // ]
        frames.pop()
        expectKey = false
        break
      case 0x2c: {
        // ,
        const frame = frames[frames.length - 1]
        if (frame?.keys) expectKey = true
        else if (frame) frame.part = (frame.part as number) + 1
        break
      }
      case 0x22: {
        // "
        const start = i
        let escaped = false
        for (i++; text.charCodeAt(i) !== 0x22; i++) {
          if (text.charCodeAt(i) === 0x5c) {
            escaped = true
            i++
          }
        }
        const frame = frames[frames.length - 1]
        if (!expectKey || !frame?.keys) break
        expectKey = false
        const key = escaped ? (JSON.parse(text.slice(start, i + 1)) as string) : text.slice(start + 1, i)
        frame.part = key
        if (!frame.keys.has(key)) frame.keys.add(key)
        else if (found.size < limit) found.add(`duplicate field ${JSON.stringify(shownPath(frames.map(f => f.part)))}`)
        break
      }
    }
  }
  return [...found]
}
