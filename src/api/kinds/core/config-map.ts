import { ConfigMap } from '../../types/core/config.ts'
import { AGE, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { validateConfigMap, validateConfigMapUpdate } from './data-rules.ts'

export const ConfigMaps: Kind<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  schema: ConfigMap,
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  columns: [NAME, text('Data', 'Number of entries.', map => Object.keys(map.data ?? {}).length + Object.keys(map.binaryData ?? {}).length), AGE],
}
