import { setImmediate as turn } from 'node:timers/promises'
import type { EventRecorder } from '../../api/access.ts'
import { FakeClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { Informers } from '../../client/informers.ts'
import { FakeApi } from './fake-api.ts'

/** A fake server, informers over it and a clock that the test moves. */
export interface ControllerWorld {
  readonly api: FakeApi
  readonly clock: FakeClock
  readonly informers: Informers
  readonly signal: AbortSignal
  readonly recorder: EventRecorder
  readonly log: typeof silentLog
  /** Events so far: `Warning FailedScheduling default/a: …`. */
  readonly events: string[]
  /** Lets everything that can happen without time passing happen. */
  settle(): Promise<void>
  /** Moves time in steps, letting things happen in between. */
  pass(ms: number, step?: number): Promise<void>
}

/** Runs `body` beside controllers started by it, then stops them and waits for their end. */
export async function inWorld(body: (world: ControllerWorld, start: (controller: Promise<void>) => void) => Promise<void>): Promise<void> {
  const clock = new FakeClock()
  const api = new FakeApi(clock)
  const stop = new AbortController()
  const informers = new Informers({ api, clock, log: silentLog })
  const events: string[] = []
  const running: Promise<void>[] = [informers.run(stop.signal)]
  const settle = async () => {
    for (let i = 0; i < 12; i++) await turn()
  }
  const world: ControllerWorld = {
    api,
    clock,
    informers,
    signal: stop.signal,
    log: silentLog,
    events,
    recorder: {
      event(about, type, reason, message) {
        const { namespace, name } = 'metadata' in about ? about.metadata : about
        events.push(`${type} ${reason} ${namespace ? `${namespace}/` : ''}${name}: ${message}`)
      },
    },
    settle,
    async pass(ms, step = 1000) {
      for (let left = ms; left > 0; left -= step) {
        clock.advance(Math.min(step, left))
        await settle()
      }
    },
  }
  try {
    await body(world, controller => void running.push(controller))
  } finally {
    stop.abort()
    await Promise.all(running)
  }
}
