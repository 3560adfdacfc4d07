import type { Random } from './random.ts'

/** A simulation as text: `nodes 4`, then a step on each line. Saved failures are kept in this form. */
export interface Script {
  readonly nodes: number
  readonly steps: readonly string[]
}

export const formatScript = ({ nodes, steps }: Script): string => `nodes ${nodes}\n${steps.join('\n')}\n`

export function parseScript(text: string): Script {
  const [first = '', ...steps] = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line && !line.startsWith('#'))
  const nodes = /^nodes (\d+)$/.exec(first)?.[1]
  if (nodes === undefined) throw new Error(`a script begins with "nodes N", not ${JSON.stringify(first)}`)
  return { nodes: Number(nodes), steps }
}

const STRATEGIES = ['u1', 'u1', 'u2', 'u50%', 's1', 's2', 's50%', 'od'] as const
const TAINTS = ['a:NoSchedule', 'a:NoExecute', 'b:NoSchedule', 'b:NoExecute'] as const

/** How a step of each kind is drawn. Its first word names what `steps.ts` does. */
const DRAWS: readonly (readonly [weight: number, draw: (random: Random, at: { readonly set: string; readonly node: string }) => string])[] = [
  [
    5,
    (r, { set }) =>
      `apply ${set} ${r.pick(STRATEGIES)} ${r.below(4)}${r.chance(0.2) ? ' tier' : ''}${r.chance(0.3) ? ' tolerate' : ''}${r.chance(0.15) ? ' wait' : ''}${r.chance(0.08) ? ' affine' : r.chance(0.04) ? ' named' : ''}`,
  ],
  [8, (r, { set }) => `image ${set} ${r.below(4)}`],
  [2, (_, { set }) => `undo ${set}`],
  [1, (r, { set }) => `revision ${set} ${r.pick(['copy', 'unlabel', 'drop'])} ${r.below(3)}`],
  [1, (r, { set }) => `delete ${set} ${r.pick(['Background', 'Foreground', 'Orphan'])}`],
  [1, (_, { set }) => `big ${set}`],
  [1, (_, { set }) => `hold ${set}`],
  [2, (r, { node }) => `label ${node} tier=${r.pick(['a', 'b'])}`],
  [1, (r, { node }) => `label ${node} on=${r.pick(['yes', 'no'])}`],
  [4, (r, { node }) => `taint ${node} ${r.pick(TAINTS)}`],
  [3, (_, { node }) => `untaint ${node}`],
  [1, (_, { node }) => `cordon ${node}`],
  [1, (_, { node }) => `uncordon ${node}`],
  [2, (_, { node }) => `add ${node}`],
  [2, (_, { node }) => `remove ${node}`],
  [3, (_, { node }) => `die ${node}`],
  [3, (_, { node }) => `return ${node}`],
  [4, r => `kill ${r.below(16)}`],
  [2, r => `gone ${r.below(16)}`],
  [4, r => `fail ${r.below(16)}`],
  [2, r => `finish ${r.below(16)}`],
  [2, (r, { set, node }) => `stray ${set} ${r.pick(['bound', 'pinned', 'free'])} ${node}`],
  [3, () => 'cut'],
  [2, () => 'compact'],
  [3, () => 'crash'],
  [3, r => `refuse ${1 + r.below(8)}`],
  [2, r => `lose ${1 + r.below(3)}`],
  [8, r => `time ${r.pick([0.1, 1, 1, 5, 20, 60])}`],
  [1, () => 'time 300'],
]
const TOTAL = DRAWS.reduce((sum, [weight]) => sum + weight, 0)

export function drawScript(random: Random): Script {
  const nodes = 2 + random.below(7)
  const sets = 1 + random.below(3)
  const steps = [`apply s0 ${random.pick(STRATEGIES)} 0`]
  const length = 5 + random.below(36)
  while (steps.length < length) {
    let at = random.below(TOTAL)
    const [, draw] = DRAWS.find(([weight]) => {
      at -= weight
      return at < 0
    })!
    steps.push(draw(random, { set: `s${random.below(sets)}`, node: `n${random.below(nodes + 1)}` }))
  }
  return { nodes, steps }
}
