import { dns1035Label, dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../../meta/names.ts'
import { hasFormat } from '../../schema/custom/formats.ts'
import { type Signature, signature } from '../signature.ts'
import { ListValue, Opaque, Optional } from '../values.ts'
import { isUrl } from './urls.ts'

type Check = (text: string) => readonly string[]

const ofFormat =
  (format: string, shown: string): Check =>
  text =>
    hasFormat(format, text) ? [] : [`does not match the ${shown} format`]
/** A prefix may end in `-`: the rest of the name comes behind it. */
const prefix =
  (check: Check): Check =>
  text =>
    check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text)

const FORMATS: Readonly<Record<string, Check>> = {
  dns1123Label: dnsLabel,
  dns1123Subdomain: dnsSubdomain,
  dns1035Label,
  qualifiedName,
  dns1123LabelPrefix: prefix(dnsLabel),
  dns1123SubdomainPrefix: prefix(dnsSubdomain),
  dns1035LabelPrefix: prefix(dns1035Label),
  labelValue,
  uri: text => (isUrl(text) ? [] : [`parse ${JSON.stringify(text)}: invalid URI for request`]),
  uuid: ofFormat('uuid', 'UUID'),
  byte: ofFormat('byte', 'byte'),
  date: ofFormat('date', 'date'),
  datetime: ofFormat('datetime', 'datetime'),
}

const named = (name: string): Opaque => new Opaque('kubernetes.NamedFormat', name, FORMATS[name])

export const formats: readonly Signature[] = [
  ...Object.keys(FORMATS).map(name => signature<[]>(`format.${name}(): kubernetes.NamedFormat`, () => named(name))),
  signature<[string]>('format.named(string): optional<kubernetes.NamedFormat>', name => new Optional(Object.hasOwn(FORMATS, name) ? named(name) : undefined)),
  signature<[Opaque, string]>('kubernetes.NamedFormat::validate(string): optional<list<string>>', (format, text) => {
    const problems = (format.data as Check)(text)
    return new Optional(problems.length > 0 ? new ListValue(problems) : undefined)
  }),
]
