import fc from 'fast-check'
import { expect } from 'vitest'
import type { Fault } from '../../../src/sandbox/ils/faults.ts'
import type { Site } from '../../contracts/sip2.ts'
import type { TestStore } from '../../harness/store.ts'
import { type Entry, startTelling } from './telling.ts'

const items = ['B2001', 'B3001', 'M040'] as const
const readers = ['R0001', 'R0002', 'R0006', 'R0007'] as const

const faults: readonly Fault[] = [
  { kind: 'silence', act: 'not-done' },
  { kind: 'silence', act: 'done' },
  { kind: 'reset', when: 'before-act' },
  { kind: 'reset', when: 'after-act' },
  { kind: 'reset', when: 'mid-answer' },
  { kind: 'half-close' },
  { kind: 'wrong-checksum' },
  { kind: 'truncated' },
  { kind: 'noise' },
  { kind: 'twice' },
  { kind: 'status-instead' },
]

type Move =
  | { readonly do: 'hand'; readonly item: number; readonly reader: number; readonly tells: boolean }
  | { readonly do: 'away' | 'offline' | 'back' | 'work' }
  | { readonly do: 'fault'; readonly fault: number; readonly on: string; readonly skip: number }
  | { readonly do: 'kill'; readonly border: number }
  | { readonly do: 'wait'; readonly seconds: number }

const hand = fc.record({
  do: fc.constant('hand' as const),
  item: fc.nat(items.length - 1),
  reader: fc.nat(readers.length - 1),
  tells: fc.boolean(),
})
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: hand },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Move>({ do: 'away' }, { do: 'offline' }, { do: 'back' }, { do: 'work' }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      fault: fc.nat(faults.length - 1),
      on: fc.constantFrom('11', '09', '17', '63', '*'),
      skip: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('kill' as const), border: fc.integer({ min: 1, max: 12 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 4000 }) }),
  },
)

/** To the second, as dates stand on the wire. */
const named = ({ act, barcode, card, at }: Entry): string =>
  `${barcode} ${act} ${card} ${Math.floor(at / 1000)}`
const perItem = (entries: readonly Entry[]): readonly string[] =>
  items.flatMap(item => entries.filter(({ barcode }) => barcode === item).map(named))

/**
 * Whatever happens to items while the library system comes and goes, answers are lost and the process dies: it is
 * told in order for each item, each once, with the dates of the acts themselves.
 */
export const toldInOrder = async (
  site: Site,
  fresh: () => Promise<TestStore>,
  numRuns: number,
): Promise<void> => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 4, maxLength: 30 }), async moves => {
      const t = await fresh()
      const on = await startTelling(t, site, 'order')
      try {
        const truth: Entry[] = []
        const holder = new Map<string, string>()
        for (const step of moves) {
          await t.clock.advance(1000)
          switch (step.do) {
            case 'hand': {
              const barcode = items[step.item]!
              const had = holder.get(barcode)
              const card = had ?? readers[step.reader]!
              const act = had === undefined ? 'checkout' : 'checkin'
              if (had === undefined) holder.set(barcode, card)
              else holder.delete(barcode)
              truth.push({ act, barcode, card, at: t.clock.now() })
              await on.happens(act, barcode, act === 'checkout' || step.tells ? { card } : {})
              break
            }
            case 'away':
              await on.sandbox.faults.close('refuse-connections')
              break
            case 'offline':
              await on.sandbox.faults.close('offline')
              break
            case 'back':
              await on.sandbox.faults.close('open')
              break
            case 'fault':
              on.sandbox.faults.set({ on: step.on, fault: faults[step.fault]!, skip: step.skip })
              break
            case 'kill':
              on.killAt(step.border)
              await on.work()
              break
            case 'wait':
              await t.clock.advance(step.seconds * 1000)
              break
            case 'work':
              await on.work()
          }
        }
        on.killAt(Number.POSITIVE_INFINITY)
        await on.sandbox.faults.clear()
        await on.settle()
        expect(perItem(on.journal)).toEqual(perItem(truth))
        expect((await on.rows()).every(({ state }) => state === 'done')).toBe(true)
      } finally {
        await on.close()
        await t.close()
      }
    }),
    { numRuns },
  )
}
