import { describe, expect, it } from 'vitest'
import type { Ils, IlsHealth, IlsItem } from '../../../src/adapters/ils/ils.ts'
import { circulationStatuses } from '../../../src/adapters/ils/ils.ts'
import { askItemStatus, knownOf } from '../../../src/gateway/bindings/item-status.ts'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { type Answer, no, unreachable, yes } from '../../../src/kernel/problem.ts'
import { until } from '../../harness/until.ts'

const item = (more: Partial<IlsItem> = {}): IlsItem => ({
  barcode: 'B1',
  title: '三体',
  status: 'available',
  messages: [],
  ...more,
})
const silent = no(unreachable('ils-down', { zh: '没有应答', en: 'no answer' }))

/** Library systems that answer as told, and count what they are asked. */
const systems = (
  answers: Record<string, () => Promise<Answer<IlsItem>>>,
  state: IlsHealth['state'] = 'up',
  mostConnections?: number,
) => {
  const link =
    mostConnections === undefined
      ? {}
      : { link: { connections: 1, mostConnections, inFlight: 0, breaker: 'closed' as const } }
  const asked: string[] = []
  const ils = (libraryId: string): Pick<Ils, 'item' | 'health'> => ({
    item: barcode => {
      asked.push(`${libraryId} ${barcode}`)
      return answers[libraryId]!()
    },
    health: () => ({ state, since: 0, queue: 0, ...link }),
  })
  return { asked, ils }
}
const copies = (libraryId: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ libraryId, barcode: `B${i + 1}` }))

describe('what a library system says of a copy', () => {
  it.each([
    ['available', {}, 'free'],
    ['waiting-to-be-reshelved', {}, 'free'],
    ['available', { holdQueue: 1 }, 'reserved'],
    ['charged', { dueAt: 5 }, 'lent'],
    ['recalled', {}, 'lent'],
    ['on-hold-shelf', {}, 'reserved'],
    ['in-transit', {}, 'reserved'],
    ['lost', {}, 'not-lendable'],
    ['on-order', {}, 'not-lendable'],
    ['other', {}, 'unknown'],
    ['unknown', {}, 'unknown'],
  ] as const)('%s, %o means %s', (status, more, means) => {
    expect(knownOf(item({ status, ...more })).status).toBe(means)
  })

  it('has a meaning for every word of the protocol, and a due date only for what is lent', () => {
    for (const status of circulationStatuses) {
      const known = knownOf(item({ status, dueAt: 7 }))
      expect([status, known.dueAt]).toEqual([status, known.status === 'lent' ? 7 : null])
    }
  })
})

describe('asking about copies', () => {
  it('leaves out the copies of a system that does not answer in time, and does not wait longer', async () => {
    const clock = new ManualClock('2026-11-23T02:00:00Z')
    const { asked, ils } = systems({
      quick: async () => yes(item()),
      slow: () => new Promise(() => {}),
    })
    const port = askItemStatus({ ils, clock, wire: clock, deadline: 1500 })
    const answer = port.ask([...copies('quick', 1), ...copies('slow', 2)])
    await until(() => asked.length === 3)
    await clock.advance(1499)
    let settled = false
    answer.then(() => {
      settled = true
    })
    await Promise.resolve()
    expect(settled).toBe(false)
    await clock.advance(1)
    expect((await answer).map(one => `${one.libraryId} ${one.status}`)).toEqual(['quick free'])
  })

  it('what comes after the deadline changes no answer that was given', async () => {
    const clock = new ManualClock('2026-11-23T02:00:00Z')
    const late = Promise.withResolvers<Answer<IlsItem>>()
    const { asked, ils } = systems({ slow: () => late.promise })
    const port = askItemStatus({ ils, clock, wire: clock })
    const answer = port.ask(copies('slow', 1))
    await until(() => asked.length === 1)
    await clock.advance(1500)
    const given = await answer
    late.resolve(yes(item()))
    await late.promise
    expect(given).toEqual([])
  })

  it('counts a refusal and a lost line as silence', async () => {
    const clock = new ManualClock('2026-11-23T02:00:00Z')
    const { ils } = systems({ down: async () => silent })
    expect(await askItemStatus({ ils, clock, wire: clock }).ask(copies('down', 2))).toEqual([])
  })

  it.each(['down', 'closed-hours'] as const)('puts no question to a system that is %s', async state => {
    const clock = new ManualClock('2026-11-23T02:00:00Z')
    const { asked, ils } = systems({ a: async () => yes(item()) }, state)
    expect(await askItemStatus({ ils, clock, wire: clock }).ask(copies('a', 3))).toEqual([])
    expect(asked).toEqual([])
  })

  it('asks once for many readers of one page, and again when the answer is old', async () => {
    const clock = new ManualClock('2026-11-23T02:00:00Z')
    const { asked, ils } = systems({ a: async () => yes(item()) })
    const port = askItemStatus({ ils, clock, wire: clock, freshFor: 15_000 })
    await Promise.all([port.ask(copies('a', 2)), port.ask(copies('a', 2))])
    await port.ask(copies('a', 2))
    expect(asked.length).toBe(2)
    await clock.advance(15_000)
    await port.ask(copies('a', 2))
    expect(asked.length).toBe(4)
  })

  it.each([
    [24, undefined],
    [12, 1],
    [96, 8],
  ])(
    'puts %s questions to one system at once, whatever is asked, where it has %s connections',
    async (most, connections) => {
      const clock = new ManualClock('2026-11-23T02:00:00Z')
      const { asked, ils } = systems(
        { a: () => new Promise(() => {}), b: async () => yes(item()) },
        'up',
        connections,
      )
      const port = askItemStatus({ ils, clock, wire: clock })
      const answer = port.ask([...copies('a', 100), ...copies('b', 1)])
      await clock.advance(1000)
      await clock.advance(500)
      expect((await answer).map(one => one.libraryId)).toEqual(['b'])
      expect(asked.filter(one => one.startsWith('a ')).length).toBe(most)
    },
  )
})
