/**
 * A reporter for `node --test` that tells `shard.ts` what starts and each result, as lines of JSON on a channel of its own. They are
 * written at once: what goes through stdout may still lie in memory when the process is made to end, and would be lost.
 */
import { writeSync } from 'node:fs'
import type { TestEvent } from 'node:test/reporters'

/** The file descriptor of the channel. */
export const CHANNEL = 3

export interface Result {
  readonly name: string
  readonly file: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly why?: string
  readonly ms: number
}

/** What a line of the reporter says: a test has begun, a suite or parent has ended well, a result, or that it is over. */
export interface Line {
  readonly started?: string
  readonly suite?: string
  readonly result?: Result
  readonly over?: true
}

function tell(line: Line): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
  for (let at = 0; at < bytes.length; ) at += writeSync(CHANNEL, bytes, at)
}

async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const path: string[] = []
  /** Tests are told of in the order they were written, but begin in the order they run. */
  const begun: string[] = []
  for await (const event of source) {
    if (event.type === 'test:start') path[event.data.nesting] = event.data.name
    if (event.type === 'test:dequeue') {
      begun[event.data.nesting] = event.data.name
      tell({ started: begun.slice(0, event.data.nesting + 1).join(' › ') })
    }
    if (event.type === 'test:summary' && event.data.file === undefined) tell({ over: true })
    if (event.type === 'test:stdout' || event.type === 'test:stderr') yield event.data.message
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { data } = event
    const isSuite = data.details.type === 'suite'
    const skipped = data.skip !== undefined || data.todo !== undefined
    const name = [...path.slice(0, data.nesting), data.name].join(' › ')
    if (isSuite && event.type === 'test:pass' && !skipped) {
      tell({ suite: name })
      continue
    }
    const error = event.type === 'test:fail' ? event.data.details.error : undefined
    // A parent fails because a child did: the child has been counted.
    if (error && (error as { failureType?: string }).failureType === 'subtestsFailed') {
      tell({ suite: name })
      continue
    }
    const result: Result = {
      name,
      file: data.file ?? '',
      outcome: error ? 'failed' : skipped ? 'skipped' : 'passed',
      ms: Math.round(data.details.duration_ms),
      ...(error && { why: explain(error) }),
      ...(skipped && { why: String(data.skip ?? data.todo ?? '') }),
    }
    tell({ result })
  }
}

function explain(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause : error
  return cause.stack ?? cause.message
}

// biome-ignore lint/style/noDefaultExport: node's test runner loads a reporter by its default export.
export default report
