/** By name: functions of what a structured clone can carry. */
export type Calls = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>

export interface CallRequest {
  readonly id: number
  readonly name: string
  readonly args: readonly unknown[]
}
export interface CallAnswer {
  readonly id: number
  readonly value?: unknown
  /** What the function threw. */
  readonly failed?: string
}

/** The other side of `Aside`: answers calls until the caller lets go or is gone. */
export function serveCalls(calls: Calls): void {
  // Whoever is gone needs no answer.
  const answer = (message: CallAnswer) => process.connected && process.send?.(message, undefined, undefined, () => {})
  process.on('message', ({ id, name, args }: CallRequest) => {
    calls[name]!(...(args as never[])).then(
      value => answer({ id, value }),
      (error: unknown) => answer({ id, failed: error instanceof Error ? error.message : String(error) }),
    )
  })
  // A terminal sends its signals to both: the caller decides when it is done.
  process.on('SIGINT', () => {})
  process.once('disconnect', () => process.exit())
}
