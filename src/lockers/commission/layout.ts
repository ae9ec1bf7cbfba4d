import type { Door } from '../locker.ts'
import type { MappedDoor } from './settings-text.ts'
import { sameDoor } from './wired-line.ts'

/** A compartment that the settings have already. */
export interface KnownDoor extends MappedDoor {
  readonly locker: string
  readonly id: string
  readonly accessible: boolean
}

export interface Layout {
  /** Of each locker that is in the settings, all its compartments, with what was learned. */
  readonly known: readonly { readonly locker: string; readonly compartments: readonly KnownDoor[] }[]
  /** Doors that no locker of the settings has. */
  readonly fresh: readonly MappedDoor[]
}

/**
 * What was learned at the doors, laid over what the settings say. A compartment is what its label says: where another
 * channel was seen to move that door, the compartment keeps its id and takes the channel.
 */
export const layOver = (known: readonly KnownDoor[], learned: readonly MappedDoor[]): Layout => {
  const lockers = [...new Set(known.map(one => one.locker))]
  const took = new Map<KnownDoor, MappedDoor>()
  const fresh: MappedDoor[] = []
  for (const door of learned) {
    const here = known.find(one => sameDoor(one, door))
    const named = known.filter(one => one.label === door.label && !took.has(one))
    const same = named.find(one => one.locker === here?.locker) ?? named[0]
    const renamed =
      here && !took.has(here) && !learned.some(one => one.label === here.label) ? here : undefined
    const of = same ?? renamed
    if (of) took.set(of, door)
    else fresh.push(door)
  }
  return {
    known: lockers.map(locker => ({
      locker,
      compartments: known.filter(one => one.locker === locker).map(one => ({ ...one, ...took.get(one) })),
    })),
    fresh,
  }
}

/** The row below the last of a column. */
export const nextRow = (doors: readonly MappedDoor[], column: number): number =>
  Math.max(0, ...doors.filter(one => one.column === column).map(one => one.row)) + 1

/** What a door is most likely to be: as the settings have it, or the next below the one before. */
export const likelyDoor = (
  known: readonly MappedDoor[],
  learned: readonly MappedDoor[],
  door: Door,
): MappedDoor => {
  const { board, channel } = door
  const learnedAlready = learned.find(one => sameDoor(one, door))
  if (learnedAlready) return learnedAlready
  const layout = known.find(one => sameDoor(one, door))
  if (layout) {
    const { label, size, row, column } = layout
    return { board, channel, label, size, row, column }
  }
  const last = learned.at(-1)
  const column = last?.column ?? 1
  return {
    board,
    channel,
    label: nextLabel(learned, last?.label),
    size: last?.size ?? 'small',
    column,
    row: nextRow(learned, column),
  }
}

/** `A09` → `A10`; a count where the last label has no number. */
const nextLabel = (doors: readonly MappedDoor[], last: string | undefined): string => {
  const taken = new Set(doors.map(one => one.label))
  const match = /^(.*?)(\d+)$/.exec(last ?? '')
  const [head, digits] = match ? [match[1] ?? '', match[2] ?? '0'] : ['', String(doors.length)]
  for (let n = Number(digits) + 1; ; n++) {
    const label = `${head}${String(n).padStart(digits.length, '0')}`
    if (!taken.has(label) || n > Number(digits) + 600) return label
  }
}
