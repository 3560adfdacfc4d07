/** Resolves with true when every informer has its first full state, with false when the signal aborts before. */
export async function ready(signal: AbortSignal, ...informers: readonly { readonly synced: Promise<void> }[]): Promise<boolean> {
  if (signal.aborted) return false
  let stop = () => {}
  const aborted = new Promise<void>(resolve => {
    stop = () => resolve()
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([aborted, Promise.all(informers.map(({ synced }) => synced))])
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
  return !signal.aborted
}
