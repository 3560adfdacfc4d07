import { badRequest } from '../../api/meta/status.ts'
import type { ListQuery, WatchQuery, WriteQuery } from '../registry/request.ts'

/** A query boolean of any client: `True`, `true`, `1` and an empty value are true; absent, `false` in any case and `0` are not. */
export const truthy = (value: string | null): boolean => value !== null && value !== '0' && value.toLowerCase() !== 'false'

/** A whole number of a query parameter; 400 for what is none. */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null || value === '') return undefined
  if (!/^-?\d{1,15}$/.test(value)) throw badRequest(`the query parameter ${name} must be a whole number, not ${JSON.stringify(value)}`)
  return Number(value)
}

/** A query parameter if it was given and is not empty. */
export const given = (query: URLSearchParams, name: string): string | undefined => query.get(name) || undefined

const flag = (query: URLSearchParams, name: string): boolean | undefined => (query.has(name) ? truthy(query.get(name)) : undefined)

export const listQuery = (query: URLSearchParams): ListQuery => ({
  labelSelector: given(query, 'labelSelector'),
  fieldSelector: given(query, 'fieldSelector'),
  limit: wholeNumber(query, 'limit'),
  continue: given(query, 'continue'),
  resourceVersion: given(query, 'resourceVersion'),
  resourceVersionMatch: given(query, 'resourceVersionMatch'),
  sendInitialEvents: flag(query, 'sendInitialEvents'),
})

export const watchQuery = (query: URLSearchParams): WatchQuery => ({
  ...listQuery(query),
  allowWatchBookmarks: flag(query, 'allowWatchBookmarks'),
  timeoutSeconds: wholeNumber(query, 'timeoutSeconds'),
})

export const writeQuery = (query: URLSearchParams): WriteQuery => ({
  dryRun: query.getAll('dryRun').filter(value => value !== ''),
  fieldManager: given(query, 'fieldManager'),
  fieldValidation: given(query, 'fieldValidation'),
  force: flag(query, 'force'),
})

/** DeleteOptions said in the query, as the Python client does; undefined when nothing was. */
export function deleteOptionsOf(query: URLSearchParams): Record<string, unknown> | undefined {
  const options: Record<string, unknown> = {}
  const grace = wholeNumber(query, 'gracePeriodSeconds')
  if (grace !== undefined) options['gracePeriodSeconds'] = grace
  const orphan = flag(query, 'orphanDependents')
  if (orphan !== undefined) options['orphanDependents'] = orphan
  const propagation = given(query, 'propagationPolicy')
  if (propagation !== undefined) options['propagationPolicy'] = propagation
  const dryRun = query.getAll('dryRun').filter(value => value !== '')
  if (dryRun.length) options['dryRun'] = dryRun
  return Object.keys(options).length ? options : undefined
}
