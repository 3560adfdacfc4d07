import { type FieldError, forbiddenField, invalid, required, tooLong } from '../../meta/field-error.ts'
import { configMapKey } from '../../meta/names.ts'
import type { Draft } from '../../meta/object.ts'
import { report } from '../../meta/object-meta.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { ConfigMap, Secret } from '../../types/core/config.ts'

/** All values of one ConfigMap or Secret together, in bytes. */
const MAX_BYTES = 1024 * 1024
const FROZEN = 'field is immutable when `immutable` is set'

const encoder = new TextEncoder()
const bytesOfText = (text: string): number => (text.length * 3 <= MAX_BYTES / 1024 ? text.length : encoder.encode(text).length)
const bytesOfBase64 = (text: string): number => (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0)

function toBase64(text: string): string {
  let bytes = ''
  for (const byte of encoder.encode(text)) bytes += String.fromCharCode(byte)
  return btoa(bytes)
}

/** Text given beside the data is written into it and not kept. */
export function defaultSecret(secret: Draft<Secret>): void {
  const { stringData } = secret
  if (!stringData) return
  delete secret.stringData
  if (Object.keys(stringData).length === 0) return
  secret.data = { ...secret.data, ...Object.fromEntries(Object.entries(stringData).map(([key, value]) => [key, toBase64(value)])) }
}

/** What a secret of a type must hold; of the last pair one is enough. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
}
const JSON_KEYS: ReadonlySet<string> = new Set(['.dockercfg', '.dockerconfigjson'])
const ACCOUNT = 'kubernetes.io/service-account.name'

function isJsonObject(base64: string): boolean {
  try {
    const value: unknown = JSON.parse(atob(base64))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

export function validateSecret(secret: Secret): readonly FieldError[] {
  const errors: FieldError[] = []
  const data = secret.data ?? {}
  let total = 0
  for (const key in data) {
    report(errors, `data[${key}]`, key, configMapKey(key))
    total += bytesOfBase64(data[key] as string)
  }
  if (total > MAX_BYTES) errors.push(tooLong('data', MAX_BYTES))
  const type = secret.type ?? ''
  if (type === 'kubernetes.io/service-account-token' && !secret.metadata.annotations?.[ACCOUNT]) {
    errors.push(required(`metadata.annotations[${ACCOUNT}]`))
  }
  if (type === 'kubernetes.io/basic-auth' && data['username'] === undefined && data['password'] === undefined) {
    errors.push(required('data[username]'), required('data[password]'))
  }
  for (const key of Object.hasOwn(TYPES, type) ? (TYPES[type] as readonly string[]) : []) {
    if (data[key] === undefined || (key === 'ssh-privatekey' && data[key] === '')) errors.push(required(`data[${key}]`))
    else if (JSON_KEYS.has(key) && !isJsonObject(data[key])) errors.push(invalid(`data[${key}]`, '<secret contents redacted>', 'must be a JSON object'))
  }
  return errors
}

interface Lockable {
  readonly immutable?: boolean | undefined
}

/** Once an object is immutable, it stays so and keeps its data. */
function checkLocked<T extends Lockable>(now: T, old: T, fields: readonly (keyof T & string)[], errors: FieldError[]): void {
  if (!old.immutable) return
  if (!now.immutable) errors.push(forbiddenField('immutable', FROZEN))
  for (const field of fields) if (!sameEntries(now[field], old[field])) errors.push(forbiddenField(field, FROZEN))
}
const sameEntries = (a: unknown, b: unknown): boolean => semanticEqual(a ?? {}, b ?? {})

export function validateSecretUpdate(secret: Secret, old: Secret): readonly FieldError[] {
  const errors: FieldError[] = []
  if ((secret.type ?? '') !== (old.type ?? '')) errors.push(invalid('type', secret.type ?? '', 'field is immutable'))
  checkLocked(secret, old, ['data'], errors)
  return errors
}

export function validateConfigMap(map: ConfigMap): readonly FieldError[] {
  const errors: FieldError[] = []
  let total = 0
  for (const key in map.data) {
    report(errors, `data[${key}]`, key, configMapKey(key))
    if (map.binaryData && Object.hasOwn(map.binaryData, key)) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    total += bytesOfText(map.data[key] as string)
  }
  for (const key in map.binaryData) {
    report(errors, `binaryData[${key}]`, key, configMapKey(key))
    total += bytesOfBase64(map.binaryData[key] as string)
  }
  if (total > MAX_BYTES) errors.push(tooLong('data', MAX_BYTES))
  return errors
}

export function validateConfigMapUpdate(map: ConfigMap, old: ConfigMap): readonly FieldError[] {
  const errors: FieldError[] = []
  checkLocked(map, old, ['data', 'binaryData'], errors)
  return errors
}
