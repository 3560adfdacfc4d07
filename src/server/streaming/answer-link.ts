import type { Duplex } from 'node:stream'
import { BATCH_BEGINS, BATCH_BYTES, BATCHES_OPEN } from '../../api/node-writes.ts'
import { goOutTogether } from '../../base/node/go-out-together.ts'
import { LineReader } from '../../base/node/line-reader.ts'

/** Long enough for one batch after another to be there when the one before has been answered. */
const OPEN = BATCHES_OPEN + 1

export interface LinkCalls {
  /** Answers a batch of writes; throws when a line is none. */
  readonly write: (line: Buffer) => Promise<string>
  /** Takes any other line; says how many bytes follow that are no lines. Throws when nothing can be made of it. */
  readonly other: (line: Buffer) => number | void
  /** Takes some of those bytes. */
  readonly bytes?: (piece: Buffer) => void
  readonly onError: (error: unknown) => void
}

/**
 * Answers what comes over a link; an empty line, by which an agent asks whether anybody is there, by another. While as many batches of writes are open as an agent may have, or it does not take what it is sent,
 * nothing more is read. The link ends when nothing can be made of a line, or it is too long.
 */
export function answerLink(stream: Duplex, { write, other, bytes, onError }: LinkCalls): void {
  let open = 0
  let full = false
  const flow = () => {
    if (open >= OPEN || full) stream.pause()
    else stream.resume()
  }
  const end = (error: unknown) => {
    if (!stream.destroyed) onError(error)
    stream.destroy()
  }
  stream.on('drain', () => {
    full = false
    flow()
  })
  const answer = async (line: Buffer): Promise<void> => {
    open++
    try {
      const text = await write(line)
      if (stream.destroyed) return
      goOutTogether(stream)
      full = !stream.write(`${text}\n`)
    } catch (error) {
      end(error)
    } finally {
      open--
      flow()
    }
  }
  const reader = new LineReader(BATCH_BYTES, {
    line(line) {
      if (line[0] === BATCH_BEGINS.charCodeAt(0)) void answer(line)
      else if (line.length > 0) return other(line)
      else if (!stream.destroyed) full = !stream.write('\n')
      return 0
    },
    ...(bytes && { bytes }),
  })
  stream.on('data', (chunk: Buffer) => {
    try {
      reader.take(chunk)
    } catch (error) {
      end(error)
    }
    if (stream.writableNeedDrain) full = true
    flow()
  })
}
