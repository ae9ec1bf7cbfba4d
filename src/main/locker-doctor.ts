import { type Clock, pause } from '../kernel/clock.ts'
import type { Problem, Words } from '../kernel/problem.ts'
import { agrees, toldOpen, type Wiring } from '../lockers/commission/polarity.ts'
import type { MappedDoor } from '../lockers/commission/settings-text.ts'
import { type FoundBoard, readWhenUp } from '../lockers/commission/survey.ts'
import type { CompartmentSize, Door, DoorReading, LockerDriver } from '../lockers/locker.ts'
import { doorName, words } from './locker-doctor-words.ts'

/** Who stands before the cabinet. An answer of undefined: gone. */
export interface Person {
  ask(question: Words): Promise<string | undefined>
  say(line: Words): void
}

export interface WalkOptions {
  readonly boards: readonly FoundBoard[]
  /** Ways the boards may be wired, the likeliest first; the settings' own alone where they are known. */
  readonly wirings: readonly Wiring[]
  readonly driver: (wiring: Wiring) => LockerDriver
  /** What the doors are known to be, where a layout exists. */
  readonly known: readonly MappedDoor[]
  /** Doors behind which somebody's books lie. */
  readonly holds: (door: Door) => boolean
  /** Before every pulse: writes it down, and throws when the line is no longer ours. */
  readonly beforePulse: (door: Door) => Promise<void>
  readonly clock: Clock
  readonly person: Person
}

export interface Walked {
  readonly wiring: Wiring
  /** No opening showed that the readings are right. */
  readonly unsure: boolean
  readonly doors: readonly MappedDoor[]
  readonly none: readonly Door[]
}

type Readings = readonly DoorReading[]

/** After the pulse: the spring, and the contact behind it. */
const settles = 400
const sizesByLetter: Readonly<Record<string, CompartmentSize>> = { s: 'small', m: 'medium', l: 'large' }
const letterOf = (size: CompartmentSize): string => size[0]!

/** Opens door after door with a person watching, and learns the wiring, the labels and the drawing from them. */
export const walk = async (options: WalkOptions): Promise<Walked> => {
  const { person, clock } = options
  const line = createLine(options)
  const doors: MappedDoor[] = []
  const none: Door[] = []
  let unsure = true
  try {
    person.say(words.rules)
    const there = await person.ask(words.shutAll)
    if (there !== undefined && there.trim().toLowerCase() !== 'q') {
      await line.learnShut()
      const idle = toldOpen(line.shut())
      if (idle.length > 0) person.say(words.standOpen(idle))
      await eachDoor(options, line.channels(), async door => {
        await options.beforePulse(door)
        const sent = await line.open(door)
        if (!sent.ok) {
          person.say(withProblem(sent.problem))
          if (!sent.problem.maybeDone) return undefined
        }
        await pause(clock, settles)
        const seen = await line.changed()
        const opened = sent.ok ? sent.value.opened : 'unconfirmed'
        const told = opened === 'unconfirmed' ? words.told.unsure : opened ? words.told.yes : words.told.no
        person.say(saidAndSeen(told, seen))
        const mapped = await askWhich(options, door, doors)
        if (mapped === 'gone') return 'stop'
        if (mapped === 'none') {
          none.push(door)
          person.say(words.noneOpened(door))
          return undefined
        }
        doors.splice(0, doors.length, ...doors.filter(one => !sameDoor(one, door)), mapped)
        if (await line.believe(door, !sent.ok || sent.value.opened !== false)) unsure = false
        if ((await person.ask(words.shutIt)) === undefined) return 'stop'
        const open = await line.changed()
        if (open.length > 0) person.say(words.stillOpen(open))
        return undefined
      })
    }
  } finally {
    await line.close()
  }
  person.say(words.summary(doors.length, none, unsure))
  return { wiring: line.wiring(), unsure, doors, none }
}

const sameDoor = (a: Door, b: Door): boolean => a.board === b.board && a.channel === b.channel
const withProblem = ({ say, their }: Problem): Words => ({
  zh: `${words.failed.zh}${say.zh}${their?.text ? ` (${their.text})` : ''}`,
  en: `${words.failed.en}${say.en}${their?.text ? ` (${their.text})` : ''}`,
})
const saidAndSeen = (told: Words, open: readonly Door[]): Words => {
  const seen = open.length === 0 ? words.nothingOpen : undefined
  const names = open.map(doorName).join(' ')
  return {
    zh: words.answered(told.zh, seen?.zh ?? names).zh,
    en: words.answered(told.en, seen?.en ?? names).en,
  }
}

/** Goes from channel to channel as the person says; only the letter `o` leads to `open`. */
const eachDoor = async (
  { person, holds }: WalkOptions,
  channels: readonly Door[],
  open: (door: Door) => Promise<'stop' | undefined>,
): Promise<void> => {
  for (let at = 0; at < channels.length; ) {
    const door = channels[at]!
    const said = (await person.ask(words.next(door)))?.trim().toLowerCase() ?? 'q'
    if (said === 'q') return
    const jump = /^(\d+)\/(\d+)$/.exec(said)
    if (jump) {
      const to = channels.findIndex(one =>
        sameDoor(one, { board: Number(jump[1]), channel: Number(jump[2]) }),
      )
      if (to >= 0) at = to
      else person.say(words.notThere)
    } else if (said !== 'o') {
      if (said === '') at += 1
      else person.say(words.unreadable)
    } else if (holds(door)) {
      person.say(words.holds(door))
      at += 1
    } else {
      if ((await open(door)) === 'stop') return
      at += 1
    }
  }
}

const askWhich = async (
  { person, known }: WalkOptions,
  door: Door,
  doors: readonly MappedDoor[],
): Promise<MappedDoor | 'none' | 'gone'> => {
  const others = doors.filter(one => !sameDoor(one, door))
  const layout = known.find(one => sameDoor(one, door))
  const last = others.at(-1)
  const usual = {
    label: layout?.label ?? String(others.length + 1),
    size: layout?.size ?? last?.size ?? 'small',
    column: layout?.column ?? last?.column ?? 1,
  }
  for (;;) {
    const said = await person.ask(words.which(usual.label, letterOf(usual.size), usual.column))
    if (said === undefined) return 'gone'
    if (said.trim().toLowerCase() === 'n') return 'none'
    const [label = usual.label, letter, column, row, ...rest] = said.trim().split(/\s+/).filter(Boolean)
    const size = letter === undefined ? usual.size : sizesByLetter[letter.toLowerCase()]
    const inColumn = column === undefined ? usual.column : Number(column)
    const inRow =
      row !== undefined
        ? Number(row)
        : column === undefined && layout
          ? layout.row
          : Math.max(0, ...others.filter(one => one.column === inColumn).map(one => one.row)) + 1
    const fits = [inColumn, inRow].every(n => Number.isInteger(n) && n >= 1 && n <= 40)
    if (!size || !fits || rest.length > 0 || label.length > 16) person.say(words.unreadable)
    else if (others.some(one => one.label === label)) person.say(words.labelTaken(label))
    else return { ...door, label, size, column: inColumn, row: inRow }
  }
}

/** The boards as they are believed to be wired; another belief takes another driver on the line. */
const createLine = ({ boards, wirings, driver: make, clock, person }: WalkOptions) => {
  let suspects = wirings
  let current: { readonly wiring: Wiring; readonly driver: LockerDriver } | undefined
  const shut = new Map<Wiring, Readings>()

  const by = async (wiring: Wiring): Promise<LockerDriver> => {
    if (current?.wiring === wiring) return current.driver
    await current?.driver.close()
    current = { wiring, driver: make(wiring) }
    // An opening is sent at once or not at all: the line has to be dialled by then.
    await readWhenUp(current.driver, boards[0]?.address ?? 0, clock)
    return current.driver
  }
  const read = async (wiring: Wiring): Promise<Readings> => {
    const driver = await by(wiring)
    const all: DoorReading[] = []
    for (const { address } of boards) {
      const answer = await readWhenUp(driver, address, clock)
      if (answer.ok) all.push(...answer.value)
      else person.say(withProblem(answer.problem))
    }
    return all
  }
  const wiring = (): Wiring => suspects[0]!
  const shutNow = (): Readings => shut.get(wiring()) ?? []

  const agreeing = async (door: Door): Promise<readonly Wiring[]> => {
    const agree: Wiring[] = []
    for (const one of suspects) if (agrees(shut.get(one) ?? [], await read(one), door)) agree.push(one)
    return agree
  }

  return {
    wiring,
    shut: shutNow,
    channels: (): readonly Door[] =>
      boards.flatMap(({ address, channels }) =>
        Array.from({ length: channels }, (_, at) => ({
          board: address,
          channel: at + 1,
        })),
      ),
    /** With every door shut the wiring under which the fewest are told as open is the likeliest. */
    learnShut: async (): Promise<void> => {
      for (const one of suspects) shut.set(one, await read(one))
      const open = (one: Wiring): number => toldOpen(shut.get(one) ?? []).length
      suspects = suspects.toSorted((a, b) => open(a) - open(b))
    },
    open: async (door: Door) => (await by(wiring())).open(door),
    /** Doors told as open that were not when all were shut. */
    changed: async (): Promise<readonly Door[]> => {
      const then = shutNow()
      return toldOpen(await read(wiring())).filter(
        door => !then.some(one => sameDoor(one, door) && one.door === 'open'),
      )
    },
    /** The person sees that this door is open. True when the readings say so as well, under some wiring. */
    believe: async (door: Door, boardSaidOpen: boolean): Promise<boolean> => {
      const before = wiring()
      const holds = agrees(shutNow(), await read(before), door)
      const agree = holds && boardSaidOpen ? suspects : await agreeing(door)
      if (agree.length === 0) {
        person.say(words.noContact(door))
        return false
      }
      // Its answer was read under the wiring believed so far: where that reads right, another that does is the one.
      const others = agree.filter(one => one !== before)
      suspects = boardSaidOpen || !agree.includes(before) || others.length === 0 ? agree : others
      if (wiring() !== before) {
        const now = Object.entries(wiring())
          .map(([key, value]) => `${key}: ${value}`)
          .join(', ')
        person.say(words.rewired(now))
      }
      return true
    },
    close: async (): Promise<void> => {
      await current?.driver.close()
    },
  }
}
