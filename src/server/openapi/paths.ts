import type { ServedKind } from '../discovery/resources.ts'
import type { PathCall, PathRoute } from '../http/routes.ts'

export interface OpenApiOptions {
  /** Everything that is served now. A new array when that has changed. */
  readonly served: () => readonly ServedKind[]
  /** The version of the server, as `/version` says it. */
  readonly version: string
}

/** `/openapi/v3` and `/openapi/v2`. What makes the documents is loaded when somebody asks for one. */
export function openApiPaths(options: OpenApiOptions): Record<string, PathRoute> {
  let routes: Readonly<Record<'v2' | 'v3', PathRoute>> | undefined
  const serve = (version: 'v2' | 'v3') => async (call: PathCall) => {
    const { openApiRoutes } = await import('./documents.ts')
    routes ??= openApiRoutes(options)
    await routes[version].serve(call)
  }
  return { 'openapi/v3': { serve: serve('v3') }, 'openapi/v2': { serve: serve('v2') } }
}
