import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { FakeClock, systemClock } from '../../base/clock.ts'
import { issueAuthority, issueKeyPair } from '../tls/issue.ts'
import { nodeRequest, serverRequest } from '../tls/requests.ts'
import { keptTickets } from '../tls/tickets.ts'
import { authenticator } from './authenticate.ts'
import type { Peer } from './exchange.ts'
import { LIMITS } from './limits.ts'
import { Listener } from './listener.ts'

test('whoever resumes a session is who they were, and no longer than their certificate is good', async () => {
  const directory = await mkdtemp(`${tmpdir()}/everynode-resumed-`)
  const authority = await issueAuthority('a', Date.now(), 1)
  const [own, node] = await Promise.all([serverRequest([]), nodeRequest('n1')].map(request => issueKeyPair(authority, request, Date.now())))
  const tickets = await keptTickets({ authority: authority.certificate, directory, clock: systemClock })
  const peers: Peer[] = []
  const start = async () => {
    const listener = new Listener({
      tls: { cert: own!.certificate, key: own!.key, ca: authority.certificate, ...tickets },
      onRequest(exchange) {
        peers.push(exchange.peer)
        exchange.send(200, {}, '')
      },
      onUpgrade: () => {},
      onClose: () => {},
      knows: () => true,
      limits: LIMITS,
      clock: systemClock,
      uuid: () => 'id',
    })
    return { listener, port: (await listener.listen(0, '127.0.0.1')).port }
  }
  const ask = async (port: number, session?: Buffer): Promise<Buffer> => {
    const shown = { ca: authority.certificate, cert: node!.certificate, key: node!.key }
    const socket = connect({ port, host: '127.0.0.1', ...shown, ...(session && { session }) })
    const given = session ?? (await once(socket.resume(), 'session'))[0]
    if (session) await once(socket.resume(), 'secureConnect')
    assert.equal(socket.isSessionReused(), session !== undefined)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await once(socket, 'close')
    return given
  }
  const before = await start()
  const session = await ask(before.port)
  await before.listener.close(0)
  const after = await start()
  await ask(after.port, session)
  await after.listener.close(0)
  await rm(directory, { recursive: true })

  const [first, again] = peers
  assert.deepEqual(again!.certificate, first!.certificate)
  const { notAfter } = again!.certificate!
  const at = (time: number) => authenticator({ clock: new FakeClock(time), tokens: [] }).authenticate({}, again!)
  assert.deepEqual(at(notAfter - 1), { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] })
  assert.throws(() => at(notAfter), /Unauthorized/)
})
