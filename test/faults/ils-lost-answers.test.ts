import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/kernel/ids.ts'
import type { Fault } from '../../src/sandbox/ils/faults.ts'
import { patiently } from '../contracts/ils.ts'
import { type Link, link, type Site, sites } from '../contracts/sip2.ts'
import { type Deed, deeds, type Outcome, persist } from './ils-acts.ts'

/**
 * `slow` stays below the gateway's wait between two tries: nobody can tell a library system that acts later
 * than that from one that does not act.
 */
const faults: readonly Fault[] = [
  { kind: 'silence', act: 'not-done' },
  { kind: 'silence', act: 'done' },
  { kind: 'delay', by: 2_000 },
  { kind: 'delay', by: 75_000 },
  { kind: 'slow', by: 40_000 },
  { kind: 'reset', when: 'before-act' },
  { kind: 'reset', when: 'after-act' },
  { kind: 'reset', when: 'mid-answer' },
  { kind: 'half-close' },
  { kind: 'wrong-checksum' },
  { kind: 'wrong-sequence' },
  { kind: 'twice' },
  { kind: 'truncated' },
  { kind: 'noise' },
  { kind: 'encoding', encoding: 'gb18030' },
  { kind: 'encoding', encoding: 'utf-8' },
  { kind: 'status-instead' },
]
const nameOf = (fault: Fault): string => Object.values(fault).join(' ')

let open: Link | undefined
afterEach(async () => {
  await open?.close()
  open = undefined
})

const begin = async (site: Site, seed: string, chosen: readonly Deed[]): Promise<Link> => {
  open = await link(site, seed)
  for (const deed of chosen) deed.prepare(open.sandbox.state, open.clock)
  return open
}

/** BX with one message taken out. */
const without = (command: string): string => {
  const order = [
    '23',
    '11',
    '09',
    '01',
    '99',
    '97',
    '93',
    '63',
    '35',
    '37',
    '17',
    '19',
    '25',
    '15',
    '29',
    '65',
  ]
  return order.map(known => (known === command ? 'N' : 'Y')).join('')
}

type Verdict = 'sound' | 'in doubt' | `${string}!`

/**
 * The report and the books agree: done once where the answer is yes, not at all where it is no. `in doubt`: the
 * report says that a person must look, and it was not done twice.
 */
const judge = (deed: Deed, { sandbox }: Link, { answer, tries }: Outcome): Verdict => {
  const times = deed.done(sandbox.state)
  if (answer.ok) return times === 1 ? 'sound' : `yes, but done ${times} times!`
  const { kind, code, maybeDone } = answer.problem
  if (code === 'ils-cannot-tell' && maybeDone && times <= 1) return 'in doubt'
  return `${kind}/${code} after ${tries} tries, done ${times} times!`
}

/** Until every act has its final answer, and whatever still hangs in the library system has come down. */
const settle = async (test: Link, acting: readonly Promise<Outcome>[], step: number): Promise<Outcome[]> => {
  const outcomes = await patiently(Promise.all(acting), test.clock, step)
  await test.clock.advance(300_000)
  return outcomes
}

describe.each(sites)('$name', site => {
  describe.each(deeds)('$name', deed => {
    it.each(faults.flatMap(fault => [1, 3].map(times => [nameOf(fault), times, fault] as const)))(
      'is done exactly once through: %s (%i times)',
      async (_, times, fault) => {
        const test = await begin(site, 'matrix', [deed])
        test.sandbox.faults.set({ on: deed.command, fault, times })
        const [outcome] = await settle(test, [persist(deed, test.ils, test.clock, 'k')], 250)
        expect(judge(deed, test, outcome!)).toBe('sound')
        expect(test.sandbox.faults.struck()[fault.kind]).toBeGreaterThan(0)
      },
    )

    it('is not done and reported so, when it is refused', async () => {
      const test = await begin(site, 'refused', [deed])
      test.sandbox.faults.set({ on: deed.command, fault: { kind: 'refusal' } })
      const [outcome] = await settle(test, [persist(deed, test.ils, test.clock, 'k')], 250)
      const { answer, tries } = outcome!
      expect(answer).toMatchObject({ ok: false, problem: { kind: 'refused' } })
      expect(tries).toBe(1)
      expect(deed.done(test.sandbox.state)).toBe(0)
    })

    it('is not done and reported so, when the library no longer serves the message', async () => {
      const test = await begin(site, 'mask', [deed])
      expect((await test.ils.check()).ok).toBe(true)
      test.sandbox.faults.changeMask(without(deed.command))
      const [outcome] = await settle(test, [persist(deed, test.ils, test.clock, 'k')], 250)
      const { answer } = outcome!
      expect(answer).toMatchObject({ ok: false, problem: { kind: 'refused', code: 'ils-not-served' } })
      expect(deed.done(test.sandbox.state)).toBe(0)
    })

    it.each([
      ['is not there', 'refuse-connections'],
      ['says that it is not on-line', 'offline'],
    ] as const)('waits for the morning when the library %s', async (_, closing) => {
      const test = await begin(site, 'night', [deed])
      expect((await test.ils.check()).ok).toBe(true)
      await test.sandbox.faults.close(closing)
      test.clock.after(7 * 3_600_000, () => void test.sandbox.faults.close('open'))
      const outcome = await patiently(persist(deed, test.ils, test.clock, 'k', 600_000), test.clock, 60_000)
      expect(judge(deed, test, outcome)).toBe('sound')
    })
  })
})

/** How many stories; `LOST_ANSWERS=10000` tells more of them than each run of the tests has time for. */
const stories = Number(process.env.LOST_ANSWERS ?? 1500)

describe('faults at random', () => {
  const commands = ['*', '17', '63', '93', '99', '97']

  const dice = (seed: string) => {
    const random = seededRandom(seed)
    const below = (limit: number): number => {
      const [high = 0, low = 0] = random(2)
      return (high * 256 + low) % limit
    }
    const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
    return { below, pick }
  }

  interface Round {
    readonly seed: string
    readonly verdicts: readonly Verdict[]
    readonly story: string
  }

  /** One to three acts at once, one to five faults. */
  const round = async (seed: string): Promise<Round> => {
    const { below, pick } = dice(seed)
    const site = pick(sites)
    const chosen = [...deeds].sort(() => below(3) - 1).slice(0, 1 + below(3))
    const test = await begin(site, seed, chosen)
    const rules = Array.from({ length: 1 + below(5) }, () => ({
      on: below(2) === 0 ? pick(chosen).command : pick(commands),
      fault: pick(faults),
      times: 1 + below(3),
      skip: below(3),
    }))
    for (const rule of rules) test.sandbox.faults.set(rule)
    const acting = chosen.map(deed => persist(deed, test.ils, test.clock, deed.name))
    const outcomes = await settle(test, acting, 1_000)
    const verdicts = chosen.map((deed, i) => judge(deed, test, outcomes[i]!))
    await test.close()
    open = undefined
    const story = `${site.name}; ${chosen.map((d, i) => `${d.name}: ${verdicts[i]}`)}; ${JSON.stringify(rules)}`
    return { seed, verdicts, story }
  }

  it('leaves every act done exactly once and reported so; a person must look in less than one of 200', async () => {
    const rounds: Round[] = []
    for (let i = 0; i < stories; i++) rounds.push(await round(`round ${i}`))
    expect(
      rounds.filter(r => r.verdicts.some(v => v.endsWith('!'))).map(r => `${r.seed}: ${r.story}`),
    ).toEqual([])
    const verdicts = rounds.flatMap(r => r.verdicts)
    expect(verdicts.filter(v => v === 'in doubt').length).toBeLessThan(verdicts.length / 200)
  }, 2_400_000)
})
