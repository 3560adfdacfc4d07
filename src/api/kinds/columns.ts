import { formatAge } from '../meta/age.ts'
import type { KubeObject } from '../meta/object.ts'
import type { Cell, Column } from './kind.ts'

/** A column of text; `wide` ones show with `-o wide` only. */
export const text = <T>(name: string, description: string, cell: (object: T, now: number) => Cell): Column<T> => ({
  name,
  type: 'string',
  description,
  priority: 0,
  cell,
})
export const wide = <T>(name: string, description: string, cell: (object: T, now: number) => Cell): Column<T> => ({
  name,
  type: 'string',
  description,
  priority: 1,
  cell,
})
export const integer = <T>(name: string, description: string, cell: (object: T, now: number) => number): Column<T> => ({
  name,
  type: 'integer',
  description,
  priority: 0,
  cell,
})

export const NAME: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique among those of its kind in its namespace.',
  priority: 0,
  cell: object => object.metadata.name ?? '',
}
export const AGE: Column<KubeObject> = text('Age', 'Time since the object was created.', (object, now) => formatAge(object.metadata.creationTimestamp, now))
export const CREATED_AT: Column<KubeObject> = {
  ...text('Created At', 'When the object was created.', object => object.metadata.creationTimestamp ?? '<unknown>'),
  type: 'date',
}

export const NONE = '<none>'
/** Joined by commas, or `<none>`. */
export const listed = (items: readonly string[]): string => (items.length > 0 ? items.join(',') : NONE)
