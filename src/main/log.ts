import type { Fields, Log } from '../base/log.ts'

export const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type Level = (typeof LEVELS)[number]

/** JSON lines on stderr, by pino. */
export async function openLog(level: Level, fields: Fields = {}): Promise<Log> {
  const { pino } = await import('pino')
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }))
  return wrap(logger.child(describe(fields)))
}

type Logger = import('pino').Logger

const wrap = (logger: Logger): Log => ({
  debug: (message, fields) => logger.isLevelEnabled('debug') && logger.debug(describe(fields), message),
  info: (message, fields) => logger.info(describe(fields), message),
  warn: (message, fields) => logger.warn(describe(fields), message),
  error: (message, fields) => logger.error(describe(fields), message),
  with: fields => wrap(logger.child(describe(fields))),
})

/** An error as what it says and where; other values as they are. */
function describe(fields: Fields = {}): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) out[key] = value instanceof Error ? (value.stack ?? value.message) : value
  return out
}
