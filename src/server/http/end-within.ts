import type { Duplex } from 'node:stream'

/** Says the last word on a connection and cuts it after so long: whoever does not read it does not close their end either. */
export function endWithin(ms: number, socket: Duplex, lastWord: string): void {
  const cut = setTimeout(() => socket.destroy(), ms)
  socket.once('close', () => clearTimeout(cut))
  socket.end(lastWord)
}
