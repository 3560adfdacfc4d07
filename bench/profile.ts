/** Records a CPU profile of another process over its inspector's socket; what it resolves with ends it and gives the profile as JSON. */
export async function profile(inspector: string): Promise<() => Promise<string>> {
  const socket = new WebSocket(inspector)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  let lastId = 0
  const ask = (method: string, params: object = {}): Promise<{ readonly profile?: unknown }> =>
    new Promise(resolve => {
      const id = ++lastId
      const hear = ({ data }: MessageEvent) => {
        const answer = JSON.parse(String(data)) as { readonly id?: number; readonly result?: { readonly profile?: unknown } }
        if (answer.id !== id) return
        socket.removeEventListener('message', hear)
        resolve(answer.result ?? {})
      }
      socket.addEventListener('message', hear)
      socket.send(JSON.stringify({ id, method, params }))
    })
  await ask('Profiler.enable')
  await ask('Profiler.setSamplingInterval', { interval: 500 })
  await ask('Profiler.start')
  return async () => {
    const { profile: recorded } = await ask('Profiler.stop')
    socket.close()
    return JSON.stringify(recorded)
  }
}
