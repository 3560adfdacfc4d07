import { type FieldError, invalid, required } from '../../../meta/field-error.ts'
import { configMapKey, dnsSubdomain, envVarName } from '../../../meta/names.ts'
import { report } from '../../../meta/object-meta.ts'
import type { EnvFromSource, EnvVar, EnvVarSource } from '../../../types/core/env.ts'
import { checkFieldRef, checkResourceRef, ENV_FIELDS } from './field-refs.ts'
import { checkFilePath } from './paths.ts'

export function checkEnv(env: readonly EnvVar[] | undefined, path: string, errors: FieldError[]): void {
  if (!env) return
  for (let i = 0; i < env.length; i++) {
    const { name, value, valueFrom } = env[i] as EnvVar
    if (!name) errors.push(required(`${path}[${i}].name`))
    else report(errors, `${path}[${i}].name`, name, envVarName(name))
    if (valueFrom) checkValueFrom(valueFrom, !!value, `${path}[${i}].valueFrom`, errors)
  }
}

const keyed = (ref: { readonly name?: string | undefined; readonly key: string }, path: string, errors: FieldError[]): void => {
  report(errors, `${path}.name`, ref.name ?? '', dnsSubdomain(ref.name ?? ''))
  if (!ref.key) errors.push(required(`${path}.key`))
  else report(errors, `${path}.key`, ref.key, configMapKey(ref.key))
}

function checkValueFrom(source: EnvVarSource, hasValue: boolean, path: string, errors: FieldError[]): void {
  let sources = 0
  if (source.fieldRef) {
    sources++
    checkFieldRef(source.fieldRef, ENV_FIELDS, `${path}.fieldRef`, errors)
  }
  if (source.resourceFieldRef) {
    sources++
    checkResourceRef(source.resourceFieldRef, false, `${path}.resourceFieldRef`, errors)
  }
  if (source.configMapKeyRef) {
    sources++
    keyed(source.configMapKeyRef, `${path}.configMapKeyRef`, errors)
  }
  if (source.secretKeyRef) {
    sources++
    keyed(source.secretKeyRef, `${path}.secretKeyRef`, errors)
  }
  if (source.fileKeyRef) {
    sources++
    const { volumeName, path: file, key } = source.fileKeyRef
    if (!key) errors.push(required(`${path}.fileKeyRef.key`))
    else report(errors, `${path}.fileKeyRef.key`, key, envVarName(key))
    if (!volumeName) errors.push(required(`${path}.fileKeyRef.volumeName`))
    if (!file) errors.push(required(`${path}.fileKeyRef.path`))
    else checkFilePath(file, `${path}.fileKeyRef.path`, errors)
  }
  if (sources === 0) {
    errors.push(invalid(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'))
  } else if (hasValue) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'))
  else if (sources > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
}

const named = ({ name }: { readonly name?: string | undefined }, path: string, errors: FieldError[]): void => {
  if (!name) errors.push(required(`${path}.name`))
  else report(errors, `${path}.name`, name, dnsSubdomain(name))
}

export function checkEnvFrom(sources: readonly EnvFromSource[] | undefined, path: string, errors: FieldError[]): void {
  sources?.forEach(({ prefix, configMapRef, secretRef }, i) => {
    const at = `${path}[${i}]`
    if (prefix) report(errors, `${at}.prefix`, prefix, envVarName(prefix))
    if (configMapRef) named(configMapRef, `${at}.configMapRef`, errors)
    if (secretRef) named(secretRef, `${at}.secretRef`, errors)
    if (!configMapRef && !secretRef) errors.push(invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`'))
    else if (configMapRef && secretRef) errors.push(invalid(at, '', 'may not have more than one field specified at a time'))
  })
}
