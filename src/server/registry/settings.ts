import { StatusError } from '../../api/meta/status.ts'
import { type Aspect, aspectOf } from './aspect.ts'
import type { Reading } from './body.ts'
import { writeOptions } from './options.ts'
import type { PatchRequest, Served, WriteRequest } from './request.ts'
import type { Update } from './update.ts'

const silent = () => {}

/** Throws NotFound when the kind has no such subresource. */
export function aspectOrRefuse(served: Served, subresource: string | undefined): Aspect {
  const aspect = aspectOf(served.kind, subresource)
  if (!aspect) throw new StatusError('NotFound', 'the server could not find the requested resource')
  return aspect
}

/** How the body of a change is read and how the next state is made of it. Throws `Invalid` for options that are none. */
export function changeSettings(
  { served, namespace, name = '', query, caller, warn = silent }: WriteRequest | PatchRequest,
  verb: 'update' | 'patch' | 'apply',
  { part, validate }: Aspect,
): { readonly reading: Reading & { readonly name: string }; readonly update: Update } {
  const { dryRun, fieldManager, fieldValidation } = writeOptions(query, verb, caller)
  const once = onlyOnce(warn)
  return {
    reading: { served, namespace, name, fieldValidation, warn: once, mayShare: verb === 'patch', mustBeNamed: verb !== 'apply' },
    update: { served, part, patched: verb !== 'update', validate, caller, manager: fieldManager, dryRun, warn: once },
  }
}

/** Retries say the same again; whoever asked hears it once. */
export function onlyOnce(warn: (text: string) => void): (text: string) => void {
  let said: Set<string> | undefined
  return text => {
    if (said?.has(text)) return
    said ??= new Set()
    said.add(text)
    warn(text)
  }
}
