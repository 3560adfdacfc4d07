import { type FieldError, invalid } from '../../../meta/field-error.ts'

const BACKSTEP = "must not contain '..'"

const hasBackstep = (path: string): boolean => path.includes('..') && path.split('/').includes('..')

/** No segment that goes up. */
export function checkNoBacksteps(value: string, path: string, errors: FieldError[]): void {
  if (hasBackstep(value)) errors.push(invalid(path, value, BACKSTEP))
}

/** A path below somewhere: relative, and it does not leave. */
export function checkDescendingPath(value: string, path: string, errors: FieldError[]): void {
  if (value.startsWith('/')) errors.push(invalid(path, value, 'must be a relative path'))
  checkNoBacksteps(value, path, errors)
}

/** As above, and its first segment is not one that writes of volumes use themselves. */
export function checkFilePath(value: string, path: string, errors: FieldError[]): void {
  checkDescendingPath(value, path, errors)
  if (value.startsWith('..') && !value.startsWith('../')) errors.push(invalid(path, value, "must not start with '..'"))
}
