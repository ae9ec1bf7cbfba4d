import type { Millis } from '../kernel/clock.ts'
import type { Door, DoorReading } from './locker.ts'

/** What a look at a board brought: its doors, or nothing. */
export type Sighting =
  | { readonly board: number; readonly at: Millis; readonly readings: readonly DoorReading[] }
  | { readonly board: number; readonly at: Millis; readonly missed: true }

/** What successive looks amount to. `unseen`: it happened between two looks with none that succeeded between. */
export type Happening =
  | {
      readonly kind: 'opened' | 'closed'
      readonly door: Door
      readonly at: Millis
      readonly was: 'open' | 'closed' | 'unknown'
      readonly unseen: boolean
    }
  | { readonly kind: 'open-too-long'; readonly door: Door; readonly at: Millis; readonly since: Millis }
  | { readonly kind: 'board-silent' | 'board-back'; readonly board: number; readonly at: Millis }

export interface WatchRules {
  /** Looks in a row that bring nothing, until the board counts as silent. */
  readonly missesUntilSilent: number
  /** Looks in a row, and milliseconds, that must say closed: a door pushed too softly springs open again. */
  readonly closedLooks: number
  readonly closedFor: Millis
  readonly openTooLong: Millis
}
export const defaultWatchRules: WatchRules = {
  missesUntilSilent: 3,
  closedLooks: 2,
  closedFor: 400,
  openTooLong: 180_000,
}

interface BoardWatch {
  /** The latest look succeeded. */
  readonly fresh: boolean
  /** Looks in a row that brought nothing, until it counts as silent. */
  readonly missed: number
  readonly silentSince: Millis | null
  /** By channel. */
  readonly doors: ReadonlyMap<number, DoorWatch>
}
interface DoorWatch {
  readonly door: 'open' | 'closed' | 'unknown'
  readonly since: Millis
  /** Looks in a row that said closed after the door had been open, and the first of them. */
  readonly closing: { readonly looks: number; readonly from: Millis; readonly unseen: boolean } | null
  readonly toldTooLong: boolean
  readonly occupied: boolean | undefined
}

/** What is known of the doors of one line. Immutable; `observe` makes the next one. */
export interface Watch {
  readonly boards: ReadonlyMap<number, BoardWatch>
}

const unread: BoardWatch = { fresh: false, missed: 0, silentSince: null, doors: new Map() }
const nothing: readonly Happening[] = []

/** Begins with what was last known of each door; no board has been read yet. */
export const startWatch = (
  known: readonly (Door & { readonly door: 'open' | 'closed' | 'unknown'; readonly since: Millis })[],
): Watch => {
  const boards = new Map<number, BoardWatch & { readonly doors: Map<number, DoorWatch> }>()
  for (const { board, channel, door, since } of known) {
    const of = boards.get(board) ?? { ...unread, doors: new Map<number, DoorWatch>() }
    boards.set(board, of)
    const known = { door, since, closing: null, toldTooLong: false, occupied: undefined }
    of.doors.set(channel, asOne(of.doors.get(channel - 1), known))
  }
  return { boards }
}

/** True when the latest look at the board succeeded: only then may one of its doors be opened. */
export const isFresh = (watch: Watch, board: number): boolean => watch.boards.get(board)?.fresh === true

/** True while the board answers; a missed look or two do not count yet. */
export const answers = (watch: Watch, board: number): boolean => {
  const known = watch.boards.get(board)
  return known !== undefined && (known.fresh || (known.missed > 0 && known.silentSince === null))
}

/** Since when the board has been silent; null while it answers, or has only missed a look or two. */
export const silentSince = (watch: Watch, board: number): Millis | null =>
  watch.boards.get(board)?.silentSince ?? null

/** What is known of a door now: nothing while its board does not answer or its closing is not certain yet. */
export const doorNow = (
  watch: Watch,
  door: Door,
): { readonly door: 'open' | 'closed' | 'unknown'; readonly occupied?: boolean } => {
  const board = watch.boards.get(door.board)
  const known = board?.doors.get(door.channel)
  if (!known || !board?.fresh || known.closing) return { door: 'unknown' }
  return { door: known.door, ...(known.occupied === undefined ? {} : { occupied: known.occupied }) }
}

/** Whether one of its doors may have closed, and the next look is to show it. */
export const isClosing = (watch: Watch, board: number): boolean => {
  for (const door of watch.boards.get(board)?.doors.values() ?? []) if (door.closing) return true
  return false
}

/** The first watch, with this board as the second has it. */
export const withBoard = (watch: Watch, next: Watch, board: number): Watch => {
  const known = next.boards.get(board)
  if (!known || watch.boards.get(board) === known) return watch
  return { boards: new Map(watch.boards).set(board, known) }
}

/**
 * Takes in one look. Doors that were not in the watch are taken up without a word. A look that shows nothing new gives
 * the very watch back, and costs no more however many boards the line has.
 */
export const observe = (
  watch: Watch,
  sighting: Sighting,
  rules: WatchRules,
): { readonly watch: Watch; readonly happenings: readonly Happening[] } => {
  const { board, at } = sighting
  const before = watch.boards.get(board) ?? unread
  if ('missed' in sighting) return missedLook(watch, sighting, before, rules)
  let happenings: Happening[] | undefined
  if (before.silentSince !== null) happenings = [{ kind: 'board-back', board, at }]
  let doors: Map<number, DoorWatch> | undefined
  for (const reading of sighting.readings) {
    const known = before.doors.get(reading.channel)
    const next = look(known, reading, at, !before.fresh, rules)
    if (next.door === known) continue
    doors ??= new Map(before.doors)
    doors.set(reading.channel, asOne(doors.get(reading.channel - 1), next.door))
    if (next.happening) happenings = [...(happenings ?? []), next.happening]
  }
  if (before.fresh && !doors) return { watch, happenings: nothing }
  const next = { fresh: true, missed: 0, silentSince: null, doors: doors ?? before.doors }
  return {
    watch: { boards: new Map(watch.boards).set(board, next) },
    happenings: happenings ?? nothing,
  }
}

/** Neighbours that are in one state since one instant are kept as one: most doors of most boards are. */
const asOne = (neighbour: DoorWatch | undefined, door: DoorWatch): DoorWatch =>
  neighbour?.door === door.door &&
  neighbour.since === door.since &&
  neighbour.occupied === door.occupied &&
  neighbour.toldTooLong === door.toldTooLong &&
  neighbour.closing === null &&
  door.closing === null
    ? neighbour
    : door

const missedLook = (
  watch: Watch,
  { board, at }: Sighting,
  before: BoardWatch,
  rules: WatchRules,
): { watch: Watch; happenings: readonly Happening[] } => {
  if (before.silentSince !== null) return { watch, happenings: nothing }
  const missed = before.missed + 1
  const falls = missed >= rules.missesUntilSilent
  const next = { ...before, fresh: false, missed, silentSince: falls ? at : null }
  return {
    watch: { boards: new Map(watch.boards).set(board, next) },
    happenings: falls ? [{ kind: 'board-silent', board, at }] : nothing,
  }
}

interface DoorLook {
  /** The same as before where nothing is new. */
  readonly door: DoorWatch
  readonly happening?: Happening
}

const look = (
  known: DoorWatch | undefined,
  reading: DoorReading,
  at: Millis,
  unseen: boolean,
  rules: WatchRules,
): DoorLook => {
  const { occupied } = reading
  if (known && reading.door === known.door && reading.door === 'closed')
    return { door: known.occupied === occupied ? known : { ...known, occupied } }
  const door = { board: reading.board, channel: reading.channel }
  const still = known ?? { door: 'unknown', since: at, closing: null, toldTooLong: false, occupied }
  const opened = { door: 'open', since: at, closing: null, toldTooLong: false, occupied } as const
  const closed = { door: 'closed', since: at, closing: null, toldTooLong: false, occupied } as const
  if (reading.door === 'unknown') return { door: still }
  if (reading.door === 'open') {
    if (still.door !== 'open')
      return {
        door: opened,
        ...(known ? { happening: { kind: 'opened', door, at, was: still.door, unseen } } : {}),
      }
    const tooLong = !still.toldTooLong && at - still.since >= rules.openTooLong
    if (!tooLong) {
      const same = still.occupied === occupied && still.closing === null
      return { door: same ? still : { ...still, occupied, closing: null } }
    }
    return {
      door: { ...still, occupied, closing: null, toldTooLong: true },
      happening: { kind: 'open-too-long', door, at, since: still.since },
    }
  }
  if (still.door === 'unknown') return { door: closed }
  const closing = {
    looks: (still.closing?.looks ?? 0) + 1,
    from: still.closing?.from ?? at,
    unseen: still.closing?.unseen ?? unseen,
  }
  if (closing.looks < rules.closedLooks || at - closing.from < rules.closedFor)
    return { door: { ...still, occupied, closing } }
  return {
    door: { ...closed, since: closing.from },
    happening: { kind: 'closed', door, at: closing.from, was: 'open', unseen: closing.unseen },
  }
}
