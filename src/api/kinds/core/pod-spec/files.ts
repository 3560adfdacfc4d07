import { type FieldError, invalid, required } from '../../../meta/field-error.ts'
import type { DownwardAPIVolumeFile, KeyToPath } from '../../../types/core/volume.ts'
import { checkFieldRef, checkResourceRef, FILE_FIELDS } from './field-refs.ts'
import { checkFilePath } from './paths.ts'

/** Fields that a source cannot do without. */
export const need = (source: object, fields: readonly string[], path: string, errors: FieldError[]): void => {
  for (const field of fields) {
    const value = (source as Record<string, unknown>)[field]
    if (!value || (Array.isArray(value) && value.length === 0)) errors.push(required(`${path}.${field}`))
  }
}
export function checkMode(mode: number | undefined | null, path: string, errors: FieldError[]): void {
  if (mode != null && (mode < 0 || mode > 0o777)) errors.push(invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive'))
}

/** Keys of a ConfigMap or Secret and the files they become. */
export function checkItems(items: readonly KeyToPath[] | undefined, path: string, errors: FieldError[]): void {
  items?.forEach((item, i) => {
    const at = `${path}[${i}]`
    need(item, ['key', 'path'], at, errors)
    if (item.path) checkFilePath(item.path, `${at}.path`, errors)
    checkMode(item.mode, `${at}.mode`, errors)
  })
}

export function checkDownwardItems(items: readonly DownwardAPIVolumeFile[] | undefined, path: string, errors: FieldError[]): void {
  items?.forEach((item, i) => {
    const at = `${path}[${i}]`
    need(item, ['path'], at, errors)
    if (item.path) checkFilePath(item.path, `${at}.path`, errors)
    checkMode(item.mode, `${at}.mode`, errors)
    if (item.fieldRef) {
      checkFieldRef(item.fieldRef, FILE_FIELDS, `${at}.fieldRef`, errors)
      if (item.resourceFieldRef) errors.push(invalid(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
    } else if (item.resourceFieldRef) checkResourceRef(item.resourceFieldRef, true, `${at}.resourceFieldRef`, errors)
    else errors.push(required(`${at}.fieldRef`, 'one of fieldRef and resourceFieldRef is required'))
  })
}
