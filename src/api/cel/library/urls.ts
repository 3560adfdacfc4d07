import { type Signature, signature } from '../signature.ts'
import { CelFailure, ListValue, MapValue, Opaque } from '../values.ts'

interface Location {
  readonly scheme: string
  readonly host: string
  readonly hostname: string
  readonly port: string
  readonly path: string
  readonly query: string
}

const PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s
const HOST = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^[\]:\s<>"\\^`{}|]*))(?::(\d*))?$/

/** An absolute URL, or a path that begins with `/`; undefined for anything else. */
function read(text: string): Location | undefined {
  if ([...text].some(one => one < ' ' || one === '\x7f') || /%(?![0-9A-Fa-f]{2})/.test(text.split(/[?#]/)[0]!)) return undefined
  const match = PARTS.exec(text)
  if (!match) return undefined
  const [, scheme = '', authority, path = '', query = ''] = match
  if (scheme === '' && !text.startsWith('/')) return undefined
  const host = (authority ?? '').replace(/^.*@/s, '')
  const found = HOST.exec(host)
  if (!found) return undefined
  return { scheme: scheme.toLowerCase(), host, hostname: found[1] ?? found[2] ?? '', port: found[3] ?? '', path, query }
}

function url(text: string): Opaque {
  const location = read(text)
  if (!location) throw new CelFailure(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`)
  return new Opaque('kubernetes.URL', text, location)
}

const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** What Go's path escaping leaves alone stays; anything else is written with `%`. */
const escapedPath = (path: string): string => path.replace(/[^A-Za-z0-9\-._~$&+,/:;=@!'()*%]/gu, one => encodeURIComponent(one))

function queryOf({ query }: Location): MapValue {
  const found = new Map<string, string[]>()
  for (const part of query.split('&')) {
    if (part === '' || part.includes(';')) continue
    const [key = '', ...value] = part.split('=')
    const name = unescaped(key)
    found.set(name, [...(found.get(name) ?? []), unescaped(value.join('='))])
  }
  return new MapValue(new Map([...found].map(([key, values]) => [key, new ListValue(values)])))
}

const part = (name: string, of: (location: Location) => string): Signature =>
  signature<[Opaque]>(`kubernetes.URL::${name}(): string`, value => of(value.data as Location))

export const urls: readonly Signature[] = [
  signature<[string]>('url(string): kubernetes.URL', url),
  signature<[string]>('isURL(string): bool', text => read(text) !== undefined),
  part('getScheme', ({ scheme }) => scheme),
  part('getHost', ({ host }) => host),
  part('getHostname', ({ hostname }) => hostname),
  part('getPort', ({ port }) => port),
  part('getEscapedPath', ({ path }) => escapedPath(path)),
  signature<[Opaque]>('kubernetes.URL::getQuery(): map<string, list<string>>', value => queryOf(value.data as Location)),
]

export const isUrl = (text: string): boolean => read(text) !== undefined
