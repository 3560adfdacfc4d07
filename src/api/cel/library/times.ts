import { type Signature, signature } from '../signature.ts'
import type { Instant, Span } from '../values.ts'
import { wallClock } from './time-texts.ts'

const dayOfYear = (at: Date): number =>
  Math.floor((Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()) - Date.UTC(at.getUTCFullYear(), 0, 1)) / 86_400_000)

const PARTS: Readonly<Record<string, (at: Date) => number>> = {
  getFullYear: at => at.getUTCFullYear(),
  getMonth: at => at.getUTCMonth(),
  getDayOfYear: dayOfYear,
  getDayOfMonth: at => at.getUTCDate() - 1,
  getDate: at => at.getUTCDate(),
  getDayOfWeek: at => at.getUTCDay(),
  getHours: at => at.getUTCHours(),
  getMinutes: at => at.getUTCMinutes(),
  getSeconds: at => at.getUTCSeconds(),
  getMilliseconds: at => at.getUTCMilliseconds(),
}

export const times: readonly Signature[] = [
  ...Object.entries(PARTS).flatMap(([name, part]) => [
    signature<[Instant]>(`timestamp::${name}(): int`, ({ nanos }) => BigInt(part(wallClock(nanos, 'UTC')))),
    signature<[Instant, string]>(`timestamp::${name}(string): int`, ({ nanos }, zone) => BigInt(part(wallClock(nanos, zone)))),
  ]),
  signature<[Span]>('duration::getHours(): int', ({ nanos }) => nanos / 3_600_000_000_000n),
  signature<[Span]>('duration::getMinutes(): int', ({ nanos }) => nanos / 60_000_000_000n),
  signature<[Span]>('duration::getSeconds(): int', ({ nanos }) => nanos / 1_000_000_000n),
  signature<[Span]>('duration::getMilliseconds(): int', ({ nanos }) => nanos / 1_000_000n),
]
