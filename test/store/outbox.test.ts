import { expect, it } from 'vitest'
import {
  type Claim,
  claim,
  complete,
  deadLetters,
  type Effect,
  enqueue,
  fail,
  librariesDue,
  outboxCounts,
  patience,
  postpone,
  revive,
} from '../../src/gateway/store/outbox.ts'
import { refused, unreachable } from '../../src/kernel/problem.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const words = { zh: '无', en: 'none' }
const down = unreachable('ils-down', words)
const no = refused('item-blocked', words)

const put = (t: TestStore, key: string, more: Partial<Effect> = {}): Promise<boolean> =>
  t.store.tx(tx =>
    enqueue(
      tx,
      {
        libraryId: 'suzhou',
        id: t.ids.next(),
        orderId: 'o',
        lineId: null,
        kind: 'ils.checkout',
        payload: { key },
        key,
        ...more,
      },
      t.clock.now(),
    ),
  )
const take = (t: TestStore, more: { limit?: number; libraryId?: string; kinds?: string[] } = {}) =>
  claim(t.store, { limit: 10, lease: 30_000, ...more }, t.clock.now())
const keys = (claims: readonly Claim[]): string[] => claims.map(c => c.key)
const finish = (t: TestStore, c: Claim | undefined) => t.store.tx(tx => complete(tx, c!))
const miss = (t: TestStore, c: Claim | undefined, problem = down) =>
  t.store.tx(tx => fail(tx, c!, problem, t.clock.now()))

eachStore('the outbox', fresh => {
  it('keeps one effect for a key, however often it is written', async () => {
    const t = await fresh()
    expect(await put(t, 'a')).toBe(true)
    expect(await put(t, 'a')).toBe(false)
    expect(keys(await take(t))).toEqual(['a'])
  })

  it('gives an effect to one of many workers that ask at once', async () => {
    const t = await fresh()
    for (let i = 0; i < 30; i++) await put(t, `k${i}`)
    const claims = (await Promise.all(Array.from({ length: 8 }, () => take(t, { limit: 5 })))).flat()
    expect(new Set(keys(claims)).size).toBe(claims.length)
    expect(claims.length).toBe(30)
  })

  it('gives an effect to another worker only when the lease of the first has ended', async () => {
    const t = await fresh()
    await put(t, 'a')
    const [first] = await take(t)
    expect(first).toMatchObject({ attempts: 1, repeated: false, payload: { key: 'a' } })
    await t.clock.advance(29_999)
    expect(await take(t)).toEqual([])
    await t.clock.advance(1)
    const [second] = await take(t)
    expect(second).toMatchObject({ attempts: 2, repeated: true, fence: 2 })
    expect(await finish(t, first)).toBe(false)
    expect(await miss(t, first)).toBe('lost')
    expect(await finish(t, second)).toBe(true)
    expect(await finish(t, second)).toBe(false)
  })

  it('waits longer after each failure, up to the longest wait', async () => {
    const t = await fresh()
    await put(t, 'a')
    const waits: number[] = []
    for (let i = 0; i < 12; i++) {
      const [c] = await take(t)
      expect(await miss(t, c)).toBe('ready')
      const row = await t.store.db.selectFrom('outbox').select('due_at').executeTakeFirstOrThrow()
      waits.push(row.due_at - t.clock.now())
      await t.clock.advance(row.due_at - t.clock.now())
    }
    expect(waits[0]).toBeGreaterThanOrEqual(patience.first)
    expect(waits[3]).toBeGreaterThan(waits[2]!)
    expect(Math.max(...waits)).toBeLessThanOrEqual(patience.longest * 1.25)
    expect(waits[11]).toBeGreaterThanOrEqual(patience.longest)
  })

  it('makes a dead letter of a refusal at once, and of the rest when patience ends', async () => {
    const t = await fresh()
    await put(t, 'refused')
    await put(t, 'down')
    const [a, b] = await take(t)
    expect(await miss(t, a, no)).toBe('dead')
    expect(await miss(t, b)).toBe('ready')
    await t.clock.advance(patience.giveUpAfter)
    expect(await miss(t, (await take(t))[0])).toBe('dead')
    const letters = await deadLetters(t.store.db, 'suzhou', { limit: 10 })
    expect(letters.map(l => [l.key, l.problem?.code])).toEqual([
      ['refused', 'item-blocked'],
      ['down', 'ils-down'],
    ])
    expect(await deadLetters(t.store.db, 'hefei', { limit: 10 })).toEqual([])
    expect(await deadLetters(t.store.db, 'suzhou', { limit: 10, after: letters[0]!.id })).toHaveLength(1)
  })

  it('tries a dead letter again when staff say so', async () => {
    const t = await fresh()
    await put(t, 'a')
    const [c] = await take(t)
    await miss(t, c, no)
    expect(await take(t)).toEqual([])
    expect(await t.store.tx(tx => revive(tx, 'hefei', c!.id, t.clock.now()))).toBe(false)
    expect(await t.store.tx(tx => revive(tx, 'suzhou', c!.id, t.clock.now()))).toBe(true)
    expect(await take(t)).toMatchObject([{ key: 'a', repeated: true }])
  })

  it("performs a line's effects towards one party in their order, and those towards others beside them", async () => {
    const t = await fresh()
    await put(t, 'hold', { lineId: 'l', kind: 'ils.place-hold' })
    await put(t, 'release', { lineId: 'l', kind: 'ils.cancel-hold' })
    await put(t, 'tell', { lineId: 'l', kind: 'notify' })
    await put(t, 'other line', { lineId: 'm', kind: 'ils.cancel-hold' })
    const first = await take(t)
    expect(keys(first)).toEqual(['hold', 'tell', 'other line'])
    await miss(t, first[0])
    expect(await take(t)).toEqual([])
    await t.clock.advance(10_000)
    const [again] = await take(t)
    expect(again!.key).toBe('hold')
    await finish(t, again)
    expect(keys(await take(t))).toEqual(['release'])
  })

  it('does not let a dead letter hold up what follows it', async () => {
    const t = await fresh()
    await put(t, 'hold', { lineId: 'l', kind: 'ils.place-hold' })
    await put(t, 'release', { lineId: 'l', kind: 'ils.cancel-hold' })
    await miss(t, (await take(t))[0], no)
    expect(keys(await take(t))).toEqual(['release'])
  })

  it('serves one library, or some kinds, when asked', async () => {
    const t = await fresh()
    await put(t, 'a')
    await put(t, 'b', { libraryId: 'hefei', kind: 'courier.book' })
    await put(t, 'c', { libraryId: 'hefei', dueAt: t.clock.now() + 60_000 })
    expect([...(await librariesDue(t.store.db, t.clock.now()))].sort()).toEqual(['hefei', 'suzhou'])
    expect(keys(await take(t, { libraryId: 'hefei' }))).toEqual(['b'])
    expect(await librariesDue(t.store.db, t.clock.now())).toEqual(['suzhou'])
    expect(keys(await take(t, { kinds: ['notify'] }))).toEqual([])
    expect(keys(await take(t, { kinds: ['ils.checkout'] }))).toEqual(['a'])
    expect(await outboxCounts(t.store.db)).toHaveLength(3)
  })

  it('keeps the order of a sequence across libraries', async () => {
    const t = await fresh()
    await put(t, 'hefei', { libraryId: 'hefei', id: '1', sequence: 'item:suzhou:B1' })
    await put(t, 'suzhou', { id: '2', sequence: 'item:suzhou:B1' })
    await put(t, 'other', { id: '3', sequence: 'item:suzhou:B2' })
    const first = await take(t)
    expect(keys(first).sort()).toEqual(['hefei', 'other'])
    await finish(
      t,
      first.find(c => c.key === 'hefei'),
    )
    expect(keys(await take(t))).toEqual(['suzhou'])
  })

  it('lets what happened earlier and was written down later wait for the one under way', async () => {
    const t = await fresh()
    await put(t, 'later', { id: '5', sequence: 'item:suzhou:B1' })
    const [under] = await take(t)
    await put(t, 'earlier', { id: '4', sequence: 'item:suzhou:B1' })
    expect(await take(t)).toEqual([])
    await miss(t, under)
    expect(keys(await take(t))).toEqual(['earlier'])
  })

  it('says what it waits for when it was put off', async () => {
    const t = await fresh()
    await put(t, 'a')
    const [c] = await take(t)
    await t.store.tx(tx => postpone(tx, c!, t.clock.now() + 5000, down))
    await t.clock.advance(5000)
    expect((await take(t))[0]?.lastProblem).toEqual(down)
  })

  it('does not count a try that was put off', async () => {
    const t = await fresh()
    await put(t, 'a')
    const [c] = await take(t)
    await t.store.tx(tx => postpone(tx, c!, t.clock.now() + 5000))
    expect(await take(t)).toEqual([])
    await t.clock.advance(5000)
    expect(await take(t)).toMatchObject([{ attempts: 1, repeated: false }])
  })
})
