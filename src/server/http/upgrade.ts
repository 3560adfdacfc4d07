import type { StatusError } from '../../api/meta/status.ts'
import { endWithin } from './end-within.ts'
import type { Upgrade } from './listener.ts'

/** Who was refused has so long to read why. */
const READING_MS = 1000

/** Refuses an upgrade with an ordinary answer; a socket that was upgraded already is cut. */
export function refuseUpgrade({ socket, auditId }: Pick<Upgrade, 'socket' | 'auditId'>, error: StatusError): void {
  if (socket.destroyed || !socket.writable) return void socket.destroy()
  const body = `${JSON.stringify(error.status)}\n`
  // What the client has sent on top is read away: a socket with something unread is never over, whoever has gone.
  socket.resume()
  endWithin(
    READING_MS,
    socket,
    `HTTP/1.1 ${error.code} ${error.reason}\r\nAudit-Id: ${auditId}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** Accepts an upgrade. */
export function acceptUpgrade(
  { socket, auditId }: Pick<Upgrade, 'socket' | 'auditId'>,
  protocol: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${protocol}\r\nConnection: Upgrade\r\nAudit-Id: ${auditId}\r\n${lines.join('')}\r\n`)
}
