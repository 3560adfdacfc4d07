const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Starts something, waits for a signal to stop, and runs what `start` gave back. A signal while it is still starting aborts
 * the start; a second signal while it stops ends the process at once.
 */
export async function untilStopped(start: (signal: AbortSignal) => Promise<() => Promise<void>>): Promise<void> {
  const stopping = new AbortController()
  const asked = new Promise<void>(resolve => {
    let times = 0
    for (const name of SIGNALS)
      process.on(name, () => {
        if (++times > 1) process.exit(1)
        stopping.abort(new Error(`stopped by ${name}`))
        resolve()
      })
  })
  let stop: () => Promise<void>
  try {
    stop = await start(stopping.signal)
  } catch (error) {
    if (stopping.signal.aborted) return
    throw error
  }
  await asked
  await stop()
}
