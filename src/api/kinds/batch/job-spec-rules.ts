import { repeats } from '../../../base/repeats.ts'
import { duplicate, type FieldError, invalid, notSupported, required, tooLong, tooMany } from '../../meta/field-error.ts'
import { qualifiedName } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import type { JobSpec, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule, SuccessPolicyRule } from '../../types/batch.ts'
import { checkPodTemplate } from '../core/pod-spec/pod-spec.ts'
import { checkNotNegative } from '../int-or-percent.ts'
import { checkManagedBy } from './managed-by.ts'

const MODES = ['NonIndexed', 'Indexed']
const RESTARTS = ['OnFailure', 'Never']
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const OPERATORS = ['In', 'NotIn']
const STATUSES = ['False', 'True', 'Unknown']
/** As many indexes, and pods at once, as a status can tell of. */
const MAX_INDEXES = 100_000
const MANY_COMPLETIONS = 100_000
const MAX_WITH_MANY = 10_000
const MAX_RULES = 20
const MAX_EXIT_CODES = 255
const MAX_INDEX_BYTES = 64 * 1024

const NUMBERS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const satisfies readonly (keyof JobSpec)[]

/** `valid values: ["a" "b"]` as Go prints a list of words. */
const oneOf = (words: readonly string[]): string => `valid values: [${words.map(word => JSON.stringify(word)).join(' ')}]`

function checkWord(word: string | undefined, words: readonly string[], path: string, errors: FieldError[]): void {
  if (!word) errors.push(required(path, oneOf(words)))
  else if (!words.includes(word)) errors.push(notSupported(path, word, words))
}

/** What a Job and the template of one have in common. */
export function checkJobSpec(spec: JobSpec, path: string, errors: FieldError[]): void {
  for (const field of NUMBERS) checkNotNegative(spec[field], `${path}.${field}`, errors)
  if (spec.maxFailedIndexes != null && spec.backoffLimitPerIndex == null) {
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  }
  if (spec.managedBy != null) checkManagedBy(spec.managedBy, `${path}.managedBy`, errors)
  const mode = spec.completionMode ?? 'NonIndexed'
  if (!MODES.includes(mode)) errors.push(notSupported(`${path}.completionMode`, mode, MODES))
  if (mode === 'Indexed') checkIndexed(spec, path, errors)
  else if (mode === 'NonIndexed') {
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      if (spec[field] != null) errors.push(invalid(`${path}.${field}`, spec[field], 'requires indexed completion mode'))
    }
  }
  if (spec.podFailurePolicy) checkFailurePolicy(spec, `${path}.podFailurePolicy.rules`, errors)
  if (spec.successPolicy && mode !== 'Indexed') errors.push(invalid(`${path}.successPolicy`, spec.successPolicy, 'requires indexed completion mode'))
  else if (spec.successPolicy) checkSuccessPolicy(spec, `${path}.successPolicy.rules`, errors)
  const replacements = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  const replacement = spec.podReplacementPolicy
  if (replacement != null && !replacements.includes(replacement)) errors.push(notSupported(`${path}.podReplacementPolicy`, replacement, replacements))
  checkPodTemplate(spec.template ?? {}, `${path}.template`, errors)
  checkRestarts(spec, `${path}.template.spec.restartPolicy`, errors)
}

function checkRestarts({ template, podFailurePolicy }: JobSpec, path: string, errors: FieldError[]): void {
  const restart = template?.spec?.restartPolicy
  if (!restart || restart === 'Always') errors.push(required(path, 'valid values: "OnFailure", "Never"'))
  else if (!RESTARTS.includes(restart)) errors.push(notSupported(path, restart, RESTARTS))
  else if (podFailurePolicy && restart !== 'Never') errors.push(invalid(path, restart, 'only "Never" is supported when podFailurePolicy is specified'))
}

function checkIndexed({ completions, parallelism, maxFailedIndexes: failed, backoffLimitPerIndex }: JobSpec, path: string, errors: FieldError[]): void {
  const tooMuch = (field: string, value: number, most: number, when: string) =>
    errors.push(invalid(`${path}.${field}`, value, `must be less than or equal to ${most}${when}`))
  if (completions == null) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
  if (parallelism != null && parallelism > MAX_INDEXES) tooMuch('parallelism', parallelism, MAX_INDEXES, ' when completion mode is Indexed')
  if (completions != null && failed != null && failed > completions) {
    errors.push(invalid(`${path}.maxFailedIndexes`, failed, 'must be less than or equal to completions'))
  }
  if (failed != null && failed > MAX_INDEXES) tooMuch('maxFailedIndexes', failed, MAX_INDEXES, '')
  if ((completions ?? 0) <= MANY_COMPLETIONS || backoffLimitPerIndex == null) return
  const when = ` when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`
  if (failed == null) errors.push(required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${MANY_COMPLETIONS}`))
  if (parallelism != null && parallelism > MAX_WITH_MANY) tooMuch('parallelism', parallelism, MAX_WITH_MANY, when)
  if (failed != null && failed > MAX_WITH_MANY) tooMuch('maxFailedIndexes', failed, MAX_WITH_MANY, when)
}

function checkFailurePolicy(spec: JobSpec, path: string, errors: FieldError[]): void {
  const rules = spec.podFailurePolicy?.rules ?? []
  if (rules.length > MAX_RULES) errors.push(tooMany(path, rules.length, MAX_RULES))
  rules.forEach((rule, i) => {
    checkFailureRule(rule, spec, `${path}[${i}]`, errors)
  })
}

function checkFailureRule({ action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, spec: JobSpec, path: string, errors: FieldError[]): void {
  if (action === 'FailIndex' && spec.backoffLimitPerIndex == null) {
    errors.push(invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'))
  } else checkWord(action, ACTIONS, `${path}.action`, errors)
  if (onExitCodes) checkExitCodes(onExitCodes, spec, `${path}.onExitCodes`, errors)
  if (onPodConditions.length > MAX_RULES) errors.push(tooMany(`${path}.onPodConditions`, onPodConditions.length, MAX_RULES))
  onPodConditions.forEach(({ type, status }, i) => {
    const at = `${path}.onPodConditions[${i}]`
    report(errors, `${at}.type`, type, qualifiedName(type))
    checkWord(status, STATUSES, `${at}.status`, errors)
  })
  const both = onExitCodes !== undefined && onPodConditions.length > 0
  const none = !onExitCodes && onPodConditions.length === 0
  const which = both ? 'specifying both OnExitCodes and OnPodConditions is not supported' : 'specifying one of OnExitCodes and OnPodConditions is required'
  if (both || none) errors.push({ type: 'FieldValueInvalid', field: path, message: `Invalid value: ${which}` })
}

function checkExitCodes(
  { operator, containerName, values }: PodFailurePolicyOnExitCodesRequirement,
  { template }: JobSpec,
  path: string,
  errors: FieldError[],
): void {
  checkWord(operator, OPERATORS, `${path}.operator`, errors)
  const containers = [...(template?.spec?.containers ?? []), ...(template?.spec?.initContainers ?? [])]
  if (containerName != null && !containers.some(({ name }) => name === containerName)) {
    errors.push(invalid(`${path}.containerName`, containerName, 'must be one of the container or initContainer names in the pod template'))
  }
  const at = `${path}.values`
  if (values.length === 0) errors.push(invalid(at, null, 'at least one value is required'))
  else if (values.length > MAX_EXIT_CODES) errors.push(tooMany(at, values.length, MAX_EXIT_CODES))
  const again = repeats(values, value => value)
  values.forEach((value, i) => {
    if (operator === 'In' && value === 0) errors.push(invalid(`${at}[${i}]`, value, 'must not be 0 for the In operator'))
    if (again.has(i)) errors.push(duplicate(`${at}[${i}]`, value))
  })
  if (values.some((value, i) => i > 0 && (values[i - 1] as number) > value)) errors.push(invalid(at, values, 'must be ordered'))
}

function checkSuccessPolicy({ successPolicy, completions }: JobSpec, path: string, errors: FieldError[]): void {
  const rules = successPolicy?.rules ?? []
  if (rules.length === 0) errors.push(required(path, 'at least one rules must be specified when the successPolicy is specified'))
  if (rules.length > MAX_RULES) errors.push(tooMany(path, rules.length, MAX_RULES))
  rules.forEach((rule, i) => {
    checkSuccessRule(rule, completions ?? 0, `${path}[${i}]`, errors)
  })
}

function checkSuccessRule(
  { succeededCount: count, succeededIndexes: indexes }: SuccessPolicyRule,
  completions: number,
  path: string,
  errors: FieldError[],
): void {
  if (count == null && indexes == null) errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'))
  let named: number | undefined
  if (indexes != null) {
    if (indexes.length > MAX_INDEX_BYTES) errors.push(tooLong(`${path}.succeededIndexes`, MAX_INDEX_BYTES))
    const counted = countIndexes(indexes, completions)
    if (typeof counted === 'number') named = counted
    else errors.push(invalid(`${path}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${counted}`))
  }
  if (count == null) return
  const at = `${path}.succeededCount`
  checkNotNegative(count, at, errors)
  if (count > completions) errors.push(invalid(at, count, `must be less than or equal to ${completions} (the number of specified completions)`))
  if (named !== undefined && count > named) {
    errors.push(invalid(at, count, `must be less than or equal to ${named} (the number of indexes in the specified succeededIndexes field)`))
  }
}

/** How many indexes `1,3-5` names, all below `completions` and rising; or what is wrong with it. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let last = -1
  let count = 0
  for (const part of text.split(',')) {
    const ends = part.split('-')
    if (ends.length > 2)
      return `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`
    for (const end of ends) if (!/^\d+$/.test(end)) return `cannot convert string to integer for index: ${JSON.stringify(end)}`
    const [first = 0, until = first] = ends.map(Number)
    if (first >= completions) return `too large index: ${JSON.stringify(ends[0])}`
    if (first <= last) return `non-increasing order, previous: ${last}, current: ${first}`
    if (until >= completions) return `too large index: ${JSON.stringify(ends[1])}`
    if (ends.length === 2 && until <= first) return `non-increasing order, previous: ${first}, current: ${until}`
    count += until - first + 1
    last = until
  }
  return count
}
