import { arch, platform } from 'node:os'
import { KUBERNETES_VERSION } from '../../api/version.ts'
import type { Log } from '../../base/log.ts'
import type { Metrics } from '../../base/metrics.ts'
import { type HealthCheck, healthReport } from './health.ts'
import { truthy } from './query.ts'
import type { PathRoute } from './routes.ts'
import { JSON_HEADERS, sendJson, sendNotFoundPage, sendText, wantsPretty } from './send.ts'

export interface BuildInfo {
  /** Everynode's own version: `0.1.0`. */
  readonly version: string
  readonly commit?: string
  readonly date?: string
}

/** What `/version` answers. */
export const versionInfo = ({ version, commit = '', date = '1970-01-01T00:00:00Z' }: BuildInfo) => ({
  major: KUBERNETES_VERSION.split('.')[0]!,
  minor: KUBERNETES_VERSION.split('.')[1]!,
  gitVersion: `v${KUBERNETES_VERSION}+everynode.${version}`,
  gitCommit: commit,
  gitTreeState: 'clean',
  buildDate: date,
  goVersion: `node${process.version}`,
  compiler: 'node',
  platform: `${platform()}/${arch() === 'x64' ? 'amd64' : arch()}`,
})

export interface WellKnownOptions {
  readonly build: BuildInfo
  readonly ready: readonly HealthCheck[]
  readonly alive: readonly HealthCheck[]
  readonly metrics: Metrics
  /** The text of `/metrics/resource`: what nodes and containers use. */
  readonly resources?: () => Promise<string>
  readonly log: Log
}

/** `/version`, health and metrics. */
export function wellKnownPaths({ build, ready, alive, metrics, resources, log }: WellKnownOptions): Record<string, PathRoute> {
  const version = JSON.stringify(versionInfo(build))
  const health = (name: string, checks: readonly HealthCheck[]): PathRoute => ({
    anonymous: true,
    async serve({ exchange, segments, query }) {
      if (segments.length > 2) return sendNotFoundPage(exchange)
      const asked = { only: segments[1], verbose: truthy(query.get('verbose')), exclude: query.getAll('exclude') }
      const report = await healthReport(name, checks, asked, (check, why) =>
        log[check.startup ? 'debug' : 'warn']('health check failed', { endpoint: name, check: check.name, why }),
      )
      if (!report) return sendNotFoundPage(exchange)
      sendText(exchange, report.ok ? 200 : 500, report.text)
    },
  })
  return {
    version: {
      anonymous: true,
      serve: ({ exchange, segments, query }) =>
        segments.length > 1 ? sendNotFoundPage(exchange) : sendJson(exchange, 200, version, JSON_HEADERS, wantsPretty(exchange, query)),
    },
    readyz: health('readyz', ready),
    livez: health('livez', alive),
    healthz: health('healthz', ready),
    metrics: {
      async serve({ exchange, segments }) {
        const [, of, ...rest] = segments
        if (rest.length > 0 || (of !== undefined && !(of === 'resource' && resources))) return sendNotFoundPage(exchange)
        const text = of === undefined ? metrics.text() : await resources!()
        exchange.send(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-cache, private' }, text)
      },
    },
  }
}
