import type { Duplex } from 'node:stream'
import { StatusError } from '../../api/meta/status.ts'
import type { NodeStats } from '../../api/node-stats.ts'
import type { StreamRequest } from '../../api/node-stream.ts'
import { SIMULATED_LOG } from '../runtime/simulated/simulated.ts'
import { writeHead } from './write-head.ts'

/** Serves streams of simulated nodes: a log is one line that says so, statistics too say it, everything else is refused. */
export function simulatedStream(request: StreamRequest, stream: Duplex): void {
  stream.on('error', () => {})
  if (request.path.startsWith('/containerLogs/')) {
    writeHead(stream, { code: 200 })
    stream.end(SIMULATED_LOG)
    return
  }
  if (request.path === '/stats/summary') {
    writeHead(stream, { code: 200 })
    stream.end(JSON.stringify({ simulated: true, containers: [] } satisfies NodeStats))
    return
  }
  const { status } = new StatusError('BadRequest', 'the pod is simulated: nothing runs in it')
  writeHead(stream, { code: 400, status })
  stream.end()
}
