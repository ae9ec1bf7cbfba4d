import type { Clock, Millis } from '../../kernel/clock.ts'
import { pause } from '../../kernel/clock.ts'
import { can } from '../../kernel/power.ts'
import { type Answer, misconfigured, no, refused, unreachable, yes } from '../../kernel/problem.ts'
import type { LockerDriver, TellsLine } from '../locker.ts'
import type { LockerMake, Wire } from '../make.ts'
import type { LineBus, LineTiming } from '../transport/bus.ts'
import { lineAddress } from '../transport/settings.ts'
import { createTcpBus } from '../transport/tcp-bus.ts'
import type { BoardFacts } from './facts.ts'
import type { FoundBoard } from './survey.ts'

/** A line as its settings name it, but for its boards. */
export interface LineSettings {
  readonly address: Readonly<Record<string, unknown>>
  /** Settings of the line beyond address and boards. */
  readonly more: Readonly<Record<string, unknown>>
  /** Settings that every board has alike, beyond address, channels and wiring. */
  readonly everyBoard: Readonly<Record<string, string | number | boolean>>
}

/** One connection for a whole survey: drivers for ever other boards come and go on it. */
export interface OpenLine {
  /** Resolves when somebody is at the other end, or with why not: `locker-line-down`, `locker-port-taken`. */
  whenUp(patience: Millis, stopped?: () => boolean): Promise<Answer<void>>
  up(): boolean
  /** A driver for these boards; the one before it must be closed, and the connection outlasts it. */
  driver(boards: readonly FoundBoard[]): LockerDriver & Partial<TellsLine>
  close(): Promise<void>
}

/** A make whose driver can be put on a line that is there. */
interface OverLine {
  readonly timing: LineTiming
  on(settings: unknown, bus: LineBus, clock: Clock): LockerDriver & TellsLine
}

const lookAgain: Millis = 100

/** Whether the make takes the settings. `refused/locker-settings`, `misconfigured/locker-no-boards`. */
export const soundSettings = (
  make: LockerMake,
  facts: BoardFacts,
  { address, more, everyBoard }: LineSettings,
): Answer<void> => {
  if (!can(make, 'on') || !('timing' in make)) return no(notOnALine(make.name))
  const sample = { address: facts.addresses.from, channels: 1, ...everyBoard }
  const checked = make.settings.safeParse({ address, boards: [sample], ...more })
  if (checked.success) return yes(undefined)
  return no(
    wrongSettings(checked.error.issues.map(one => `${one.path.join('.')}: ${one.message}`).join('; ')),
  )
}

/** Opens the line of a make of boards; nothing is dialled where the settings are wrong. */
export const openLine = (
  make: LockerMake,
  facts: BoardFacts,
  { address, more, everyBoard }: LineSettings,
  wire: Wire,
): Answer<OpenLine> => {
  const sound = soundSettings(make, facts, { address, more, everyBoard })
  if (!sound.ok) return sound
  const over = make as LockerMake & OverLine
  const bus = createTcpBus({ ...wire, address: lineAddress.parse(address), timing: over.timing })
  let taken = false
  bus.listening.catch(() => {
    taken = true
  })
  let closed = false
  const lasting: LineBus = {
    ...bus,
    ask: async question => (closed ? no(lineClosed) : bus.ask(question)),
    close: async () => {},
  }
  return yes({
    up: () => bus.up(),
    whenUp: async (patience, stopped) => {
      const until = wire.clock.now() + patience
      for (;;) {
        if (bus.up()) return yes(undefined)
        if (taken) return no(portTaken)
        if (wire.clock.now() >= until || stopped?.())
          return no('listen' in address ? nobodyDialled : nobodyThere)
        await pause(wire.clock, lookAgain)
      }
    },
    driver: boards =>
      over.on({ boards: boards.map(one => ({ ...everyBoard, ...one })), ...more }, lasting, wire.clock),
    close: () => {
      closed = true
      return bus.close()
    },
  })
}

const notOnALine = (make: string) =>
  misconfigured('locker-no-boards', {
    zh: `${make} 不是线路上的锁控板，没有可以查找的板；请在“逐门测试”里逐个试门。`,
    en: `${make} has no boards on a line to look for; try its doors one by one instead.`,
  })
const wrongSettings = (faults: string) =>
  refused('locker-settings', {
    zh: `线路的设置有误：${faults}`,
    en: `The settings of the line are wrong: ${faults}`,
  })
const portTaken = unreachable('locker-port-taken', {
  zh: '这个端口听不了：已被别的程序占用，或本机没有这个地址。请换一个端口。',
  en: 'This port cannot be listened on: another program has it, or this machine has no such address. Choose another.',
})
/** Nothing was sent, and nothing will be: whoever waits for the line to come back need not. */
const lineClosed = unreachable('locker-line-closed', {
  zh: '调试已结束，线路已交还。',
  en: 'The set-up is over, and the line was given back.',
})
const nobodyThere = unreachable('locker-line-down', {
  zh: '连不上串口服务器：请核对地址和端口，看它是否通电、是否在“TCP 服务器”方式、网线是否插好。',
  en: 'The serial server does not take our call: check address and port, its power and cable, and that it is a TCP server.',
})
const nobodyDialled = unreachable('locker-line-down', {
  zh: '串口服务器没有连过来：请核对它的“目标地址和端口”是否是本机和这个端口，并看它的地址是否与填写的一致。',
  en: 'The serial server has not called: check that its target is this machine and port, and that its own address is the one given.',
})
