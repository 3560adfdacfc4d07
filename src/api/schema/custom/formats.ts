import { normaliseTime } from '../time.ts'

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
const HOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i
const DURATION =
  /^[-+]?(?:0|(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*)$|^\d+ ?(?:days?|d|weeks?|w|hours?|hr|h|minutes?|min|m|seconds?|sec|s)$/

function isIpv6(text: string): boolean {
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text) || !text.includes(':')) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  let groups = 0
  for (const half of halves) {
    if (half === '') continue
    const parts = half.split(':')
    for (const [i, part] of parts.entries()) {
      if (part.includes('.')) {
        if (i !== parts.length - 1 || !IPV4.test(part)) return false
        groups += 2
      } else {
        if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return false
        groups++
      }
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8
}

function isUri(text: string): boolean {
  try {
    return new URL(text).protocol.length > 1
  } catch {
    return text.startsWith('/')
  }
}

const isCidr = (text: string): boolean => {
  const [address, bits, ...rest] = text.split('/')
  if (rest.length > 0 || address === undefined || !/^\d{1,3}$/.test(bits ?? '')) return false
  return IPV4.test(address) ? Number(bits) <= 32 : isIpv6(address) && Number(bits) <= 128
}

/** The formats that are checked; any other says nothing. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': text => normaliseTime(text, 0) !== undefined,
  datetime: text => normaliseTime(text, 0) !== undefined,
  date: text => /^\d{4}-\d\d-\d\d$/.test(text) && normaliseTime(`${text}T00:00:00Z`, 0) !== undefined,
  duration: text => DURATION.test(text),
  byte: text => BASE64.test(text.replace(/[\r\n]/g, '')),
  email: text => /^[^@\s]{1,64}@[^@\s]{1,255}$/.test(text),
  hostname: text => HOST.test(text),
  ipv4: text => IPV4.test(text),
  ipv6: isIpv6,
  cidr: isCidr,
  mac: text => /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text),
  uri: isUri,
  uuid: text => UUID.test(text),
  uuid3: text => UUID.test(text),
  uuid4: text => UUID.test(text),
  uuid5: text => UUID.test(text),
}

/** Whether a text has a format, as far as the format is one that is checked. */
export const hasFormat = (format: string, text: string): boolean => FORMATS[format]?.(text) ?? true
