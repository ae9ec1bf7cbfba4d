import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BoardMake } from '../../src/lockers/boards.ts'
import { aa55Crc8 } from '../../src/lockers/vendors/aa55-crc8.ts'
import { kerongCu } from '../../src/lockers/vendors/kerong-cu.ts'
import { kerongCu48 } from '../../src/lockers/vendors/kerong-cu48.ts'
import { winnsen } from '../../src/lockers/vendors/winnsen.ts'
import { wkly } from '../../src/lockers/vendors/wkly.ts'
import { answerFrame as wklyAnswer } from '../../src/lockers/vendors/wkly-frames.ts'
import { xorBoard } from '../../src/lockers/vendors/xor-board.ts'
import { ytAscii } from '../../src/lockers/vendors/yt-ascii.ts'
import { aa55Boards } from '../../src/sandbox/lockers/aa55-crc8.ts'
import { kerongUnits } from '../../src/sandbox/lockers/kerong-cu.ts'
import { cu48Boards } from '../../src/sandbox/lockers/kerong-cu48.ts'
import type { SandboxFamily } from '../../src/sandbox/lockers/line.ts'
import { winnsenBoards } from '../../src/sandbox/lockers/winnsen.ts'
import { wklyBoards } from '../../src/sandbox/lockers/wkly.ts'
import { xorBoards } from '../../src/sandbox/lockers/xor-board.ts'
import { ytBoards } from '../../src/sandbox/lockers/yt-ascii.ts'
import { type BoardSetup, boardRig } from './boards.ts'

interface Board {
  readonly address: number
  readonly channels: number
}
const two = [
  { address: 1, channels: 4 },
  { address: 2, channels: 4 },
]

const line = <Request>(
  make: BoardMake<{ readonly boards: readonly Board[] }>,
  family: SandboxFamily<Request, Board>,
) => ({
  name: make.name,
  pushes: false,
  start: () => boardRig({ make, family, near: { boards: two }, far: two }),
})

const lines = [
  line(xorBoard, xorBoards),
  line(wkly, wklyBoards),
  {
    name: 'wkly',
    pushes: true,
    start: () =>
      boardRig({
        make: wkly,
        family: wklyBoards,
        near: { boards: two, pushes: true },
        far: two.map(board => ({ ...board, pushes: true })),
      }),
  },
  line(kerongCu, kerongUnits),
  line(kerongCu48, cu48Boards),
  line(winnsen, winnsenBoards),
  line(aa55Crc8, aa55Boards),
  line(ytAscii, ytBoards),
]

type Trouble = 'none' | 'mute' | 'deaf' | 'corrupt' | 'glue' | 'late' | 'very late' | 'split' | 'noise'
const troubles: readonly Trouble[] = [
  ...(['none', 'mute', 'deaf', 'corrupt', 'glue', 'late'] as const),
  ...(['very late', 'split', 'noise'] as const),
]
const step = fc.record({
  trouble: fc.constantFrom(...troubles),
  acts: fc.array(
    fc.record({
      what: fc.constantFrom('open', 'read', 'open', 'jam', 'close'),
      board: fc.constantFrom(1, 2),
      channel: fc.integer({ min: 1, max: 4 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
})

for (const { name, pushes, start } of lines)
  describe(`the discipline of a line of ${name}${pushes ? ' that pushes' : ''}`, () => {
    it('holds through any troubles: one question at a time, no pulse twice, no door told open that is shut', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async steps => {
          const rig = await start()
          const { driver, far, during, pass } = rig
          try {
            await during(driver.read(1))
            let openings = 0
            for (const { trouble, acts } of steps) {
              Object.assign(far.faults, { mute: 0, deaf: 0, corrupt: 0, glue: 0, split: trouble === 'split' })
              far.faults.noise = trouble === 'noise' ? Uint8Array.of(0x02, 0x8a, 0xaa) : new Uint8Array(0)
              far.faults.late.length = 0
              if (trouble === 'late') far.faults.late.push(300)
              if (trouble === 'very late') far.faults.late.push(900)
              if (trouble === 'mute' || trouble === 'deaf' || trouble === 'corrupt' || trouble === 'glue')
                far.faults[trouble] = 1
              const asked = acts.map(async ({ what, board, channel }) => {
                const door = far.door(board, channel)
                if (what === 'jam') door.jammed = !door.jammed
                else if (what === 'close') door.close()
                else if (what === 'read') {
                  const answer = await driver.read(board)
                  expect(answer.ok || answer.problem.maybeDone === undefined).toBe(true)
                } else {
                  openings += 1
                  const answer = await driver.open({ board, channel })
                  // Nobody shuts a door while others are being opened, so what is told must still be so.
                  if (answer.ok && answer.value.opened === true && !acts.some(one => one.what === 'close'))
                    expect(door.isOpen()).toBe(true)
                }
              })
              await during(Promise.all(asked))
            }
            expect(far.asked.filter(one => one.startsWith('open')).length).toBeLessThanOrEqual(openings)
            // Whoever speaks unasked may fall into a question of ours; nobody can prevent that.
            if (!pushes) expect(far.traffic().trampled).toBe(0)
            await pass(2500)
          } finally {
            await rig.close()
          }
        }),
        { numRuns: 8 },
      )
    }, 60_000)

    it('never asks a board for more than a pulse that ends by itself', async () => {
      const rig = await start()
      const { driver, during, far, transcript } = rig
      for (const board of [1, 2]) {
        await during(driver.read(board))
        await during(driver.open({ board, channel: 3 }))
        far.door(board, 2).jammed = true
        await during(driver.open({ board, channel: 2 }))
      }
      const place = {
        'xor-8a': 0,
        wkly: 6,
        'kerong-cu': 2,
        'kerong-cu48': 3,
        winnsen: 2,
        'aa55-crc8': 4,
        'yt-ascii': 3,
      }[name]!
      const may = {
        'xor-8a': ['80', '8A'],
        wkly: ['82', '83', '84'],
        'kerong-cu': ['30', '31'],
        'kerong-cu48': ['60', '61'],
        winnsen: ['05', '12'],
        'aa55-crc8': ['50', '51'],
        // The first letters of GETALLLOCKSSTATUS and of OPENLOCK.
        'yt-ascii': ['47', '4F'],
      }[name]!
      const sent = transcript.lines().filter(one => one.direction === '>')
      const commands = sent.map(({ text }) => text.split(' ').slice(2)[place]!)
      expect(new Set(commands)).toEqual(new Set(may))
      await rig.close()
    })

    it('lets a solenoid rest between two people who want the same door', async () => {
      const rig = await start()
      const door = { board: 1, channel: 1 }
      rig.far.door(1, 1).jammed = true
      await rig.during(Promise.all([rig.driver.open(door), rig.driver.open(door)]))
      const pulses = rig.transcript.lines().filter(one => /^open/.test(one.text) && one.direction === '>')
      expect(pulses).toHaveLength(2)
      expect(pulses[1]!.at - pulses[0]!.at).toBeGreaterThanOrEqual(1000)
      await rig.close()
    })

    it('tells whether its adapter echoes, once a board was read', async () => {
      for (const echo of [true, false]) {
        const rig = await start()
        rig.far.faults.echo = echo
        expect(rig.driver.line()).toMatchObject({ up: true, echo: 'unknown' })
        await rig.during(rig.driver.read(1))
        expect(rig.driver.line()).toMatchObject({ up: true, echo: echo ? 'yes' : 'no', stray: 0 })
        await rig.close()
      }
    })
  })

const rigOf = async <C, Request, Far>(setup: BoardSetup<C, Request, Far>) => boardRig(setup)
const door = { board: 1, channel: 2 }
const opened = (is: boolean | 'unconfirmed') => ({ ok: true, value: { opened: is } })

describe('boards that differ', () => {
  it('are told apart by what they answer: fewer locks than were set is no foreign answer, another board is one', async () => {
    const short = [{ address: 1, channels: 8 }]
    const near = { boards: [{ address: 1, channels: 24 }] }
    for (const make of [
      () => rigOf({ make: kerongCu48, family: cu48Boards, near, far: short }),
      () => rigOf({ make: aa55Crc8, family: aa55Boards, near, far: short }),
    ]) {
      const rig = await make()
      expect(await rig.during(rig.driver.read(1))).toMatchObject({
        problem: { code: 'locker-answer-garbled' },
      })
      await rig.close()
    }
    const rig = await rigOf({ make: wkly, family: wklyBoards, near: { boards: [two[0]!] }, far: [two[0]!] })
    const other = wklyAnswer({ kind: 'read-board', board: 9, worked: true, doors: ['open'] })
    rig.far.faults.noise = other
    rig.far.faults.corrupt = 2
    expect(await rig.during(rig.driver.read(1))).toMatchObject({ problem: { code: 'locker-answer-foreign' } })
    await rig.close()
  })

  it('WKLY: a lock whose contact is not known leaves the opening unconfirmed', async () => {
    const far = [{ address: 1, channels: 4, blind: [2] }]
    const rig = await rigOf({ make: wkly, family: wklyBoards, near: { boards: [two[0]!] }, far })
    expect(await rig.during(rig.driver.open(door))).toEqual(opened('unconfirmed'))
    const read = await rig.during(rig.driver.read(1))
    expect(read.ok && read.value.map(one => one.door)).toEqual(['closed', 'unknown', 'closed', 'closed'])
    await rig.close()
  })

  it('WKLY: a change that the board pushes is no answer of another', async () => {
    const far = [{ address: 1, channels: 4, pushes: true }]
    const rig = await rigOf({ make: wkly, family: wklyBoards, near: { boards: [two[0]!] }, far })
    rig.far.faults.silent.add(1)
    const reading = rig.driver.read(1)
    await rig.pass(100)
    rig.far.door(1, 4).force()
    expect(await rig.during(reading)).toMatchObject({
      ok: false,
      problem: { code: expect.not.stringMatching('foreign') },
    })
    await rig.close()
  })

  it('KERONG: tells what lies in the compartments, unless no sensors are mounted', async () => {
    for (const infrared of [true, false]) {
      const near = { boards: [{ ...two[0]!, infrared }] }
      const rig = await rigOf({ make: kerongCu, family: kerongUnits, near, far: [two[0]!] })
      rig.far.door(1, 3).items.push('P-1')
      const read = await rig.during(rig.driver.read(1))
      expect(read.ok && read.value.map(one => one.occupied)).toEqual(
        infrared ? [false, false, true, false] : [undefined, undefined, undefined, undefined],
      )
      await rig.close()
    }
  })

  it('KERONG: the late answer to an unlock is not taken for the state of the door afterwards', async () => {
    const far = [{ ...two[0]!, answersOpening: true }]
    const rig = await rigOf({ make: kerongCu, family: kerongUnits, near: { boards: [two[0]!] }, far })
    await rig.during(rig.driver.read(1))
    rig.far.faults.late.push(160)
    // The answer leaves 190 ms after the pulse and tells of the time before the door moved.
    expect(await rig.during(rig.driver.open(door))).toEqual(opened(true))
    await rig.close()
  })

  it('48 locks: what the board says it could not do, the door has the last word on', async () => {
    const far = [{ address: 1, channels: 4, broken: [2] }]
    const rig = await rigOf({ make: kerongCu48, family: cu48Boards, near: { boards: [two[0]!] }, far })
    expect(await rig.during(rig.driver.open(door))).toEqual(opened(false))
    rig.far.door(1, 2).force()
    expect(await rig.during(rig.driver.open(door))).toEqual(opened(true))
    await rig.close()
  })

  it('Winnsen: a lock that cools down is not asked, and the time when it may be is told', async () => {
    const far = [{ ...two[0]!, coolDown: 15_000 }]
    const near = { boards: [two[0]!], coolDownSeconds: 15 }
    const rig = await rigOf({ make: winnsen, family: winnsenBoards, near, far })
    const begun = rig.clock.now()
    expect(await rig.during(rig.driver.open(door))).toEqual(opened(true))
    rig.far.door(1, 2).close()
    const asked = rig.far.asked.length
    expect(await rig.driver.open(door)).toMatchObject({
      ok: false,
      problem: {
        kind: 'refused',
        code: 'locker-lock-rests',
        retry: 'later',
        notBefore: expect.closeTo(begun + 15_000, -2),
      },
    })
    expect(rig.far.asked).toHaveLength(asked)
    await rig.pass(15_100)
    expect(await rig.during(rig.driver.open(door))).toEqual(opened(true))
    await rig.close()
  })

  it('Winnsen: an opening that is declined because the door stands open is no jam', async () => {
    const far = [{ ...two[0]!, coolDown: 15_000 }]
    const rig = await rigOf({ make: winnsen, family: winnsenBoards, near: { boards: [two[0]!] }, far })
    await rig.during(rig.driver.open(door))
    expect(await rig.during(rig.driver.open(door))).toEqual(opened(true))
    await rig.close()
  })

  it('AA 55: openings stand so far apart that the supply recovers', async () => {
    const far = two.map(board => ({ ...board, recovers: 1300 }))
    const rig = await rigOf({ make: aa55Crc8, family: aa55Boards, near: { boards: two }, far })
    const doors = [1, 2].flatMap(board => [1, 2].map(channel => ({ board, channel })))
    const answers = await rig.during(Promise.all(doors.map(one => rig.driver.open(one))))
    expect(answers).toEqual([opened(true), opened(true), opened(true), opened(true)])
    await rig.close()
  })
})
