import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { type Change, Closed, type Entry, Expired, type HistoryLimits, type Listing, type Store, Unwritable } from './store.ts'

/** A store under test, and what can be done to its medium. */
export interface StoreUnderTest {
  readonly store: Store
  /** From now on the medium refuses writes that do not fit into what it has; `false` lets them through again. */
  full(full: boolean): Promise<void>
  /** Only of stores that persist: closes it (`crash`: without a word, as kill -9 does) and opens what it left. */
  reopen?(how: 'close' | 'crash'): Promise<Store>
  /** Frees what the test holds; the store is already closed. */
  remove(): Promise<void>
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value)
/** More than any medium called full takes. */
const LARGE = new Uint8Array(300_000).fill(120)

const readEntry = (entry: Entry | undefined): string | undefined =>
  entry && `${entry.key}=${text(entry.value)} c${entry.created} m${entry.modified} v${entry.version}`
const readListing = ({ entries, revision, more }: Listing): string =>
  `${entries.map(({ key, value }) => `${key}=${text(value)}`).join(' ')} @${revision}${more ? ' more' : ''}`
const readChange = ({ key, revision, value, previous, created, version }: Change): string =>
  `${revision} ${key}=${text(value) ?? '(gone)'} was ${previous ? `${text(previous.value)} m${previous.modified}` : '(nothing)'} c${created} v${version}`

/** Every store passes this. `open` gives a fresh, empty store. */
export function testStore(name: string, open: (limits?: HistoryLimits) => Promise<StoreUnderTest>, { persists }: { readonly persists: boolean }): void {
  describe(`store: ${name}`, () => {
    let under: StoreUnderTest | undefined
    let store: Store
    let first: number
    const start = async (limits?: HistoryLimits) => {
      under = await open(limits)
      store = under.store
      first = await store.latest()
      return under
    }
    afterEach(async () => {
      await store.close()
      await under?.remove()
    })

    const put = async (key: string, value: string, ifRevision?: number): Promise<number> => {
      const written = await store.write({ key, value: bytes(value), ...(ifRevision !== undefined && { ifRevision }) })
      assert.ok('revision' in written, `${key} was refused`)
      return written.revision
    }
    const drop = async (key: string): Promise<number> => {
      const written = await store.write({ key, value: undefined })
      assert.ok('revision' in written, `${key} was not there`)
      return written.revision
    }
    /** Reads changes until `count` have come; what comes with the last is read too. */
    const changesAfter = async (prefix: string, after: number, count: number): Promise<Change[]> => {
      const changes: Change[] = []
      for await (const events of store.watch(prefix, { after, signal: AbortSignal.timeout(10_000) })) {
        for (const event of events) if ('key' in event) changes.push(event)
        if (changes.length >= count) break
      }
      return changes
    }
    /** Revisions relative to where the store began, so that expectations read alike for all stores. */
    const relative = (line: string | undefined): string | undefined => line?.replace(/(^|[cm@])(\d+)/g, (_, before, revision) => `${before}${revision - first}`)

    test('gives each write the next revision, and an entry its history in numbers', async () => {
      await start()
      assert.ok(first >= 0)
      assert.equal(await put('/a/x', 'one'), first + 1)
      assert.equal(await put('/a/y', 'other'), first + 2)
      assert.equal(await put('/a/x', 'two'), first + 3)
      assert.equal(await store.latest(), first + 3)
      assert.equal(relative(readEntry(await store.get('/a/x'))), '/a/x=two c1 m3 v2')
      assert.equal(await drop('/a/x'), first + 4)
      assert.equal(await store.get('/a/x'), undefined)
      assert.equal(await put('/a/x', 'again'), first + 5)
      assert.equal(relative(readEntry(await store.get('/a/x'))), '/a/x=again c5 m5 v1')
    })

    test('compares before it writes, and hands the entry that stood in the way', async () => {
      await start()
      const created = await put('/k', 'one', 0)
      const conflicts = [
        await store.write({ key: '/k', value: bytes('two'), ifRevision: 0 }),
        await store.write({ key: '/k', value: bytes('two'), ifRevision: created + 1 }),
        await store.write({ key: '/k', value: undefined, ifRevision: created - 1 || 99 }),
      ]
      for (const written of conflicts) assert.equal('conflict' in written && relative(readEntry(written.conflict)), '/k=one c1 m1 v1')
      assert.deepEqual(await store.write({ key: '/none', value: bytes('x'), ifRevision: created }), { conflict: undefined })
      assert.deepEqual(await store.write({ key: '/none', value: undefined }), { conflict: undefined })
      assert.equal(await store.latest(), created, 'a conflict takes no revision')
      assert.equal(await put('/k', 'two', created), created + 1)
    })

    test('decides pipelined writes to one key in the order they were made', async () => {
      await start()
      const race = await Promise.all(Array.from({ length: 20 }, (_, i) => store.write({ key: '/k', value: bytes(`${i}`), ifRevision: 0 })))
      assert.deepEqual(
        race.map(written => ('revision' in written ? 'won' : text(written.conflict?.value))),
        ['won', ...Array.from({ length: 19 }, () => '0')],
      )
      const chain = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.write({ key: '/chain', value: bytes(`${i}`), ifRevision: i === 0 ? 0 : first + 1 + i })),
      )
      assert.deepEqual(
        chain.map(written => 'revision' in written && written.revision - first),
        Array.from({ length: 20 }, (_, i) => i + 2),
      )
      assert.equal(relative(readEntry(await store.get('/chain'))), '/chain=19 c2 m21 v20')
    })

    test('fails all writers of a group that the medium refuses, and leaves no trace of it', async () => {
      const { full } = await start()
      const before = await put('/a', 'one')
      await full(true)
      const group = await Promise.allSettled([
        store.write({ key: '/b', value: bytes('small') }),
        store.write({ key: '/c', value: LARGE }),
        store.write({ key: '/a', value: undefined }),
      ])
      // The first may have been a group of its own; what came with the large one fails with it.
      for (const written of group.slice(1)) assert.ok(written.status === 'rejected' && written.reason instanceof Unwritable, JSON.stringify(written))
      assert.equal(readListing(await store.list('/a')), `/a=one @${await store.latest()}`)
      assert.equal(await store.get('/c'), undefined)
      await full(false)
      const latest = await store.latest()
      assert.ok(latest <= before + 1)
      assert.equal(await put('/d', 'after'), latest + 1)
      const seen = await changesAfter('/', before, latest + 1 - before)
      assert.deepEqual(
        seen.map(({ key }) => key),
        latest > before ? ['/b', '/d'] : ['/d'],
      )
    })

    test('lists in order of key, page by page at the revision of the first', async () => {
      await start()
      for (const key of ['/a/3', '/a/1', '/b/1', '/a/4', '/a/2', '/a/10', '/a']) await put(key, key)
      assert.equal(relative(readListing(await store.list('/a/'))), '/a/1=/a/1 /a/10=/a/10 /a/2=/a/2 /a/3=/a/3 /a/4=/a/4 @7')
      const page = await store.list('/a/', { limit: 2 })
      assert.equal(relative(readListing(page)), '/a/1=/a/1 /a/10=/a/10 @7 more')
      await drop('/a/2')
      await put('/a/3', 'changed')
      await put('/a/20', 'new')
      const { revision } = page
      const second = await store.list('/a/', { limit: 2, after: '/a/10', revision })
      assert.equal(relative(readListing(second)), '/a/2=/a/2 /a/3=/a/3 @7 more')
      assert.equal(relative(readListing(await store.list('/a/', { limit: 2, after: '/a/3', revision }))), '/a/4=/a/4 @7')
      assert.equal(relative(readListing(await store.list('/a/', { limit: 3, revision: revision - 1 }))), '/a/1=/a/1 /a/10=/a/10 /a/2=/a/2 @6 more')
      assert.equal(relative(readListing(await store.list('/a/'))), '/a/1=/a/1 /a/10=/a/10 /a/20=new /a/3=changed /a/4=/a/4 @10')
      assert.equal(relative(readEntry(await store.get('/a/2', { revision }))), '/a/2=/a/2 c5 m5 v1')
      assert.equal(await store.get('/a/20', { revision }), undefined)
      assert.equal(relative(readEntry(await store.get('/a/3', { revision: revision + 2 }))), '/a/3=changed c1 m9 v2')
      await assert.rejects(store.list('/a/', { revision: revision + 99 }), RangeError)
    })

    test('lists thousands of keys whole while they are being rewritten', async () => {
      await start()
      const keys = Array.from({ length: 1300 }, (_, i) => `/many/${String(i).padStart(5, '0')}`)
      await Promise.all(keys.map(key => put(key, 'old')))
      const at = await store.latest()
      const [listing] = await Promise.all([store.list('/many/', { revision: at }), ...keys.map((key, i) => (i % 3 === 0 ? drop(key) : put(key, 'new')))])
      assert.deepEqual(
        listing.entries.map(entry => `${entry.key}=${text(entry.value)}`),
        keys.map(key => `${key}=old`),
      )
      assert.equal((await store.list('/many/')).entries.length, keys.filter((_, i) => i % 3 !== 0).length)
    })

    test('shows nothing of a commit before it is whole', async () => {
      await start()
      let done = false
      const writing = Promise.all(Array.from({ length: 500 }, (_, i) => put(`/k${i}`, 'x'))).then(() => {
        done = true
      })
      let newest = first
      while (!done) {
        const { entries, revision } = await store.list('/k')
        const latest = await store.latest()
        assert.equal(entries.length, revision - first, 'a listing holds exactly the writes up to its revision')
        assert.ok(revision >= newest && latest >= revision, 'revisions never go back')
        newest = latest
        await new Promise(setImmediate)
      }
      await writing
    })

    test('watches from a revision: no gap, no duplicate, each change with what was before', async () => {
      await start()
      await put('/w/a', 'one')
      await put('/w/b', 'one')
      const from = await store.latest()
      await put('/w/a', 'two')
      await put('/other', 'x')
      const watching = changesAfter('/w/', from, 4)
      await drop('/w/b')
      await Promise.all([put('/w/a', 'three'), put('/w/b', 'again')])
      assert.deepEqual((await watching).map(readChange).map(relative), [
        '3 /w/a=two was one m1 c1 v2',
        '5 /w/b=(gone) was one m2 c2 v2',
        '6 /w/a=three was two m3 c1 v3',
        '7 /w/b=again was (nothing) c7 v1',
      ])
    })

    test('hands the object that came with a write on with its change', async () => {
      await start()
      const from = await store.latest()
      const watching = changesAfter('/o/', from, 2)
      const object = { said: 'at hand' }
      await store.write({ key: '/o/a', value: bytes('a'), object })
      await store.write({ key: '/o/a', value: bytes('b') })
      const [first, second] = await watching
      assert.equal(first!.object, object)
      assert.equal(second!.object, undefined)
    })

    test('gives many watches the same changes over many commits', async () => {
      await start()
      const watches = Array.from({ length: 5 }, (_, i) => changesAfter('/', first + i * 10, 600 - i * 10))
      for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 30 }, (_, i) => put(`/k${i % 7}`, `${round}.${i}`)))
      for (const [i, changes] of (await Promise.all(watches)).entries())
        assert.deepEqual(
          changes.map(({ revision }) => revision),
          Array.from({ length: 600 - i * 10 }, (_, n) => first + i * 10 + n + 1),
        )
    })

    test('hands a watch the very bytes that were written', async () => {
      await start()
      const value = bytes('the same array')
      await store.write({ key: '/k', value })
      const [change] = await changesAfter('/', first, 1)
      assert.equal(change?.value, value)
    })

    test('tells a watch how far it is when only others change', async () => {
      await start()
      const stop = new AbortController()
      const watch = store.watch('/mine/', { after: first, signal: stop.signal })[Symbol.asyncIterator]()
      const next = watch.next()
      await put('/other', 'x')
      assert.deepEqual(await next, { done: false, value: [{ progress: first + 1 }] })
      const last = watch.next()
      stop.abort()
      assert.deepEqual(await last, { done: true, value: undefined })
    })

    test('forgets history on compaction, and says how far back it still goes', async () => {
      await start()
      for (let i = 0; i < 5; i++) await put('/k', `${i}`)
      await store.compact(first + 3)
      const signal = AbortSignal.timeout(10_000)
      for (const attempt of [
        () => store.list('/', { revision: first + 2 }),
        () => store.get('/k', { revision: first + 2 }),
        () =>
          store
            .watch('/', { after: first + 2, signal })
            [Symbol.asyncIterator]()
            .next(),
      ])
        await assert.rejects(attempt, error => error instanceof Expired && error.oldest === first + 3)
      assert.equal(relative(readListing(await store.list('/', { revision: first + 3 }))), '/k=2 @3')
      assert.equal((await changesAfter('/', first + 3, 2)).length, 2)
      assert.equal(relative(readEntry(await store.get('/k'))), '/k=4 c1 m5 v5')
    })

    test('keeps no more history than its limits, and ends a watch that falls behind them', async () => {
      await start({ changes: 10, bytes: 1 << 20 })
      const slow = store.watch('/', { after: first, signal: AbortSignal.timeout(10_000) })[Symbol.asyncIterator]()
      await put('/k', 'first')
      assert.equal((await slow.next()).done, false)
      for (let i = 0; i < 30; i++) await put('/k', `${i}`)
      await assert.rejects(slow.next(), Expired)
      assert.equal((await changesAfter('/', first + 21, 10)).length, 10)
      await put('/large', 'x'.repeat(2 << 20))
      await assert.rejects(store.list('/', { revision: first + 30 }), Expired)
    })

    test('takes lazy writes in their order among the others', async () => {
      await start()
      const created = await put('/lease', 'held by a')
      const lazy = await store.write({ key: '/lease', value: bytes('renewed'), ifRevision: created, lazy: true })
      assert.ok('revision' in lazy && lazy.revision > created)
      assert.equal(text((await store.get('/lease'))?.value), 'renewed')
      assert.equal('conflict' in (await store.write({ key: '/lease', value: bytes('stale'), ifRevision: created, lazy: true })), true)
      const taken = await put('/lease', 'held by b', lazy.revision)
      assert.ok(taken > lazy.revision)
      assert.deepEqual(
        (await changesAfter('/', created, 2)).map(({ value, previous }) => [text(value), text(previous?.value)]),
        [
          ['renewed', 'held by a'],
          ['held by b', 'renewed'],
        ],
      )
      assert.deepEqual(
        (await store.list('/')).entries.map(({ value, version }) => [text(value), version]),
        [['held by b', 3]],
      )
    })

    test('takes lazy writes while the medium is full', async () => {
      const { full } = await start()
      await put('/lease', 'x')
      await store.write({ key: '/lease', value: bytes('once'), lazy: true })
      await full(true)
      const [large, lazy] = await Promise.allSettled([
        store.write({ key: '/large', value: LARGE }),
        store.write({ key: '/lease', value: bytes('twice'), lazy: true }),
      ])
      assert.equal(large.status, 'rejected')
      assert.equal(lazy.status, 'fulfilled')
      assert.equal(text((await store.get('/lease'))?.value), 'twice')
      await full(false)
      await put('/large', 'y')
    })

    test('ends its watches and refuses everything once closed', async () => {
      await start()
      const watch = store.watch('/', { after: first, signal: new AbortController().signal })[Symbol.asyncIterator]()
      const taken = put('/k', 'x')
      await watch.next()
      const end = watch.next()
      await store.close()
      await taken
      assert.deepEqual(await end, { done: true, value: undefined })
      await assert.rejects(store.write({ key: '/k', value: bytes('y') }), Closed)
      await store.close()
    })

    if (!persists) return

    test('opens again with all that was acknowledged, and goes on counting', async () => {
      const { reopen } = await start()
      assert.ok(reopen)
      for (const how of ['close', 'crash'] as const) {
        await put(`/${how}/a`, 'one')
        await put(`/${how}/b`, 'one')
        await put(`/${how}/a`, 'two')
        const last = await drop(`/${how}/b`)
        const old = store
        store = await reopen(how)
        assert.notEqual(store, old)
        const latest = await store.latest()
        assert.ok(how === 'close' ? latest === last : latest >= last, `${latest} after ${last}`)
        const entry = await store.get(`/${how}/a`)
        assert.equal(`${text(entry?.value)} m${entry && last - entry.modified} v${entry?.version}`, 'two m1 v2')
        assert.equal(await store.get(`/${how}/b`), undefined)
        await assert.rejects(
          store
            .watch('/', { after: latest - 1, signal: AbortSignal.timeout(10_000) })
            [Symbol.asyncIterator]()
            .next(),
          Expired,
        )
        const next = changesAfter('/', latest, 1)
        assert.equal(await put('/next', how), latest + 1)
        assert.equal((await next).length, 1)
      }
    })

    test('never hands out a revision twice, whatever a crash took with it', async () => {
      const { reopen } = await start()
      assert.ok(reopen)
      for (const how of ['crash', 'close', 'crash'] as const) {
        await put('/lease', 'x')
        let newest = 0
        for (let i = 0; i < 5; i++) {
          const written = await store.write({ key: '/lease', value: bytes(`lazy ${i}`), lazy: true })
          if ('revision' in written) newest = written.revision
        }
        store = await reopen(how)
        const latest = await store.latest()
        assert.ok(latest >= newest, `${latest} >= ${newest} after ${how}`)
        assert.equal(text((await store.get('/lease'))?.value), how === 'close' ? 'lazy 4' : 'x')
        assert.equal(await put('/lease', 'y'), latest + 1)
      }
    })
  })
}
