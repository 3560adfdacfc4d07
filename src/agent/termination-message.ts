import { readFile } from 'node:fs/promises'
import type { Container } from '../api/types/core/container.ts'
import { lastLines } from './logs/tail.ts'

const MOST_BYTES = 4096
const FALLBACK_LINES = 80
const FALLBACK_BYTES = 2048

/** What a container left to be said about its end. */
export async function terminationMessage(container: Pick<Container, 'terminationMessagePolicy'>, exitCode: number, file: string, log: string): Promise<string> {
  const said = (await readFile(file).catch(() => Buffer.alloc(0))).subarray(0, MOST_BYTES).toString()
  if (said || exitCode === 0 || container.terminationMessagePolicy !== 'FallbackToLogsOnError') return said
  return lastLines(log, FALLBACK_LINES, FALLBACK_BYTES)
}
