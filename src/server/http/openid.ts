import type { KeyObject } from 'node:crypto'
import type { PathRoute } from './routes.ts'
import { sendJson } from './send.ts'

/** What others need to verify ServiceAccount tokens: `/.well-known/openid-configuration` and `/openid/v1/jwks`. */
export function openIdPaths(issuer: string, keys: readonly { readonly id: string; readonly publicKey: KeyObject }[]): Record<string, PathRoute> {
  const configuration = JSON.stringify({
    issuer,
    jwks_uri: `${issuer}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  })
  const jwks = JSON.stringify({ keys: keys.map(({ id, publicKey }) => ({ use: 'sig', alg: 'ES256', kid: id, ...publicKey.export({ format: 'jwk' }) })) })
  const caching = { 'cache-control': 'public, max-age=3600' }
  return {
    '.well-known/openid-configuration': { serve: ({ exchange }) => sendJson(exchange, 200, configuration, { 'content-type': 'application/json', ...caching }) },
    'openid/v1/jwks': { serve: ({ exchange }) => sendJson(exchange, 200, jwks, { 'content-type': 'application/jwk-set+json', ...caching }) },
  }
}
