import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { orThrow, ProblemError, refused } from '../../../src/kernel/problem.ts'
import type { TranscriptLine } from '../../../src/kernel/transcript.ts'
import { boardFacts } from '../../../src/lockers/commission/facts.ts'
import {
  createGuided,
  type Guided,
  type GuidedAct,
  type GuidedOptions,
} from '../../../src/lockers/commission/guided.ts'
import { openLine } from '../../../src/lockers/commission/open-line.ts'
import type { Door } from '../../../src/lockers/locker.ts'
import type { LockerMake } from '../../../src/lockers/make.ts'
import { aa55Crc8 } from '../../../src/lockers/vendors/aa55-crc8.ts'
import { kerongCu } from '../../../src/lockers/vendors/kerong-cu.ts'
import { modbusTcp } from '../../../src/lockers/vendors/modbus.ts'
import { winnsen } from '../../../src/lockers/vendors/winnsen.ts'
import { wkly } from '../../../src/lockers/vendors/wkly.ts'
import { xorBoard } from '../../../src/lockers/vendors/xor-board.ts'
import { aa55Boards } from '../../../src/sandbox/lockers/aa55-crc8.ts'
import { kerongUnits } from '../../../src/sandbox/lockers/kerong-cu.ts'
import { type SandboxBus, type SandboxFamily, startSandboxLine } from '../../../src/sandbox/lockers/line.ts'
import { winnsenBoards } from '../../../src/sandbox/lockers/winnsen.ts'
import { wklyBoards } from '../../../src/sandbox/lockers/wkly.ts'
import { xorBoards } from '../../../src/sandbox/lockers/xor-board.ts'
import { wireTime } from '../wire.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

interface Far {
  readonly address: number
  readonly channels: number
}

/** A set-up over a real socket to simulated boards, on a clock that stands. */
const settingUp = async <Request, F extends Far>(
  make: LockerMake,
  family: SandboxFamily<Request, F>,
  far: readonly F[],
  more: Partial<GuidedOptions> = {},
) => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const bus = await startSandboxLine(family, { boards: far, clock })
  closing.push(bus.close)
  const count = { sent: 0, received: 0 }
  const transcript = ({ direction, text }: TranscriptLine) => {
    const bytes = /((?: [0-9A-F]{2})+)$/.exec(text)?.[1]?.length ?? 0
    count[direction === '>' ? 'sent' : 'received'] += bytes / 3
  }
  const facts = boardFacts(make)!
  const address = { dial: { host: '127.0.0.1', port: bus.port } }
  const wire = { name: 'locker-line:new', clock, transcript }
  const line = orThrow(openLine(make, facts, { address, more: {}, everyBoard: {} }, wire))
  const pulses: string[] = []
  const guided = createGuided({
    line,
    facts,
    settled: [],
    known: [],
    clock,
    patience: 6000,
    holding: async () => [],
    beforePulse: async ({ board, channel }) => {
      pulses.push(`open ${board}/${channel}`)
    },
    changed: () => {},
    ...more,
  })
  const time = wireTime(clock, { traffic: () => count }, bus)
  closing.push(() => guided.close())
  const act = async (one: GuidedAct) => {
    const answer = await time.during(guided.act(guided.view().turn, one))
    return answer.ok ? 'done' : answer.problem.code
  }
  const look = async (addresses: readonly number[]) => {
    await act({ act: 'look', addresses })
    while (guided.view().step !== 'found') await time.pass(20)
  }
  return { bus, guided, act, look, pulses, clock, ...time, opened: () => openings(bus) }
}
const openings = (bus: SandboxBus): string[] => bus.asked.filter(one => one.startsWith('open'))
const openNow = (bus: SandboxBus): Door[] =>
  bus.boards.flatMap(board =>
    board.doors.flatMap((door, at) => (door.isOpen() ? [{ board: board.address, channel: at + 1 }] : [])),
  )
const shutAll = (bus: SandboxBus): void => {
  for (const board of bus.boards) for (const door of board.doors) door.close()
}
const label = (text: string) => ({ label: text, size: 'small', row: 1, column: 1 }) as const

/** Opens a door as the person does, who names what they see and shuts it. */
const walkDoor = async (t: Awaited<ReturnType<typeof settingUp>>, door: Door) => {
  expect(await t.act({ act: 'open', ...door })).toBe('done')
  const [seen] = openNow(t.bus)
  expect(
    await t.act(seen ? { act: 'which', door: label(`${seen.board}-${seen.channel}`) } : { act: 'none' }),
  ).toBe('done')
  shutAll(t.bus)
  await t.act({ act: 'check' })
}

describe('a guided set-up', () => {
  const makes: readonly [
    string,
    (more?: Partial<GuidedOptions>) => ReturnType<typeof settingUp>,
    Readonly<Record<string, string>>,
  ][] = [
    [
      'xor-8a, both polarities wrong',
      more =>
        settingUp(
          xorBoard,
          xorBoards,
          [
            { address: 1, channels: 8, shortedWhen: 'open', bitOneMeans: 'closed' },
            { address: 3, channels: 8, shortedWhen: 'open', bitOneMeans: 'closed' },
          ],
          more,
        ),
      { shortedWhen: 'open', bitOneMeans: 'closed' },
    ],
    [
      'aa55-crc8, bits the other way round',
      more => settingUp(aa55Crc8, aa55Boards, [{ address: 1, channels: 8, bitOneMeans: 'closed' }], more),
      { bitOneMeans: 'closed' },
    ],
    ['wkly', more => settingUp(wkly, wklyBoards, [{ address: 1, channels: 12 }], more), {}],
    ['kerong-cu', more => settingUp(kerongCu, kerongUnits, [{ address: 1, channels: 16 }], more), {}],
    ['winnsen', more => settingUp(winnsen, winnsenBoards, [{ address: 1, channels: 16 }], more), {}],
  ]
  it.each(makes)('finds boards, wiring and doors of %s', async (_, make, wiring) => {
    const t = await make()
    await t.look([1, 2, 3])
    expect(t.opened()).toEqual([])
    expect(await t.act({ act: 'shut' })).toBe('done')
    await walkDoor(t, { board: 1, channel: 2 })
    await walkDoor(t, { board: 1, channel: 5 })
    const { doors, at } = t.guided.view()
    expect([doors.map(one => one.label), at]).toEqual([['1-2', '1-5'], null])
    const { sure, boards } = t.guided.learned()
    expect(sure).toEqual([1])
    for (const board of boards) expect(board).toMatchObject(wiring)
    expect(t.opened()).toEqual(t.pulses)
    expect(t.pulses).toEqual(['open 1/2', 'open 1/5'])
  })

  it('learns the wiring of each board by itself, and takes an unknown one to be wired as the last', async () => {
    const wired = { shortedWhen: 'open', bitOneMeans: 'closed' } as const
    const usual = { shortedWhen: 'closed', bitOneMeans: 'open' } as const
    const t = await settingUp(xorBoard, xorBoards, [
      { address: 1, channels: 8, ...usual },
      { address: 2, channels: 8, ...wired },
      { address: 3, channels: 8, ...wired },
    ])
    await t.look([1, 2, 3])
    await t.act({ act: 'shut' })
    await walkDoor(t, { board: 1, channel: 1 })
    await walkDoor(t, { board: 2, channel: 1 })
    expect(t.guided.learned()).toMatchObject({ sure: [1, 2], boards: [usual, wired, wired] })
    await walkDoor(t, { board: 1, channel: 2 })
    await walkDoor(t, { board: 3, channel: 8 })
    expect(t.guided.learned()).toMatchObject({ sure: [1, 2, 3], boards: [usual, wired, wired] })
    expect(t.guided.view().doors.map(one => one.label)).toEqual(['1-1', '2-1', '1-2', '3-8'])
  })

  it('says what hangs there where one board is silent and the adapter echoes', async () => {
    const boards = [
      { address: 1, channels: 8 },
      { address: 2, channels: 8 },
    ]
    const t = await settingUp(xorBoard, xorBoards, boards, { settled: boards })
    t.bus.faults.echo = true
    t.bus.faults.silent.add(2)
    await t.look([1, 2, 3])
    const { echo, boards: found } = t.guided.view()
    expect([echo, found]).toEqual([
      true,
      [
        { address: 1, channels: 8, room: 8, heard: 'board', inSettings: true },
        { address: 2, channels: 8, room: 50, heard: 'silent', inSettings: true },
      ],
    ])
    await t.act({ act: 'shut' })
    await walkDoor(t, { board: 1, channel: 1 })
    expect(t.guided.view()).toMatchObject({ wirings: [{ board: 1, sure: true }], doors: [{ label: '1-1' }] })
  })

  it('gives one pulse for one press, however often the press arrives', async () => {
    const t = await settingUp(xorBoard, xorBoards, [{ address: 1, channels: 8 }])
    await t.look([1])
    await t.act({ act: 'shut' })
    const { turn } = t.guided.view()
    const open = { act: 'open', board: 1, channel: 3 } as const
    const answers = await t.during(Promise.all([t.guided.act(turn, open), t.guided.act(turn, open)]))
    expect(answers).toMatchObject([{ ok: true }, { ok: false, problem: { code: 'locker-setup-moved-on' } }])
    expect(await t.act({ act: 'open', board: 1, channel: 4 })).toBe('locker-setup-not-now')
    expect(t.opened()).toEqual(['open 1/3'])
  })

  it('opens no door with books behind it, no channel that is not there, and none that cannot be written down', async () => {
    const lost = new ProblemError(refused('locker-setup-over', { zh: '', en: '' }))
    const t = await settingUp(xorBoard, xorBoards, [{ address: 1, channels: 8 }], {
      holding: async () => [{ board: 1, channel: 1 }],
      beforePulse: async () => {
        throw lost
      },
    })
    await t.look([1])
    expect(await t.act({ act: 'open', board: 1, channel: 2 })).toBe('locker-setup-not-now')
    await t.act({ act: 'shut' })
    expect(await t.act({ act: 'open', board: 1, channel: 1 })).toBe('locker-door-holds')
    expect(await t.act({ act: 'open', board: 1, channel: 9 })).toBe('locker-setup-no-channel')
    expect(await t.act({ act: 'open', board: 1, channel: 2 })).toBe('locker-setup-over')
    expect(t.opened()).toEqual([])
  })

  it('keeps labels apart, mends them, and forgets a door again', async () => {
    const t = await settingUp(xorBoard, xorBoards, [{ address: 1, channels: 8 }])
    await t.look([1])
    await t.act({ act: 'shut' })
    await walkDoor(t, { board: 1, channel: 1 })
    await t.act({ act: 'open', board: 1, channel: 2 })
    expect(await t.act({ act: 'which', door: label('1-1') })).toBe('locker-label-taken')
    expect(await t.act({ act: 'which', door: label('B') })).toBe('done')
    const large = { board: 1, channel: 2, ...label('B'), size: 'large' } as const
    expect(await t.act({ act: 'change', door: large })).toBe('done')
    expect(t.guided.view().doors).toContainEqual(large)
    await t.act({ act: 'forget', board: 1, channel: 1 })
    expect(t.guided.view().doors.map(one => one.label)).toEqual(['B'])
  })

  it('tells that nobody takes the call, and stops looking when told to', async () => {
    const t = await settingUp(xorBoard, xorBoards, [{ address: 1, channels: 8 }])
    t.bus.power(false)
    await t.look([1, 2])
    expect(t.guided.view().problem?.code).toBe('locker-line-down')
    t.bus.power(true)
    await t.act({ act: 'look', addresses: Array.from({ length: 32 }, (_, at) => at + 1) })
    while ((t.guided.view().progress?.done ?? 0) < 3) await t.pass(10)
    expect(await t.act({ act: 'stop-looking' })).toBe('done')
    expect(t.guided.view()).toMatchObject({ step: 'found', progress: null })
    expect(t.guided.view().boards.map(one => one.address)).toEqual([1])
  })

  it('does not wait for a line that is gone, neither in the middle of its doors nor when it is closed', async () => {
    const boards = [1, 2, 3, 4].map(address => ({ address, channels: 8 }))
    const t = await settingUp(xorBoard, xorBoards, boards)
    await t.look([1, 2, 3, 4])
    await t.act({ act: 'shut' })
    t.bus.power(false)
    /** Nothing goes over the wire any more that time would have to wait for. */
    const passing = async <T>(promise: Promise<T>): Promise<T> => {
      let over = false
      const seen = () => {
        over = true
      }
      promise.then(seen, seen)
      while (!over) await t.clock.advance(20)
      return promise
    }
    const since = t.clock.now()
    const again = () => t.guided.act(t.guided.view().turn, { act: 'shut' })
    expect(await passing(again())).toMatchObject({ problem: { code: 'locker-line-down' } })
    expect(t.clock.now() - since).toBeLessThan(20_000)
    const waiting = again()
    await t.clock.advance(50)
    const closing = t.clock.now()
    await passing(t.guided.close())
    expect(t.clock.now() - closing).toBeLessThan(1000)
    expect(await waiting).toMatchObject({ ok: false })
  })

  it('goes on with what an earlier set-up has learned', async () => {
    const boards = [{ address: 1, channels: 8 }]
    const wired = { shortedWhen: 'open', bitOneMeans: 'closed' } as const
    const first = await settingUp(xorBoard, xorBoards, [{ ...boards[0]!, ...wired }])
    await first.look([1])
    await first.act({ act: 'shut' })
    await walkDoor(first, { board: 1, channel: 1 })
    const learned = (first.guided as Guided).learned()
    const next = await settingUp(xorBoard, xorBoards, [{ ...boards[0]!, ...wired }], { learned })
    await next.look([1])
    await next.act({ act: 'shut' })
    expect(next.guided.view()).toMatchObject({ wirings: [{ sure: true }], doors: [{ label: '1-1' }] })
    await walkDoor(next, { board: 1, channel: 2 })
    expect(next.guided.learned()).toMatchObject({
      boards: [wired],
      doors: [{ label: '1-1' }, { label: '1-2' }],
    })
  })
})

it('takes no settings that the make does not', () => {
  const wire = { name: 'x', clock: new ManualClock(0), transcript: () => {} }
  const address = { dial: { host: '127.0.0.1', port: 1 } }
  const opened = openLine(
    modbusTcp,
    boardFacts(modbusTcp)!,
    { address, more: { pulse: 'for ever' }, everyBoard: {} },
    wire,
  )
  expect(opened).toMatchObject({ ok: false, problem: { code: 'locker-settings' } })
})
