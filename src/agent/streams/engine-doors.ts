import type { Doors } from '../runtime/backend.ts'
import type { CriClient } from '../runtime/cri/client.ts'
import { bridgeToEngine } from './command.ts'
import { openEngineStream } from './engine-stream.ts'
import { forwardToEngine } from './port-forward.ts'

const COMMAND_PROTOCOL = 'v4.channel.k8s.io'
const PORT_PROTOCOL = 'portforward.k8s.io'

/** Streams through the engine's own streaming server. */
export const engineDoors = (client: CriClient): Doors => ({
  async exec({ id }, command, wanted, stream, onOpen, signal) {
    const { url = '' } = await client.exec({ container_id: id, ...wanted, stderr: wanted.stderr && !wanted.tty, cmd: command })
    const engine = await openEngineStream(url, COMMAND_PROTOCOL, signal)
    onOpen()
    await bridgeToEngine(stream, engine, wanted)
  },
  async attach({ id }, wanted, stream, onOpen, signal) {
    const { url = '' } = await client.attach({ container_id: id, ...wanted, stderr: wanted.stderr && !wanted.tty })
    const engine = await openEngineStream(url, COMMAND_PROTOCOL, signal)
    onOpen()
    await bridgeToEngine(stream, engine, wanted)
  },
  async connect({ id }, port, stream, onOpen, signal) {
    const { url = '' } = await client.portForward({ pod_sandbox_id: id, port: [port] })
    const engine = await openEngineStream(url, PORT_PROTOCOL, signal)
    onOpen()
    await forwardToEngine(stream, engine, port, () => {})
  },
})
