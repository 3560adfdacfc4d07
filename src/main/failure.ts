/** Something the user can mend: said in one line on stderr, exit code 1. */
export class Failure extends Error {
  readonly code: number
  constructor(message: string, code = 1, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** A wrong word on the command line: exit code 2. */
export const usage = (message: string): Failure => new Failure(message, 2)

/** What to say of an error that reached the command line. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  if (code === 'EADDRINUSE') return `${address}:${port} is in use by another process; choose another with --listen, or --listen ${address}:0 for any free port`
  if (code === 'EACCES' && port !== undefined) return `not permitted to listen on ${address}:${port}; choose a port above 1023 with --listen`
  return error.message
}
