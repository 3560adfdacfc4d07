import type { DeleteOptions, ListOptions, WatchOptions, WriteOptions } from '../../api/access.ts'

type Value = string | number | boolean | undefined
/** A query string with its question mark; empty when nothing is said. */
export function queryOf(values: Readonly<Record<string, Value>>): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(values)) if (value !== undefined && value !== '') query.set(key, String(value))
  const text = query.toString()
  return text && `?${text}`
}

export const writeQuery = ({ dryRun, fieldManager, fieldValidation }: WriteOptions) => ({ dryRun: dryRun ? 'All' : undefined, fieldManager, fieldValidation })

export const listQuery = (options: ListOptions) => ({
  labelSelector: options.labelSelector,
  fieldSelector: options.fieldSelector,
  limit: options.limit,
  continue: options.continue,
  resourceVersion: options.resourceVersion,
  resourceVersionMatch: options.resourceVersionMatch,
})

export const watchQuery = (options: WatchOptions) => ({
  watch: true,
  labelSelector: options.labelSelector,
  fieldSelector: options.fieldSelector,
  resourceVersion: options.resourceVersion,
  allowWatchBookmarks: options.bookmarks || options.initialEvents ? true : undefined,
  timeoutSeconds: options.timeoutSeconds,
  ...(options.initialEvents && { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }),
})

/** DeleteOptions as a body. */
export const deleteBody = ({ dryRun, gracePeriodSeconds, preconditions, propagation }: DeleteOptions) => ({
  kind: 'DeleteOptions',
  apiVersion: 'v1',
  ...(dryRun && { dryRun: ['All'] }),
  ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
  ...(preconditions && { preconditions }),
  ...(propagation !== undefined && { propagationPolicy: propagation }),
})
