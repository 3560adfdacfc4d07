import type { HistoryStep } from '../../src/judge/daemonset/history.ts'
import type { PlacementReason } from '../../src/judge/daemonset/placement.ts'
import type { CreateReason, PodReason } from '../../src/judge/daemonset/verdict.ts'
import { Random } from './random.ts'
import { drawScript, formatScript } from './script.ts'
import { shrink } from './shrink.ts'
import { simulate, Tally } from './simulate.ts'
import { VERBS } from './steps.ts'

/** Draws and runs so many scripts; each failure is shrunk and told with what it takes to run it again. Stops after three. */
export async function runScripts(seed: number, count: number, tally: Tally): Promise<readonly string[]> {
  const failures: string[] = []
  for (let i = 0; i < count && failures.length < 3; i++) {
    const own = seed + i
    const script = drawScript(new Random(own))
    const failure = await failureOf(script, own, tally)
    if (failure === undefined) continue
    const small = await shrink(script, async shorter => (await failureOf(shorter, own, new Tally())) !== undefined)
    const why = (await failureOf(small, own, new Tally())) ?? failure
    failures.push(`seed ${own}: ${why}\nsave this as test/sim/saved/<what-it-shows>.txt:\n# seed ${own}\n${formatScript(small)}`)
  }
  return failures
}

async function failureOf(script: Parameters<typeof simulate>[0], seed: number, tally: Tally): Promise<string | undefined> {
  try {
    await simulate(script, seed, tally)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const names = (of: Readonly<Record<string, true>>): readonly string[] => Object.keys(of)

/** Every reason there is: the compiler says when one is missing. A pod's reason may be told of it or be that of its deletion. */
const NODES: Readonly<Record<PlacementReason, true>> = {
  wanted: true,
  'other-node-name': true,
  'node-selector': true,
  'node-affinity': true,
  'untolerated-taint': true,
  'evicting-taint': true,
  'node-missing': true,
}
const PODS: Readonly<Record<PodReason, true>> = {
  current: true,
  starting: true,
  stays: true,
  'on-delete': true,
  'awaiting-turn': true,
  'awaiting-twin': true,
  'backing-off': true,
  misplaced: true,
  duplicate: true,
  failed: true,
  succeeded: true,
  outdated: true,
  'outdated-unavailable': true,
  replaced: true,
  surplus: true,
  'node-missing': true,
  going: true,
  gone: true,
  'awaits-collection': true,
  untargeted: true,
}
const CREATES: Readonly<Record<CreateReason, true>> = { 'no-pod': true, 'no-running-pod': true, 'beside-available': true, 'beside-unavailable': true }
const HISTORY: Readonly<Record<HistoryStep['do'], true>> = {
  'label-revision': true,
  'create-revision': true,
  'relabel-pod': true,
  'delete-revision': true,
  'renumber-revision': true,
}
const REASONS: readonly string[] = [
  ...names(NODES).map(reason => `node ${reason}`),
  ...names(PODS).map(reason => `pod ${reason}`),
  ...names(CREATES).map(why => `action create ${why}`),
  ...names(HISTORY).map(step => `history ${step}`),
  'history delete-revision duplicate',
  'history delete-revision beyond-limit',
]

/** So many scripts reach every step, verdict and reason. */
export const ENOUGH = 3000

/** What a long enough run must have reached and has not. */
export const unreached = (counts: ReadonlyMap<string, number>): readonly string[] =>
  [...VERBS.filter(verb => verb !== 'small').map(verb => `step ${verb}`), ...REASONS].filter(what => !counts.has(what))
