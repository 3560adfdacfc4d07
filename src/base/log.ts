/** A constant message with key-values; `main` wires the writer. */
export interface Log {
  debug(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
  /** The same log with fields on every line. */
  with(fields: Fields): Log
}
export type Fields = Readonly<Record<string, unknown>>

export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  with: () => silentLog,
}
