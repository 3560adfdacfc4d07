import type { Column, Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'

export type IncludeObject = 'None' | 'Metadata' | 'Object'

export interface TableForm {
  readonly version: 'v1' | 'v1beta1'
  readonly include: IncludeObject
}

/** What the rows of a table are made by. */
export type Columned = Pick<Kind, 'columns' | 'rowConditions'>

interface ListMeta {
  readonly resourceVersion?: string | undefined
  readonly continue?: string | undefined
  readonly remainingItemCount?: number | undefined
}

export const metaVersion = (version: 'v1' | 'v1beta1'): string => `meta.k8s.io/${version}`

/** The head of a table: everything but its rows. `columns` absent: the client knows them already. */
export const tableHead = (version: 'v1' | 'v1beta1', metadata: ListMeta, columns: readonly Column<KubeObject>[] | undefined) => ({
  kind: 'Table',
  apiVersion: metaVersion(version),
  metadata: {
    resourceVersion: metadata.resourceVersion,
    ...(metadata.continue !== undefined && { continue: metadata.continue }),
    ...(metadata.remainingItemCount !== undefined && { remainingItemCount: metadata.remainingItemCount }),
  },
  columnDefinitions: columns?.map(({ name, type, format = '', description, priority }) => ({ name, type, format, description, priority })) ?? null,
})

/** One object as a row. */
export function tableRow(object: KubeObject, kind: Columned, form: TableForm, now: number) {
  const conditions = kind.rowConditions?.(object)
  return {
    cells: kind.columns.map(column => column.cell(object, now)),
    ...(conditions?.length && { conditions }),
    ...(form.include !== 'None' && { object: form.include === 'Object' ? object : partial(object, form.version) }),
  }
}

/** An object reduced to its metadata. */
export const partial = (object: KubeObject, version: 'v1' | 'v1beta1') => ({
  kind: 'PartialObjectMetadata',
  apiVersion: metaVersion(version),
  metadata: object.metadata,
})
