import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { choose, isAvailable, larger, sizeForItems } from '../../src/lockers/choose.ts'
import {
  type Compartment,
  type CompartmentMove,
  type CompartmentState,
  compartmentStates,
  moved,
  moves,
  shownState,
} from '../../src/lockers/compartments.ts'
import { type CompartmentSize, sizes } from '../../src/lockers/locker.ts'

const compartment = (id: string, more: Partial<Compartment> = {}): Compartment => ({
  id,
  label: id,
  size: 'small',
  row: 1,
  column: 1,
  board: 1,
  channel: 1,
  accessible: false,
  state: 'free',
  outOfService: null,
  door: 'closed',
  contents: null,
  wear: 0,
  lastUsedAt: 0,
  heldUntil: 0,
  visitId: null,
  ...more,
})
const parcel = (id: string) => ({ libraryId: 'su', orderId: id, parcel: `${id}-P`, lineIds: [`${id}-1`] })

describe('the table of a compartment', () => {
  it('leads from every state back to free, and every state is reached', () => {
    const reached = new Set<CompartmentState>(['free'])
    for (let i = 0; i < compartmentStates.length; i++)
      for (const { from, to } of Object.values(moves))
        if (from.some(state => reached.has(state))) reached.add(to)
    expect([...reached].sort()).toEqual([...compartmentStates].sort())
    for (const state of compartmentStates.filter(one => one !== 'free'))
      expect(Object.values(moves).some(({ from }) => (from as readonly string[]).includes(state))).toBe(true)
  })

  it('refuses every move that is not in it, and says in which state the compartment is', () => {
    const allowed: string[] = []
    for (const state of compartmentStates)
      for (const move of Object.keys(moves) as CompartmentMove[]) {
        const before = compartment('A1', { state, contents: state === 'free' ? null : parcel('o1') })
        const answer = moved(before, move, parcel('o1'))
        if (answer.ok) allowed.push(`${state} ${move} ${answer.value.state}`)
        else expect(answer.problem).toMatchObject({ kind: 'refused', code: 'compartment-move' })
      }
    expect(allowed).toEqual([
      'free reserve reserved',
      'free return returned',
      'reserved release free',
      'reserved load loaded',
      'loaded collect free',
      'loaded expire expired',
      'loaded recover free',
      'expired collect free',
      'expired recover free',
      'returned empty free',
    ])
  })

  it('lets nobody load, collect or release the parcel of another', () => {
    for (const [state, move] of [
      ['reserved', 'load'],
      ['reserved', 'release'],
      ['loaded', 'collect'],
    ] as const)
      expect(moved(compartment('A1', { state, contents: parcel('o1') }), move, parcel('o2'))).toMatchObject({
        ok: false,
        problem: { code: 'compartment-other-parcel' },
      })
  })

  it('takes nothing new in while out of service, but gives out what is inside', () => {
    const out = compartment('A1', { outOfService: 'jammed' })
    expect(moved(out, 'reserve', parcel('o1'))).toMatchObject({ ok: false })
    expect(moved(out, 'return', parcel('o1'))).toMatchObject({ ok: false })
    const loaded = compartment('A1', { outOfService: 'jammed', state: 'loaded', contents: parcel('o1') })
    expect(moved(loaded, 'collect', parcel('o1')).ok).toBe(true)
    expect(shownState(loaded)).toBe('out_of_service')
    expect(shownState(compartment('A1'))).toBe('free')
  })
})

describe('the choice of a compartment', () => {
  it('is the smallest that fits, then the least used', () => {
    const all = [
      compartment('L', { size: 'large' }),
      compartment('M1', { size: 'medium', wear: 5 }),
      compartment('M2', { size: 'medium', wear: 2 }),
      compartment('S', { size: 'small' }),
    ]
    expect(choose(all, { size: 'medium' }, 0)?.id).toBe('M2')
    expect(choose(all, { size: 'medium', not: new Set(['M1', 'M2']) }, 0)?.id).toBe('L')
    expect(choose(all, { size: 'large', not: new Set(['L']) }, 0)).toBeUndefined()
  })

  it('spreads wear: a hundred uses of ten doors are ten uses each', () => {
    let all = Array.from({ length: 10 }, (_, i) => compartment(`S${i}`))
    for (let use = 0; use < 100; use++) {
      const chosen = choose(all, { size: 'small' }, use)!
      all = all.map(one => (one.id === chosen.id ? { ...one, wear: one.wear + 1, lastUsedAt: use } : one))
    }
    expect(all.map(one => one.wear)).toEqual(new Array(10).fill(10))
  })

  it('keeps doors within reach for those who ask, who get one even if it is larger', () => {
    const all = [
      compartment('low', { accessible: true }),
      compartment('high', { wear: 9 }),
      compartment('wide', { size: 'large', accessible: true }),
    ]
    expect(choose(all, { size: 'small' }, 0)?.id).toBe('high')
    expect(choose(all, { size: 'small', accessible: true }, 0)?.id).toBe('low')
    expect(choose(all, { size: 'small', accessible: true, not: new Set(['low']) }, 0)?.id).toBe('wide')
    expect(choose([all[1]!], { size: 'small', accessible: true }, 0)?.id).toBe('high')
  })

  it('leaves as many as are kept for returns, of whatever size', () => {
    const all = [compartment('a'), compartment('b', { size: 'large' }), compartment('c', { door: 'open' })]
    expect(choose(all, { size: 'small', leave: 1 }, 0)?.id).toBe('a')
    expect(choose(all, { size: 'small', leave: 2 }, 0)).toBeUndefined()
    expect(choose(all, { size: 'large', leave: 1 }, 0)?.id).toBe('b')
  })

  it('takes none that is open, visited, held for a moment, or out of service', () => {
    const taken = [
      compartment('a', { door: 'open' }),
      compartment('b', { visitId: 'v' }),
      compartment('c', { heldUntil: 101 }),
      compartment('d', { outOfService: 'jammed' }),
      compartment('e', { state: 'reserved', contents: parcel('o') }),
    ]
    expect(choose(taken, { size: 'small' }, 100)).toBeUndefined()
    expect(isAvailable(taken[2]!, 101)).toBe(true)
  })

  it('knows how large a parcel is and what comes above', () => {
    expect([1, 2, 3, 5, 6].map(sizeForItems)).toEqual(['small', 'small', 'medium', 'medium', 'large'])
    expect([larger('small'), larger('medium'), larger('large')]).toEqual(['medium', 'large', undefined])
  })
})

describe('whatever happens at a locker', () => {
  it('there is never more than one parcel in a compartment, and none is lost or doubled', () => {
    const act = fc.record({
      move: fc.constantFrom(...(Object.keys(moves) as CompartmentMove[])),
      order: fc.nat(12),
      at: fc.nat(5),
      size: fc.constantFrom<CompartmentSize>(...sizes),
      out: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), acts => {
        let all = sizes.flatMap((size, i) => [
          compartment(`${size}1`, { size, row: i }),
          compartment(`${size}2`, { size, row: i, accessible: true }),
        ])
        const put = new Map<string, number>()
        const taken = new Map<string, number>()
        const count = (of: Map<string, number>, order: string) => of.set(order, (of.get(order) ?? 0) + 1)
        for (const { move, order, at, size, out } of acts) {
          const what = parcel(`o${order}`)
          const inside = all.find(one => one.contents?.orderId === what.orderId)
          const filling = move === 'reserve' || move === 'return'
          const target = filling ? (inside ? undefined : choose(all, { size }, 0)) : all[at]!
          if (!target) continue
          const answer = moved(target, move, filling || out ? what : undefined)
          if (!answer.ok) continue
          if (filling) count(put, what.orderId)
          if (target.contents && !answer.value.contents) count(taken, target.contents.orderId)
          all = all.map(one => (one.id === target.id ? answer.value : one))
          const orders = all.flatMap(one => one.contents?.orderId ?? [])
          expect(new Set(orders).size).toBe(orders.length)
          for (const one of all) expect(one.contents === null).toBe(one.state === 'free')
          for (const [of, times] of put)
            expect(times - (taken.get(of) ?? 0)).toBe(orders.includes(of) ? 1 : 0)
        }
      }),
    )
  })
})
