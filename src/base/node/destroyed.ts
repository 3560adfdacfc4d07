import type { Duplex } from 'node:stream'

/** A listener that destroys the stream it listens to, and remembers nothing else for as long as that. */
export function destroyed(this: Duplex): void {
  this.destroy()
}
