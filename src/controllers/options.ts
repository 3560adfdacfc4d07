import type { Api, EventRecorder } from '../api/access.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Informers } from '../client/informers.ts'

/** What every controller is given. `api` carries the controller's own identity; informers are shared. */
export interface ControllerOptions {
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly informers: Informers
  readonly recorder: EventRecorder
  readonly signal: AbortSignal
}
