import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { badRequest, conflict, isStatus, MODIFIED, notFound, StatusError } from '../../api/meta/status.ts'
import { timeOf } from '../../api/meta/time.ts'
import { type Applied, applyPatch } from '../../api/patch/apply/apply.ts'
import type { Aspect } from './aspect.ts'
import { asJson, type Reading } from './body.ts'
import { createObject } from './create.ts'
import { unsettable, versionsOf } from './managers.ts'
import { createdMeanwhile, takePatched } from './modify.ts'
import type { Answer, PatchRequest } from './request.ts'
import { rewrite } from './rewrite.ts'
import { recordAfterScale, scaleRecord } from './scale-record.ts'
import { aspectOrRefuse, changeSettings } from './settings.ts'
import { nextState, type Update } from './update.ts'
import type { World } from './world.ts'

const SCALE = { kind: 'Scale', version: 'autoscaling/v1' }

/** Server-side apply: the configuration is laid over the newest state; a missing object is created, which `mayCreate` is asked for. */
export const applyObject = (world: World, request: PatchRequest, mayCreate: () => Promise<void>): Promise<Answer> =>
  createdMeanwhile(() => applyOnce(world, request, mayCreate))

async function applyOnce(world: World, request: PatchRequest, mayCreate: () => Promise<void>): Promise<Answer> {
  const { served, namespace, name, subresource } = request
  const aspect = aspectOrRefuse(served, subresource)
  const scaling = aspect.part === 'scale'
  if (scaling && served.kind.schema.structural) {
    throw new StatusError('UnsupportedMediaType', 'the Scale of a custom resource cannot be applied: use a merge patch of spec.replicas')
  }
  const { reading, update } = changeSettings(request, 'apply', aspect)
  tellOfTwice(request.body.problems ?? [], reading)
  const config = asJson(request.body.value)
  expectKind(config, scaling ? SCALE.kind : served.at.kind)
  const { resourceVersion, uid } = identityOf(config)
  const applied = (live: KubeObject | undefined): Applied =>
    applyPatch({
      message: aspect.schema(served),
      live: live as unknown as Readonly<Record<string, unknown>> | undefined,
      ...(!scaling && { versions: versionsOf(served.kind) }),
      config,
      force: request.query.force ?? false,
      as: scaling ? SCALE : served.at,
      manager: update.manager,
      apiVersion: scaling ? 'autoscaling/v1' : apiVersionOf(served.at),
      subresource,
      ignore: unsettable(served.kind, subresource),
      now: timeOf(world.clock.now()),
    })
  try {
    const { object } = await rewrite(world, {
      kind: served.kind,
      namespace,
      name,
      dryRun: update.dryRun,
      next: old => {
        if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) throw conflict(served.kind, name, MODIFIED)
        const record = old.metadata.managedFields
        const shown = aspect.show(old, served)
        const { object, managedFields } = applied(scaling ? { ...shown, metadata: { ...shown.metadata, managedFields: scaleRecord(record) } } : shown)
        const draft = takePatched(aspect, { value: object, json: true }, old, reading)
        const entries = scaling ? recordAfterScale(record, managedFields, apiVersionOf(served.at)) : managedFields
        return nextState(world, { ...update, managedFields: { entries } }, draft, old)
      },
    })
    return { code: 200, body: aspect.show(object, { kind: served.kind, at: served.kind }) }
  } catch (error) {
    if (aspect.part !== 'main' || !isStatus(error, 'NotFound') || error.status.details?.name !== name) throw error
    if (resourceVersion) throw notFound(served.kind, name)
    if (uid) throw conflict(served.kind, name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`)
    await mayCreate()
    return { code: 201, body: await create(world, { aspect, reading, update, applied: applied(undefined) }) }
  }
}

/** A configuration of another kind is refused before anybody is told of conflicts with it. */
function expectKind(config: unknown, wanted: string): void {
  const { kind, apiVersion } = (config ?? {}) as { readonly kind?: unknown; readonly apiVersion?: unknown }
  if (typeof kind !== 'string' || kind === '' || kind === wanted) return
  throw badRequest(`invalid object type: ${String(apiVersion ?? '')}, Kind=${kind}; wanted: Kind=${wanted}`)
}

interface Creating {
  readonly aspect: Aspect
  readonly reading: Reading
  readonly update: Update
  readonly applied: Applied
}

function create(world: World, { aspect, reading, update, applied }: Creating): Promise<KubeObject> {
  const draft = takePatched(aspect, { value: applied.object }, undefined as unknown as KubeObject, reading)
  const { namespace } = reading
  return createObject(world, { ...update, namespace, draft, managedFields: { entries: applied.managedFields } })
}

/** Keys that stand twice in a configuration: the last counts, and whoever asked to be strict is refused. */
function tellOfTwice(problems: readonly string[], { fieldValidation, warn }: Reading): void {
  if (problems.length === 0) return
  if (fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${problems.join(', ')}`)
  if (fieldValidation === 'Warn') for (const problem of problems) warn?.(problem)
}

/** What a configuration says of which object it means. Throws a BadRequest when it is no object of an API. */
function identityOf(config: unknown): { readonly resourceVersion?: string; readonly uid?: string } {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) throw badRequest('an apply patch must be an object')
  const { apiVersion, kind, metadata } = config as Readonly<Record<string, unknown>>
  if (typeof kind !== 'string' || !kind) throw badRequest("Object 'Kind' is missing in the apply patch")
  if (typeof apiVersion !== 'string' || !apiVersion) throw badRequest("Object 'apiVersion' is missing in the apply patch")
  const { resourceVersion, uid } = (typeof metadata === 'object' && metadata !== null ? metadata : {}) as Readonly<Record<string, unknown>>
  return { ...(typeof resourceVersion === 'string' && { resourceVersion }), ...(typeof uid === 'string' && { uid }) }
}
