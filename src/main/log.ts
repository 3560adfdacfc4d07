import { createRequire } from 'node:module'
import type { Fields, Log } from '../base/log.ts'

export const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type Level = (typeof LEVELS)[number]

/** JSON lines on stderr, by pino, which is loaded when there is a first line to write: most servers start without one. */
export function openLog(level: Level, fields: Fields = {}): Log {
  let opened: Logger | undefined
  const logger = () => {
    opened ??= openPino(level).child(describe(fields))
    return opened
  }
  return wrap(logger, LEVELS.indexOf(level))
}

type Logger = import('pino').Logger

function openPino(level: Level): Logger {
  const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino')
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }))
}

function wrap(logger: () => Logger, least: number): Log {
  const at = (level: Exclude<Level, 'silent'>) => {
    if (LEVELS.indexOf(level) < least) return () => {}
    return (message: string, fields?: Fields) => logger()[level](describe(fields), message)
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with(fields) {
      let child: Logger | undefined
      const own = () => {
        child ??= logger().child(describe(fields))
        return child
      }
      return wrap(own, least)
    },
  }
}

/** An error as what it says and where; other values as they are. */
function describe(fields: Fields = {}): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) out[key] = value instanceof Error ? (value.stack ?? value.message) : value
  return out
}
