const MAX_OCTET = 255

/** Four decimal numbers up to 255, without leading zeros. */
export function isIPv4(text: string): boolean {
  if (text.length < 7 || text.length > 15) return false
  let parts = 0
  let value = -1
  let digits = 0
  for (let i = 0; i <= text.length; i++) {
    const c = i < text.length ? text.charCodeAt(i) : 46
    if (c === 46) {
      if (digits === 0 || value > MAX_OCTET) return false
      parts++
      digits = 0
      value = -1
    } else if (c >= 48 && c <= 57) {
      if (digits > 0 && value === 0) return false
      value = (digits === 0 ? 0 : value * 10) + c - 48
      digits++
    } else return false
  }
  return parts === 4
}

const HEX = /^[0-9a-fA-F]{1,4}$/

/** Eight groups, one run of zeros shortened to `::`, the last 32 bits perhaps written as IPv4; no zone. */
export function isIPv6(text: string): boolean {
  if (text.length < 2 || text.length > 45 || !text.includes(':')) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  let groups = 0
  for (const [h, half] of halves.entries()) {
    if (half === '') continue
    const parts = half.split(':')
    for (const [i, part] of parts.entries()) {
      const last = h === halves.length - 1 && i === parts.length - 1
      if (last && part.includes('.')) {
        if (!isIPv4(part)) return false
        groups += 2
      } else if (HEX.test(part)) groups++
      else return false
    }
  }
  return halves.length === 2 ? groups <= 7 : groups === 8
}

/** The family of an address, as a Service names it. */
export const familyOf = (address: string): 'IPv4' | 'IPv6' => (address.includes(':') ? 'IPv6' : 'IPv4')

export const isIP = (text: string): boolean => isIPv4(text) || isIPv6(text)

/** `10.0.0.0/8`, `fd00::/64`. */
export function isCIDR(text: string): boolean {
  const slash = text.indexOf('/')
  if (slash < 0) return false
  const address = text.slice(0, slash)
  const bits = text.slice(slash + 1)
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(bits)) return false
  return isIPv4(address) ? Number(bits) <= 32 : isIPv6(address) && Number(bits) <= 128
}
