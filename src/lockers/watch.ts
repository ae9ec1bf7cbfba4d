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
  readonly missed: number
  readonly silentSince: Millis | null
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
  readonly doors: ReadonlyMap<string, DoorWatch>
}

const unread: BoardWatch = { fresh: false, missed: 0, silentSince: null }
const keyOf = (door: Door): string => `${door.board}/${door.channel}`

/** Begins with what was last known of each door; no board has been read yet. */
export const startWatch = (
  known: readonly (Door & { readonly door: 'open' | 'closed' | 'unknown'; readonly since: Millis })[],
): Watch => ({
  boards: new Map(known.map(one => [one.board, unread])),
  doors: new Map(
    known.map(one => [
      keyOf(one),
      { door: one.door, since: one.since, closing: null, toldTooLong: false, occupied: undefined },
    ]),
  ),
})

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
  const known = watch.doors.get(keyOf(door))
  if (!known || !isFresh(watch, door.board) || known.closing) return { door: 'unknown' }
  return { door: known.door, ...(known.occupied === undefined ? {} : { occupied: known.occupied }) }
}

/** Takes in one look. Doors that were not in the watch are taken up without a word. */
export const observe = (
  watch: Watch,
  sighting: Sighting,
  rules: WatchRules,
): { readonly watch: Watch; readonly happenings: readonly Happening[] } => {
  const before = watch.boards.get(sighting.board) ?? unread
  if ('missed' in sighting) return missedLook(watch, sighting, before, rules)
  const happenings: Happening[] =
    before.silentSince === null ? [] : [{ kind: 'board-back', board: sighting.board, at: sighting.at }]
  const doors = new Map(watch.doors)
  for (const reading of sighting.readings) {
    const next = look(doors.get(keyOf(reading)), reading, sighting.at, !before.fresh, rules)
    doors.set(keyOf(reading), next.door)
    happenings.push(...next.happenings)
  }
  const boards = new Map(watch.boards).set(sighting.board, { fresh: true, missed: 0, silentSince: null })
  return { watch: { boards, doors }, happenings }
}

const missedLook = (
  watch: Watch,
  { board, at }: Sighting,
  before: BoardWatch,
  rules: WatchRules,
): { watch: Watch; happenings: readonly Happening[] } => {
  const missed = before.missed + 1
  const falls = before.silentSince === null && missed >= rules.missesUntilSilent
  const boards = new Map(watch.boards).set(board, {
    fresh: false,
    missed,
    silentSince: falls ? at : before.silentSince,
  })
  return { watch: { ...watch, boards }, happenings: falls ? [{ kind: 'board-silent', board, at }] : [] }
}

const look = (
  known: DoorWatch | undefined,
  reading: DoorReading,
  at: Millis,
  unseen: boolean,
  rules: WatchRules,
): { door: DoorWatch; happenings: readonly Happening[] } => {
  const door = { board: reading.board, channel: reading.channel }
  const { occupied } = reading
  const still = known ?? { door: 'unknown', since: at, closing: null, toldTooLong: false, occupied }
  const opened = { door: 'open', since: at, closing: null, toldTooLong: false, occupied } as const
  const closed = { door: 'closed', since: at, closing: null, toldTooLong: false, occupied } as const
  if (reading.door === 'unknown') return { door: still, happenings: [] }
  if (reading.door === 'open') {
    if (still.door !== 'open')
      return {
        door: opened,
        happenings: known ? [{ kind: 'opened', door, at, was: still.door, unseen }] : [],
      }
    const tooLong = !still.toldTooLong && at - still.since >= rules.openTooLong
    return {
      door: { ...still, occupied, closing: null, toldTooLong: still.toldTooLong || tooLong },
      happenings: tooLong ? [{ kind: 'open-too-long', door, at, since: still.since }] : [],
    }
  }
  if (still.door === 'closed') return { door: { ...still, occupied }, happenings: [] }
  if (still.door === 'unknown') return { door: closed, happenings: [] }
  const closing = {
    looks: (still.closing?.looks ?? 0) + 1,
    from: still.closing?.from ?? at,
    unseen: still.closing?.unseen ?? unseen,
  }
  if (closing.looks < rules.closedLooks || at - closing.from < rules.closedFor)
    return { door: { ...still, occupied, closing }, happenings: [] }
  return {
    door: { ...closed, since: closing.from },
    happenings: [{ kind: 'closed', door, at: closing.from, was: 'open', unseen: closing.unseen }],
  }
}
