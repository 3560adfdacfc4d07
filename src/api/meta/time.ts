let lastSecond = Number.NaN
let lastText = ''

/** Milliseconds since 1970 as the API writes times: RFC 3339 with seconds. The text of one second is made once. */
export function timeOf(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== lastSecond) {
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`
    lastSecond = second
  }
  return lastText
}

/** The same with microseconds, as leases and the audit log carry times. */
export const microTimeOf = (ms: number): string => `${timeOf(ms).slice(0, -1)}.${String(Math.floor(ms) - Math.floor(ms / 1000) * 1000).padStart(3, '0')}000Z`
