/** The answer to `/stats/summary` of a node: one JSON document, what the node and its containers use. */
export interface NodeStats {
  /** Nothing runs on the node: there is nothing to measure. */
  readonly simulated?: true
  /** Of the whole machine; absent when it could not be found out. */
  readonly node?: Usage
  readonly containers: readonly ContainerUsage[]
}

export interface Usage {
  /** When it was measured, milliseconds since 1970. */
  readonly at: number
  /** Over how many milliseconds before that the rate was taken. */
  readonly windowMs: number
  /** Billionths of a core. */
  readonly cpuNanoCores: number
  /** Since the container or the machine started. */
  readonly cpuSeconds: number
  /** Working set: what cannot be given back without ado. */
  readonly memoryBytes: number
}

export interface ContainerUsage extends Usage {
  /** Of the pod. */
  readonly uid: string
  readonly container: string
}

const NUMBERS = ['at', 'windowMs', 'cpuNanoCores', 'cpuSeconds', 'memoryBytes'] as const

/** Reads what a node says. Throws when it is no such document. */
export function readNodeStats(text: string): NodeStats {
  const { simulated, node, containers } = JSON.parse(text) as { readonly [K in keyof NodeStats]?: unknown }
  if (!Array.isArray(containers)) throw new TypeError('containers: a list is wanted')
  return {
    ...(simulated === true && { simulated }),
    ...(node !== undefined && { node: usageOf(node, 'node') }),
    containers: containers.map((one: Partial<ContainerUsage> | null, i) => {
      const usage = usageOf(one, `containers[${i}]`)
      if (typeof one?.uid !== 'string' || typeof one.container !== 'string') throw new TypeError(`containers[${i}]: uid and container are wanted`)
      return { ...usage, uid: one.uid, container: one.container }
    }),
  }
}

function usageOf(value: unknown, path: string): Usage {
  const found = (value ?? {}) as Usage
  for (const key of NUMBERS) {
    const number: unknown = found[key]
    if (typeof number !== 'number' || !(number >= 0 && number <= Number.MAX_SAFE_INTEGER))
      throw new TypeError(`${path}.${key}: a number from 0 to 2^53 is wanted`)
  }
  const { at, windowMs, cpuNanoCores, cpuSeconds, memoryBytes } = found
  return { at, windowMs, cpuNanoCores, cpuSeconds, memoryBytes }
}
