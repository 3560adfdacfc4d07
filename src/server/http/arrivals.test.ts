import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../base/clock.ts'
import { Arrivals, type Arriving, connectionOf } from './arrivals.ts'

interface Socket extends Arriving {
  readonly name: string
}

/** Arrivals of sockets that are named by their address and a number of their own: `a1`, `a2`, `b1`. */
function world({ connections = 10_000, newcomersEach = 10_000 }: { readonly connections?: number; readonly newcomersEach?: number } = {}) {
  const clock = new FakeClock(0)
  const letIn: string[] = []
  const closed: string[] = []
  const arrivals = new Arrivals<Socket>({ clock, connections, newcomersEach, letIn: ({ name }) => letIn.push(name) })
  const numbers = new Map<string, number>()
  const come = (address: string, count = 1): void => {
    for (let i = 0; i < count; i++) {
      const remotePort = (numbers.get(address) ?? 0) + 1
      numbers.set(address, remotePort)
      const socket: Socket = {
        name: `${address}${remotePort}`,
        remoteAddress: address,
        remotePort,
        destroy() {
          if (closed.includes(socket.name)) return
          closed.push(socket.name)
          arrivals.gone(connectionOf(socket))
        },
      }
      arrivals.add(socket)
    }
  }
  const connection = (name: string): string => connectionOf({ remoteAddress: name[0]!, remotePort: Number(name.slice(1)) })
  /** What has been let in or closed since this was last asked. */
  const happened = (): string => {
    const closings = closed.splice(0).map(name => `-${name}`)
    return [...letIn.splice(0), ...closings].join(' ')
  }
  const secured = (...names: string[]): void => {
    for (const name of names) arrivals.secured(connection(name))
  }
  return { arrivals, clock, come, happened, secured, connection }
}

test('while handshakes are few, everybody is let in at once', () => {
  const { come, happened, arrivals } = world()
  come('a', 2)
  come('b')
  assert.equal(happened(), 'a1 a2 b1')
  assert.equal(arrivals.size, 3)
})

test('with many handshakes under way the others wait: from each address in turn the first, and one in four is the newest', () => {
  const { come, happened, secured, arrivals } = world()
  come('x', 128)
  happened()
  come('a', 6)
  come('b', 2)
  come('c')
  assert.equal(happened(), '')
  assert.equal(arrivals.waiting, 9)
  secured('x1', 'x2', 'x3')
  assert.equal(happened(), 'a1 b1 c1')
  secured('x4')
  assert.equal(happened(), 'b2')
  secured('x5', 'x6', 'x7', 'x8')
  assert.equal(happened(), 'a2 a3 a4 a6')
  secured('x9', 'x10')
  assert.equal(happened(), 'a5')
  assert.equal(arrivals.waiting, 0)
})

test('a handshake that is slow keeps nobody else waiting', () => {
  const { come, happened, clock } = world()
  come('x', 100)
  clock.advance(300)
  come('x', 28)
  happened()
  come('a', 150)
  clock.advance(199)
  assert.equal(happened(), '')
  clock.advance(1)
  assert.equal(happened().split(' ').length, 100)
  clock.advance(300)
  assert.equal(happened().split(' ').length, 28)
  clock.advance(200)
  assert.equal(happened().split(' ').length, 22)
  assert.equal(clock.pending, 0)
})

test('of one address only so many are let in of whom nobody is known; when one is known, or gone, the next is', () => {
  const { come, happened, secured, arrivals, connection } = world({ newcomersEach: 2 })
  come('a', 4)
  come('b')
  assert.equal(happened(), 'a1 a2 b1')
  secured('a1', 'a2')
  assert.equal(happened(), '')
  arrivals.known(connection('a1'))
  assert.equal(happened(), 'a3')
  arrivals.known(connection('a1'))
  arrivals.gone(connection('a1'))
  assert.equal(happened(), '')
  arrivals.gone(connection('a2'))
  assert.equal(happened(), 'a4')
})

test('an address that somebody known has left keeps count of its newcomers', () => {
  const { come, happened, arrivals, connection } = world({ newcomersEach: 1 })
  come('a')
  arrivals.known(connection('a1'))
  come('a', 2)
  arrivals.gone(connection('a1'))
  come('a')
  assert.equal(happened(), 'a1 a2')
  arrivals.gone(connection('a2'))
  assert.equal(happened(), 'a3')
})

test('whoever has waited for a minute is closed when their turn comes', () => {
  const { come, happened, arrivals, clock, connection } = world({ newcomersEach: 1 })
  come('a', 2)
  clock.advance(59_999)
  come('a')
  clock.advance(1)
  happened()
  arrivals.gone(connection('a1'))
  assert.equal(happened(), 'a3 -a2')
  assert.equal(arrivals.size, 1)
})

test('when there is no room, the address with the most waiting loses its first, and whoever is that address is sent away', () => {
  const { come, happened, arrivals } = world({ connections: 5, newcomersEach: 1 })
  come('a', 4)
  come('b')
  assert.equal(happened(), 'a1 b1')
  come('a')
  assert.equal(happened(), '-a5')
  come('c')
  assert.equal(happened(), 'c1 -a2')
  come('d')
  assert.equal(happened(), 'd1 -a3')
  come('e')
  assert.equal(happened(), 'e1 -a4')
  come('f')
  assert.equal(happened(), '-f1')
  assert.equal(arrivals.size, 5)
})

test('whoever is closed already when they come is not kept', () => {
  const { arrivals } = world()
  let closed = 0
  arrivals.add({ name: '', destroy: () => closed++ })
  assert.deepEqual([closed, arrivals.size], [1, 0])
})

test('after the close nobody is let in, and first those who wait are closed, then all', () => {
  const { come, happened, arrivals, clock } = world({ newcomersEach: 1 })
  come('a', 3)
  happened()
  arrivals.close('waiting')
  assert.equal(happened(), '-a2 -a3')
  come('a')
  arrivals.close('all')
  assert.equal(happened(), '-a1 -a4')
  assert.deepEqual([arrivals.size, clock.pending], [0, 0])
})
