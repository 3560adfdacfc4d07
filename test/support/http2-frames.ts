/** Frames of HTTP/2 as bytes, right or wrong, for a TLS socket that speaks `h2`. */

export const DATA = 0
export const HEADERS = 1
export const PRIORITY = 2
export const RST_STREAM = 3
export const SETTINGS = 4
export const PING = 6
export const WINDOW_UPDATE = 8
export const CONTINUATION = 9
export const END_STREAM = 1
export const END_HEADERS = 4

/** What a client begins with. */
export const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(SETTINGS, 0, 0)])

export function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A header as HPACK writes it in full: not kept, or kept in the table of the connection. */
export function literal(name: string, value: string, kept = false): Buffer {
  const text = (chars: string): Buffer => {
    const bytes = Buffer.from(chars)
    if (bytes.length >= 127) throw new Error('longer than this writes')
    return Buffer.concat([Buffer.from([bytes.length]), bytes])
  }
  return Buffer.concat([Buffer.from([kept ? 0x40 : 0]), text(name), text(value)])
}

/** The headers of a GET. */
export const get = (path: string): Buffer =>
  Buffer.concat([literal(':method', 'GET'), literal(':scheme', 'https'), literal(':authority', 'x'), literal(':path', path)])
