/**
 * What the DaemonSet controller's judgement costs: a node judged for the first time, one judged anew after its pod changed, the plan of a roll, and
 * how long that plan keeps the event loop at a time.
 */
import { systemClock } from '../src/base/clock.ts'
import { Stretches } from '../src/base/node/stretches.ts'
import { factsOf } from '../src/judge/daemonset/facts.ts'
import { Keeper, type NodeSource } from '../src/judge/daemonset/keeper.ts'
import { planDaemonSet } from '../src/judge/daemonset/plan.ts'
import { ration } from '../src/judge/daemonset/ration.ts'
import { report } from '../src/judge/daemonset/report.ts'
import { daemonSet, NOW, nodesNamed, pod } from '../test/support/daemon-world.ts'
import { median } from './machine.ts'
import type { Bench } from './run.ts'
import { round } from './world/usage.ts'

export const judge: Bench = async ({ nodes, runs }, print) => {
  for (const count of nodes) {
    const set = daemonSet({ maxUnavailable: '10%' })
    const objects = new Map(nodesNamed(count).map(node => [node.metadata.name, node]))
    const world = (revision: string, state: string) => new Map([...objects.keys()].map(name => [name, pod(`${name}-p@${name} ${revision} ${state}`, set)]))
    const available = world('v2', 'available')
    const starting = world('v2', 'starting')
    const oldOn = world('v1', 'available')
    const old = [...oldOn.values()]
    const turns: number[] = []
    const times: Record<'judged' | 'again' | 'planned', number[]> = { judged: [], again: [], planned: [] }
    const time = (into: number[], work: () => void) => {
      const began = performance.now()
      work()
      into.push(((performance.now() - began) * 1000) / count)
    }
    for (let run = 0; run < Math.max(3, runs); run++) {
      const keeper = new Keeper()
      let pods = available
      const source = { node: (name: string) => objects.get(name), podsOn: (name: string) => [pods.get(name)!] }
      keeper.follow(factsOf(set, 'v2'))
      for (const name of objects.keys()) keeper.touch(name)
      time(times.judged, () => keeper.judge(source, NOW))
      pods = starting
      time(times.again, () => {
        for (const name of objects.keys()) {
          keeper.touch(name)
          keeper.judge(source, NOW)
          ration(keeper.facts!, keeper.tallies)
          report(set, keeper.tallies.counts)
        }
      })
      for (const longest of await stretchesOfRoll([...objects.keys()], { ...source, podsOn: name => [oldOn.get(name)!] })) turns.push(longest)
      time(times.planned, () => planDaemonSet({ now: NOW, set, hash: 'v2', nodes: [...objects.values()], pods: old }))
    }
    const line = (figure: string, values: readonly number[]) =>
      print({ bench: 'judge', figure, nodes: count, value: round(median(values)), unit: 'µs/node', runs: values.length })
    line('first judgement', times.judged)
    line('one pod changed: judged, rationed, reported', times.again)
    line('plan of a roll, whole', times.planned)
    print({ bench: 'judge', figure: 'plan of a roll, longest stretch', nodes: count, value: round(Math.max(...turns)), unit: 'ms', stretches: turns.length })

    /** Milliseconds of each stretch, as the controller cuts them. */
    async function stretchesOfRoll(names: readonly string[], source: NodeSource): Promise<readonly number[]> {
      const keeper = new Keeper()
      keeper.follow(factsOf(set, 'v2'))
      for (const name of names) keeper.touch(name)
      const stretches = new Stretches(() => systemClock.now())
      const took: number[] = []
      for (let done = false; !done; ) {
        const began = performance.now()
        done = keeper.judge(source, NOW, () => stretches.over())
        if (done) ration(keeper.facts!, keeper.tallies)
        took.push(performance.now() - began)
        if (!done) await stretches.pause()
      }
      return took
    }
  }
}
