import { Secret } from '../../types/core/config.ts'
import { AGE, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { defaultSecret, validateSecret, validateSecretUpdate } from './data-rules.ts'

export const Secrets: Kind<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  resource: 'secrets',
  singular: 'secret',
  namespaced: true,
  schema: Secret,
  selectableFields: { type: secret => secret.type ?? '' },
  defaults: defaultSecret,
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  columns: [
    NAME,
    text('Type', 'What the entries are for.', secret => secret.type ?? ''),
    text('Data', 'Number of entries.', secret => Object.keys(secret.data ?? {}).length),
    AGE,
  ],
}
