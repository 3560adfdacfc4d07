import type { KubeObject } from '../../api/meta/object.ts'
import { conflict, isStatus, MODIFIED, notFound, StatusError } from '../../api/meta/status.ts'
import { jsonPatch } from '../../api/patch/json.ts'
import { mergePatch } from '../../api/patch/merge.ts'
import { strategicMergePatch } from '../../api/patch/strategic.ts'
import { restoreUnsaid } from '../../api/schema/unsaid.ts'
import type { Aspect } from './aspect.ts'
import { type Reading, readObject } from './body.ts'
import { createObject } from './create.ts'
import type { Working } from './metadata.ts'
import { renewedLease } from './renewal.ts'
import type { Answer, Body, PatchRequest, Served, WriteRequest } from './request.ts'
import { expectRevision, rewrite } from './rewrite.ts'
import { aspectOrRefuse, changeSettings } from './settings.ts'
import { admittedState, demandRevision, nextState } from './update.ts'
import type { World } from './world.ts'

/** PUT, on the object or a subresource. `mayCreate` is asked before a missing object is created. */
export const putObject = (world: World, request: WriteRequest, mayCreate: () => Promise<void>): Promise<Answer> =>
  createdMeanwhile(() => putOnce(world, request, mayCreate))

/** Does it again when somebody else creates the object between finding it missing and creating it. */
export async function createdMeanwhile(put: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    try {
      return await put()
    } catch (error) {
      if (tries >= MOST_TRIES || !isStatus(error, 'AlreadyExists')) throw error
    }
  }
}
const MOST_TRIES = 4

async function putOnce(world: World, request: WriteRequest, mayCreate: () => Promise<void>): Promise<Answer> {
  const { served, namespace, body } = request
  const aspect = aspectOrRefuse(served, request.subresource)
  const { reading, update } = changeSettings(request, 'update', aspect)
  const { name } = reading
  try {
    const { object } = await rewrite(world, {
      kind: served.kind,
      namespace,
      name,
      dryRun: update.dryRun,
      next: old => {
        const renewed = renewedLease(world, update, body, old)
        if (renewed) return admittedState(world, update, renewed, old)
        const draft = takeFrom(aspect, body, old, reading)
        const { resourceVersion } = draft.metadata
        if (aspect.part === 'main') restoreUnsaid(served.kind.schema, draft, old)
        if (aspect.part === 'main') demandRevision(served, name, resourceVersion)
        expectRevision(world, served.kind, old, resourceVersion)
        return nextState(world, update, draft, old)
      },
    })
    return { code: 200, body: aspect.show(object, { kind: served.kind, at: served.kind }) }
  } catch (error) {
    if (!served.kind.createOnUpdate || aspect.part !== 'main' || !isStatus(error, 'NotFound')) throw error
    const draft = readObject(body, reading)
    if (draft.metadata.resourceVersion) throw notFound(served.kind, name)
    if (draft.metadata.uid) throw conflict(served.kind, name, `Precondition failed: UID in precondition: ${draft.metadata.uid}, UID in object meta: `)
    await mayCreate()
    return { code: 201, body: await createObject(world, { ...update, namespace, draft }) }
  }
}

/** PATCH with a JSON, merge or strategic patch: applied to the newest state, again when a write comes between. */
export async function patchObject(world: World, request: PatchRequest, type: Exclude<PatchRequest['type'], 'apply'>): Promise<Answer> {
  const { served, namespace, name, body } = request
  const aspect = aspectOrRefuse(served, request.subresource)
  const { reading, update } = changeSettings(request, 'patch', aspect)
  const { object } = await rewrite(world, {
    kind: served.kind,
    namespace,
    name,
    dryRun: update.dryRun,
    next: old => {
      const shown = aspect.show(old, served)
      const patched = patchedBy(type, shown, body.value, aspect, served)
      const draft = takePatched(aspect, { value: patched, json: true, problems: body.problems }, old, reading)
      const { resourceVersion } = draft.metadata
      if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) throw conflict(served.kind, name, MODIFIED)
      return nextState(world, update, draft, old)
    },
  })
  return { code: 200, body: aspect.show(object, { kind: served.kind, at: served.kind }) }
}

const NOT_STRATEGIC =
  'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml'

function patchedBy(type: Exclude<PatchRequest['type'], 'apply'>, shown: KubeObject, patch: unknown, aspect: Aspect, served: Served): unknown {
  switch (type) {
    case 'json':
      return jsonPatch(shown, patch)
    case 'merge':
      return mergePatch(shown, patch)
    case 'strategic':
      if (aspect.schema(served).structural) throw new StatusError('UnsupportedMediaType', NOT_STRATEGIC)
      return strategicMergePatch(shown, patch, aspect.schema(served))
  }
}

/** Reads the next state; the record of owners, where it is the very one of the stored object, need not be read again. */
function takeFrom(aspect: Aspect, body: Body, old: KubeObject, reading: Reading): Working {
  const { metadata } = (body.value ?? {}) as { readonly metadata?: { readonly managedFields?: unknown } }
  const { managedFields } = old?.metadata ?? {}
  if (managedFields === undefined || metadata?.managedFields !== managedFields) return aspect.take(body, old, reading)
  const value = { ...(body.value as object), metadata: { ...metadata, managedFields: undefined } }
  const draft = aspect.take({ ...body, value }, old, reading)
  ;(draft.metadata as { managedFields?: unknown }).managedFields = managedFields
  return draft
}

/** What is wrong with a patched object is wrong with the patch: 422. */
export function takePatched(aspect: Aspect, body: Body, old: KubeObject, reading: Reading) {
  try {
    return takeFrom(aspect, body, old, { ...reading, stored: old })
  } catch (error) {
    if (!isStatus(error, 'BadRequest') || !/cannot be handled as/.test(error.message)) throw error
    const { at } = reading.served
    const what = `${at.group ? `${at.kind}.${at.group}` : at.kind} "${reading.name}"`
    const message = error.message.replace(/^.*?cannot be handled as an? \w+: /, '')
    throw new StatusError('Invalid', `${what} is invalid: patch: Invalid value: ${message}`, {
      name: reading.name ?? '',
      ...(at.group && { group: at.group }),
      kind: at.kind,
      causes: [{ reason: 'FieldValueInvalid', message: `Invalid value: ${message}`, field: 'patch' }],
    })
  }
}
