import { type Clock, pause } from '../kernel/clock.ts'
import type { Problem, Words } from '../kernel/problem.ts'
import { likelyDoor, nextRow } from '../lockers/commission/layout.ts'
import { toldOpen, type Wiring } from '../lockers/commission/polarity.ts'
import type { MappedDoor } from '../lockers/commission/settings-text.ts'
import type { FoundBoard } from '../lockers/commission/survey.ts'
import { createWiredLine, sameDoor, type WiringOf } from '../lockers/commission/wired-line.ts'
import type { CompartmentSize, Door, LockerDriver } from '../lockers/locker.ts'
import { doorName, words } from './locker-doctor-words.ts'

/** Who stands before the cabinet. An answer of undefined: gone. */
export interface Person {
  ask(question: Words): Promise<string | undefined>
  say(line: Words): void
}

export interface WalkOptions {
  readonly boards: readonly FoundBoard[]
  /** Ways the boards may be wired; those that the settings of a board name are tried first. */
  readonly wirings: readonly Wiring[]
  readonly driver: (of: WiringOf) => LockerDriver
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
  readonly wiring: WiringOf
  /** Boards of which no opening showed that the readings are right. */
  readonly unsure: readonly number[]
  readonly doors: readonly MappedDoor[]
  readonly none: readonly Door[]
}

/** After the pulse: the spring, and the contact behind it. */
const settles = 400
const sizesByLetter: Readonly<Record<string, CompartmentSize>> = { s: 'small', m: 'medium', l: 'large' }
const letterOf = (size: CompartmentSize): string => size[0]!

/** Opens door after door with a person watching, and learns the wiring, the labels and the drawing from them. */
export const walk = async (options: WalkOptions): Promise<Walked> => {
  const { person, clock } = options
  const trouble = (problem: Problem): void => person.say(withProblem(problem))
  const line = createWiredLine({ ...options, trouble })
  const doors: MappedDoor[] = []
  const none: Door[] = []
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
        const believed = await line.believe(door, !sent.ok || sent.value.opened !== false)
        if (!believed.agrees) person.say(words.noContact(door))
        if (believed.rewired) person.say(words.rewired(wiringText(believed.rewired)))
        if ((await person.ask(words.shutIt)) === undefined) return 'stop'
        const open = await line.changed()
        if (open.length > 0) person.say(words.stillOpen(open))
        return undefined
      })
    }
  } finally {
    await line.close()
  }
  const unsure = line.boards().flatMap(({ board, sure }) => (sure ? [] : [board]))
  person.say(words.summary(doors.length, none, unsure))
  return { wiring: line.wiring, unsure, doors, none }
}

const wiringText = (wiring: Wiring): string =>
  Object.entries(wiring)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')
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
  const usual = likelyDoor(known, others, door)
  for (;;) {
    const said = await person.ask(words.which(usual.label, letterOf(usual.size), usual.column))
    if (said === undefined) return 'gone'
    if (said.trim().toLowerCase() === 'n') return 'none'
    const [label = usual.label, letter, column, row, ...rest] = said.trim().split(/\s+/).filter(Boolean)
    const size = letter === undefined ? usual.size : sizesByLetter[letter.toLowerCase()]
    const inColumn = column === undefined ? usual.column : Number(column)
    const below = inColumn === usual.column ? usual.row : nextRow(others, inColumn)
    const inRow = row === undefined ? below : Number(row)
    const fits = [inColumn, inRow].every(n => Number.isInteger(n) && n >= 1 && n <= 40)
    if (!size || !fits || rest.length > 0 || label.length > 16) person.say(words.unreadable)
    else if (others.some(one => one.label === label)) person.say(words.labelTaken(label))
    else return { ...door, label, size, column: inColumn, row: inRow }
  }
}
