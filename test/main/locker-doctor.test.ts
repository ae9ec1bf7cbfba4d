import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/kernel/clock.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import { noTranscript } from '../../src/kernel/transcript.ts'
import { boardFacts } from '../../src/lockers/commission/facts.ts'
import { wirings } from '../../src/lockers/commission/polarity.ts'
import { type FoundBoard, survey } from '../../src/lockers/commission/survey.ts'
import type { Door } from '../../src/lockers/locker.ts'
import { xorBoard } from '../../src/lockers/vendors/xor-board.ts'
import { type Person, type WalkOptions, walk } from '../../src/main/locker-doctor.ts'
import { type SandboxBus, startSandboxBus } from '../../src/sandbox/lockers/bus.ts'

type Wired = { shortedWhen: 'closed' | 'open'; bitOneMeans: 'open' | 'closed' }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

const cabinet = async (boards: { address: number; channels: number }[], wired?: Partial<Wired>) => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const far = await startSandboxBus({ boards: boards.map(one => ({ ...one, ...wired })), clock })
  closing.push(far.close)
  const address = { dial: { host: '127.0.0.1', port: far.port } }
  const wire = { name: 'locker-line:new', clock, transcript: noTranscript }
  const driver = (some: readonly FoundBoard[]) => orThrow(xorBoard.create({ address, boards: some }, wire))
  const facts = boardFacts(xorBoard)!
  /** Lets time pass, slowly enough for bytes on the loopback, until the promise is settled. */
  const during = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false
    const seen = () => {
      settled = true
    }
    promise.then(seen, seen)
    for (let passed = 0; !settled && passed < 200_000; passed++) {
      for (let turns = 0; turns < 4; turns++) await turn()
      await clock.advance(1)
    }
    return promise
  }
  return { clock, far, driver, facts, during }
}

/** Somebody who sees the doors, and says at each question what the script says there. */
const personBy = (
  far: SandboxBus,
  script: { open: (door: string) => string; see: (opened: readonly Door[]) => string },
) => {
  const heard: string[] = []
  const openNow = (): Door[] =>
    far.boards.flatMap(board =>
      board.doors.flatMap((door, at) => (door.isOpen() ? [{ board: board.address, channel: at + 1 }] : [])),
    )
  const person: Person = {
    say: line => heard.push(line.en),
    ask: async question => {
      heard.push(question.en)
      if (question.en.startsWith('Which door')) return script.see(openNow())
      if (question.en.startsWith('Shut')) {
        for (const board of far.boards) for (const door of board.doors) door.close()
        return ''
      }
      return script.open(question.en.split(':')[0]!)
    },
  }
  return { person, heard }
}

const walking = (
  { clock, driver, facts }: Awaited<ReturnType<typeof cabinet>>,
  boards: readonly FoundBoard[],
  person: Person,
  more: Partial<WalkOptions> = {},
) =>
  walk({
    boards,
    wirings: wirings(facts.switches),
    driver: of => driver(boards.map(board => ({ ...board, ...of(board.address) }))),
    known: [],
    holds: () => false,
    beforePulse: async () => {},
    clock,
    person,
    ...more,
  })

describe('looking for boards', () => {
  it('finds addresses and channel counts by questions that move nothing', async () => {
    const t = await cabinet([
      { address: 1, channels: 24 },
      { address: 3, channels: 8 },
    ])
    const { facts, driver, clock } = t
    const found = await t.during(survey({ facts, addresses: [1, 2, 3, 4], driver, clock }))
    expect(found).toEqual([
      { address: 1, channels: 24 },
      { address: 3, channels: 8 },
    ])
    expect(t.far.asked.filter(asked => asked.startsWith('open'))).toEqual([])
  })
})

describe('walking from door to door', () => {
  for (const shortedWhen of ['closed', 'open'] as const)
    for (const bitOneMeans of ['open', 'closed'] as const)
      it(`learns contacts shorted when ${shortedWhen} and a set bit that means ${bitOneMeans}`, async () => {
        const t = await cabinet([{ address: 1, channels: 8 }], { shortedWhen, bitOneMeans })
        const { person } = personBy(t.far, { open: () => 'o', see: () => '' })
        const walked = await t.during(walking(t, [{ address: 1, channels: 8 }], person))
        expect(walked.wiring(1)).toMatchObject({ shortedWhen, bitOneMeans })
        expect([walked.unsure, walked.doors.length, walked.none]).toEqual([[], 8, []])
      })

  it('pulses only doors for which the person typed o, each written down before', async () => {
    const t = await cabinet([{ address: 1, channels: 8 }])
    const written: string[] = []
    const said: Record<string, string> = { '1/2': 'o', '1/3': 'open', '1/4': 'O', '1/5': '1/8', '1/8': 'q' }
    let asked = 0
    const { person } = personBy(t.far, {
      open: door => {
        asked += 1
        if (door === '1/3' && asked > 4) return ''
        return said[door] ?? ''
      },
      see: () => '',
    })
    const opened = () => t.far.asked.filter(one => one.startsWith('open'))
    const beforePulse = async ({ board, channel }: Door) => {
      written.push(`open ${board}/${channel}`)
      expect(opened().length).toBe(written.length - 1)
    }
    await t.during(walking(t, [{ address: 1, channels: 8 }], person, { beforePulse }))
    expect(opened()).toEqual(['open 1/2', 'open 1/4'])
    expect(written).toEqual(opened())
  })

  it('opens nothing when the pulse cannot be written down, or where books lie', async () => {
    const t = await cabinet([{ address: 1, channels: 8 }])
    const { person, heard } = personBy(t.far, { open: () => 'o', see: () => '' })
    await t.during(walking(t, [{ address: 1, channels: 8 }], person, { holds: () => true }))
    expect(heard.filter(line => line.includes('it stays shut')).length).toBe(8)
    const lost = walking(t, [{ address: 1, channels: 8 }], person, {
      beforePulse: async () => {
        throw new Error('the line is another’s')
      },
    })
    await expect(t.during(lost)).rejects.toThrow('another’s')
    expect(t.far.asked.filter(asked => asked.startsWith('open'))).toEqual([])
  })

  it('takes labels, sizes and places from what the person sees, and notes what did not open', async () => {
    const t = await cabinet([{ address: 1, channels: 8 }])
    t.far.door(1, 3).jammed = true
    const answers: Record<number, string> = { 1: 'A02 m 2', 2: 'A01', 3: 'n', 4: 'A03 l 1 5' }
    const { person, heard } = personBy(t.far, {
      open: door => (Number(door.split('/')[1]) <= 4 ? 'o' : 'q'),
      see: opened => answers[opened[0]?.channel ?? 3]!,
    })
    const walked = await t.during(walking(t, [{ address: 1, channels: 8 }], person))
    expect(walked.doors).toEqual([
      { board: 1, channel: 1, label: 'A02', size: 'medium', column: 2, row: 1 },
      { board: 1, channel: 2, label: 'A01', size: 'medium', column: 2, row: 2 },
      { board: 1, channel: 4, label: 'A03', size: 'large', column: 1, row: 5 },
    ])
    expect(walked.none).toEqual([{ board: 1, channel: 3 }])
    expect(heard.at(-1)).toBe('3 doors known; did not open: 1/3.')
  })
})
