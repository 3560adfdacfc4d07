/** Small manifests for tests, as kubectl is given them. */

export interface DaemonSetOptions {
  readonly name?: string
  readonly image?: string
  readonly spec?: object
  readonly pod?: object
  readonly container?: object
  readonly labels?: Readonly<Record<string, string>>
}

/** A DaemonSet of one container; parts replace what stands here. */
export function daemonSet({
  name = 'agent',
  image = 'example.org/agent:1',
  spec = {},
  pod = {},
  container = {},
  labels = { app: name },
}: DaemonSetOptions = {}): string {
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image, ...container }], terminationGracePeriodSeconds: 1, ...pod } },
      ...spec,
    },
  })
}

/** An affinity that asks for nodes by one expression on a label. */
export const nodeAffinity = (key: string, operator: string, ...values: readonly string[]): object => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }] }] },
    },
  },
})

/** The manifest with the member at a dotted path replaced; without a value it is taken away. */
export function edited(manifest: string, path: string, value?: unknown): string {
  const object = JSON.parse(manifest) as Record<string, unknown>
  const keys = path.split('.')
  const last = keys.pop()!
  let at = object
  for (const key of keys) at = at[key] as Record<string, unknown>
  if (value === undefined) delete at[last]
  else at[last] = value
  return JSON.stringify(object)
}
