import { z } from 'zod'
import { type Clock, type Millis, pause } from '../../kernel/clock.ts'
import { type Answer, misconfigured, no, type Problem, unreachable, yes } from '../../kernel/problem.ts'
import type { BoardMake } from '../boards.ts'
import type { Door, DoorReading, LockerDriver, TellsLine } from '../locker.ts'
import { defineLocker, type LockerMake } from '../make.ts'
import { steadyLine } from '../steady.ts'
import type { Ask, LineBus, LineTiming } from '../transport/bus.ts'
import { lineAddress } from '../transport/settings.ts'
import { findAnswer, hearsOthers, requestBytes } from './modbus-codec.ts'
import type { ModbusAnswer, ModbusFraming, ModbusRequest } from './modbus-frames.ts'

const maxLocks = 64

const board = z.strictObject({
  address: z.int().min(1).max(247).describe('Modbus address, also called unit or slave id'),
  channels: z.int().min(1).max(maxLocks).describe('locks of the board, each with a relay and an input'),
  firstRelay: z.int().min(0).max(190).default(0).describe('relay of the first lock, counted from 0'),
  firstInput: z.int().min(0).max(0xff00).default(0).describe('input of the first door, counted from 0'),
  activeWhen: z
    .enum(['closed', 'open'])
    .default('closed')
    .describe('when the input of a door is active; wiring decides, the wire does not tell'),
})

const line = {
  boards: z
    .array(board)
    .min(1)
    .max(32)
    .refine(boards => new Set(boards.map(one => one.address)).size === boards.length, {
      error: 'two boards have one address',
    }),
  pulse: z
    .enum(['waveshare', 'momentary'])
    .default('waveshare')
    .describe(
      'who ends the pulse: `waveshare`, the command tells its length; `momentary`, the boards are set so that relays fall off',
    ),
  pulseTenths: z
    .int()
    .min(1)
    .max(50)
    .default(5)
    .describe('length of the pulse in tenths of a second, where the command tells it'),
}
const boardSettings = z.object(line)

export type ModbusSettings = z.output<typeof boardSettings>
type Board = ModbusSettings['boards'][number]
/** What a test or the commissioning gives: everything but the address of the line. */
export type ModbusInput = z.input<typeof boardSettings>

/** At 9600 baud, 3.5 characters and 1 ms of silence; an answer with 64 inputs takes 15 ms on the wire. */
export const modbusTiming: LineTiming = { gap: 5, afterSend: 5, deadline: 300, late: 1000, patience: 5000 }

type Opened = Awaited<ReturnType<LockerDriver['open']>>

/** A solenoid is not pulsed twice within this time: it burns. */
const pulseRest: Millis = 1000
/** How long a relay may still be on after its pulse was sent. */
const pulseLength = ({ pulse, pulseTenths }: ModbusSettings): Millis =>
  pulse === 'waveshare' ? pulseTenths * 100 + 100 : 1000
/** Looks at the door after a pulse: the relay's word is no word about the door. */
const looks = [150, 200, 200, 200, 200, 200, 200, 150] as const

const defineModbus = (
  name: string,
  framing: ModbusFraming,
  title: LockerMake['title'],
): BoardMake<ModbusInput> => {
  const on = (raw: ModbusInput, bus: LineBus, clock: Clock) =>
    createModbusDriver({ name, framing, chosen: boardSettings.parse(raw), bus, clock })
  return {
    ...defineLocker({
      name,
      title,
      settings: z.strictObject({ address: lineAddress, ...line }),
      create: (chosen, wire) => on(chosen, steadyLine(wire, chosen.address, modbusTiming), wire.clock),
    }),
    timing: modbusTiming,
    on,
  }
}

/** Relay boards on one RS485 line behind a transparent converter: RTU frames through TCP. */
export const modbusRtu = defineModbus('modbus-rtu', 'rtu', {
  zh: 'Modbus RTU 继电器板（经透明串口服务器）',
  en: 'Modbus RTU relay board (behind a transparent serial server)',
})
/** Relay boards with a network socket, or behind a gateway that speaks Modbus TCP. */
export const modbusTcp = defineModbus('modbus-tcp', 'tcp', {
  zh: 'Modbus TCP 继电器板',
  en: 'Modbus TCP relay board',
})

/** The driver on a given line; the line is closed with it. */
export const createModbusDriver = (parts: {
  readonly name: string
  readonly framing: ModbusFraming
  readonly chosen: ModbusSettings
  readonly bus: LineBus
  readonly clock: Clock
}): LockerDriver & TellsLine => {
  const { framing, chosen, bus, clock } = parts
  const boards = new Map(chosen.boards.map(one => [one.address, one]))
  const pulsed = new Map<string, Millis>()
  const turns = new Map<string, Promise<Opened>>()
  const safe = new Set<number>()
  const making = new Map<number, Promise<Answer<void>>>()
  const acting = new Map<number, Set<Promise<unknown>>>(chosen.boards.map(one => [one.address, new Set()]))
  let transaction = 0

  const ask = async (
    request: ModbusRequest,
    how: How,
    sent?: (at: Millis) => void,
  ): Promise<Answer<ModbusAnswer>> => {
    transaction = (transaction + 1) & 0xffff
    const answer = await bus.ask({
      ...askFor(framing, request, transaction, how),
      ...(sent ? { sent } : {}),
    })
    if (!answer.ok) {
      // Whoever comes back after a cut may have been without power, or another may have spoken meanwhile.
      if (answer.problem.code === 'locker-line-down') safe.clear()
      // The board alone may have lost its power, or its wire.
      if (answer.problem.code === 'locker-no-answer' && how !== 'act') safe.delete(request.unit)
      return answer
    }
    const { value } = answer.value
    return value.kind === 'exception' ? no(exceptionProblem(value.code, how === 'act')) : yes(value)
  }
  const bits = async (request: ModbusRequest, how: How): Promise<Answer<readonly boolean[]>> => {
    const answer = await ask(request, how)
    return answer.ok ? yes(answer.value.kind === 'bits' ? answer.value.bits : []) : answer
  }

  /** Resolves when no pulse of the board is on its way or under way: "all off" would cut it short. */
  const pulsesOver = async ({ address, channels }: Board): Promise<void> => {
    const under = acting.get(address)
    while (under && under.size > 0) await Promise.allSettled(under)
    const last = Math.max(
      ...Array.from({ length: channels }, (_, at) => pulsed.get(`${address}/${at + 1}`) ?? 0),
    )
    const wait = last + pulseLength(chosen) - clock.now()
    if (wait > 0) await pause(clock, Math.min(wait, pulseLength(chosen)))
  }
  /**
   * Before the first use of a board, and after it was or may have been away: no relay may stand under power, whatever a
   * program that is gone had begun. The coils are read first, which also shows whether the line echoes.
   */
  const turnedOff = async (known: Board): Promise<Answer<void>> => {
    const before = await coils(known)
    if (!before.ok && before.problem.kind !== 'misconfigured') return before
    await pulsesOver(known)
    const off = await ask(allOff(known, chosen.pulse), 'urgent')
    if (!off.ok && off.problem.kind === 'unreachable') return off
    if (before.ok && before.value.some(on => on)) {
      const after = await coils(known)
      if (after.ok && after.value.some(on => on)) return no(relayStands)
    }
    safe.add(known.address)
    return yes(undefined)
  }
  /** One at a time: "all off" must not come behind the pulse of somebody who has already gone on. */
  const makeSafe = (known: Board): Promise<Answer<void>> => {
    if (safe.has(known.address)) return Promise.resolve(yes(undefined))
    const begun = making.get(known.address) ?? turnedOff(known).finally(() => making.delete(known.address))
    making.set(known.address, begun)
    return begun
  }
  const coils = (known: Board): Promise<Answer<readonly boolean[]>> =>
    bits({ kind: 'read-coils', unit: known.address, from: known.firstRelay, count: known.channels }, 'urgent')

  const doors = async (known: Board, how: How): Promise<Answer<readonly DoorReading[]>> => {
    const { address: unit, firstInput, channels, activeWhen } = known
    const question = { kind: 'read-inputs', unit, from: firstInput, count: channels } as const
    if (!cannotEqualAnswer(question) && bus.echo() === 'unknown') {
      const plain = await coils(known)
      if (!plain.ok && plain.problem.kind !== 'misconfigured') return plain
    }
    const inputs = await bits(question, how)
    if (!inputs.ok) return inputs
    const other = activeWhen === 'closed' ? 'open' : 'closed'
    return yes(
      inputs.value.map((active, at) => ({ board: unit, channel: at + 1, door: active ? activeWhen : other })),
    )
  }

  const seeOpen = async (known: Board, channel: number): Promise<Answer<boolean>> => {
    let last: Answer<boolean> = yes(false)
    for (const wait of looks) {
      await pause(clock, wait)
      const seen = await doors(known, 'urgent')
      last = seen.ok ? yes(seen.value[channel - 1]?.door === 'open') : seen
      if (last.ok ? last.value : last.problem.kind !== 'garbled') return last
    }
    return last
  }

  const pulse = async (known: Board, channel: number): Promise<Opened> => {
    const { address } = known
    const key = `${address}/${channel}`
    const rest = (pulsed.get(key) ?? Number.NEGATIVE_INFINITY) + pulseRest - clock.now()
    // Never longer than the rest itself: the clock of the machine may have been set back since.
    if (rest > 0) await pause(clock, Math.min(rest, pulseRest))
    do {
      const ready = await makeSafe(known)
      if (!ready.ok) return ready
    } while (!safe.has(address))
    const asked = ask(pulseFor(known, channel, chosen), 'act', at => pulsed.set(key, at))
    acting.get(address)?.add(asked)
    const sent = await asked.finally(() => acting.get(address)?.delete(asked))
    if (!sent.ok && !sent.problem.maybeDone) return sent
    const seen = await seeOpen(known, channel)
    if (seen.ok) return yes({ opened: seen.value })
    return sent.ok ? yes({ opened: 'unconfirmed' }) : sent
  }

  /** One person after the other at each door, so that the rest counts from the pulse itself. */
  const open: LockerDriver['open'] = async door => {
    const known = boards.get(door.board)
    if (!known || !Number.isInteger(door.channel) || door.channel < 1 || door.channel > known.channels)
      return no(noSuchDoor(door))
    const key = `${door.board}/${door.channel}`
    const before = turns.get(key)
    const next = () => pulse(known, door.channel)
    const turn = before ? before.then(next, next) : next()
    turns.set(key, turn)
    try {
      return await turn
    } finally {
      if (turns.get(key) === turn) turns.delete(key)
    }
  }

  const read: LockerDriver['read'] = async (unit, urgent = false) => {
    const known = boards.get(unit)
    if (!known) return no(noSuchDoor({ board: unit, channel: 0 }))
    const ready = await makeSafe(known)
    // Doors are read all the same where a relay stands under power: they are what can be told.
    if (!ready.ok && ready.problem !== relayStands) return ready
    return doors(known, urgent ? 'urgent' : 'poll')
  }

  return {
    name: parts.name,
    open,
    read,
    line: () => ({ up: bus.up(), echo: bus.echo(), ...bus.traffic() }),
    close: () => bus.close(),
  }
}

/** `poll` waits for openings; `urgent` does not; `act` moves something and is sent once. */
type How = 'poll' | 'urgent' | 'act'

const askFor = (
  framing: ModbusFraming,
  request: ModbusRequest,
  transaction: number,
  how: How,
): Ask<ModbusAnswer> => {
  const bytes = requestBytes(framing, request, transaction)
  return {
    key: `${request.kind} ${request.unit}${'coil' in request ? `/${request.coil}` : ''}`,
    urgent: how !== 'poll',
    acts: how === 'act',
    tries: how === 'act' ? 1 : 2,
    request: bytes,
    echoProof: cannotEqualAnswer(request),
    find: findAnswer(framing, request, transaction, bytes),
    foreign: heard => hearsOthers(framing, request, heard),
  }
}

/**
 * One written relay comes back byte for byte when it is done, just as an echo would. A read of 17 to 24 inputs from
 * 0x0300 up is as long as its answer and may begin like it; every other question differs from its answer.
 */
const cannotEqualAnswer = (request: ModbusRequest): boolean =>
  'count' in request
    ? !(request.from >> 8 === 3 && Math.ceil(request.count / 8) === 3)
    : request.kind === 'coils'

const pulseFor = (known: Board, channel: number, { pulse, pulseTenths }: ModbusSettings): ModbusRequest => {
  const coil = known.firstRelay + channel - 1
  return pulse === 'waveshare'
    ? { kind: 'pulse', unit: known.address, coil, to: 'on', tenths: pulseTenths }
    : { kind: 'coil', unit: known.address, coil, on: true }
}

const allOff = (known: Board, pulse: ModbusSettings['pulse']): ModbusRequest =>
  pulse === 'waveshare'
    ? { kind: 'all-off', unit: known.address }
    : {
        kind: 'coils',
        unit: known.address,
        from: known.firstRelay,
        on: new Array<boolean>(known.channels).fill(false),
      }

/** Codes of the standard: 1 function, 2 address, 3 value unknown; 4 failure; 5, 6 busy; 10, 11 of a gateway. */
const exceptionProblem = (code: number, acts: boolean): Problem => {
  const their = { code: String(code) }
  if (code <= 3) return { ...boardCannot, their }
  if (code === 5 || code === 11) return { ...boardBusy, their, ...(acts ? { maybeDone: true } : {}) }
  return { ...boardBusy, their }
}

const boardCannot = misconfigured('locker-board-cannot', {
  zh: '继电器板不认识该指令：请检查路数、起始地址和脉冲方式的设置。',
  en: 'The relay board does not know this command: check its channels, first addresses and kind of pulse.',
})
const boardBusy = unreachable('locker-board-busy', {
  zh: '继电器板暂时不能执行，请稍后再试。',
  en: 'The relay board cannot do this at the moment; try again in a moment.',
})
const relayStands = unreachable('locker-relay-stands', {
  zh: '继电器板上有一路一直通电，关不掉：请立即断电检查，以免烧坏电锁。',
  en: 'A relay of the board stays under power and cannot be turned off: cut the power and look at it, or its lock will burn.',
})
const noSuchDoor = (door: Door) =>
  misconfigured('locker-no-such-door', {
    zh: `继电器板 ${door.board} 上没有 ${door.channel} 号锁，请检查柜格设置。`,
    en: `There is no lock ${door.channel} on board ${door.board}; check the layout of the locker.`,
  })
