import type { Millis } from '../../kernel/clock.ts'
import type { HeldCode, HoldsCodes } from '../../lockers/locker.ts'
import { answers } from '../../lockers/watch.ts'
import { openingCodes } from '../store/pickup-codes.ts'
import type { Inside, Station } from './inside.ts'
import { stationsByBoard } from './sighting.ts'
import { nameOf } from './together.ts'

/** What the orders do to parcels reaches the cabinets within so long. */
const askEvery: Millis = 5_000

type Codes = ReadonlyMap<string, HeldCode>
const none: Codes = new Map()

/**
 * Keeps the codes that cabinets hold like the living codes of what is loaded, board by board. What a cabinet holds
 * is asked once, after each silence, and then remembered; what could not be put or removed is tried next time.
 */
export const keepCodes = (
  inside: Inside,
  stations: readonly Station[],
  driver: HoldsCodes,
): (() => Promise<void>) => {
  const held = new Map<number, Set<string>>()
  const byBoard = stationsByBoard(stations)
  const wantedOf = new Map<Station, ReadonlyMap<number, Codes>>()

  /** Orders free and expire parcels in transactions of their own: asked from time to time even when nothing happened here. */
  const askForWanted = async (): Promise<void> => {
    const now = inside.options.clock.now()
    const due = stations.filter(
      one => !wantedOf.has(one) || one.codes.stale || now - one.codes.askedAt >= askEvery,
    )
    const anew = due.some(one => one.codes.stale)
    for (const { codes } of due) {
      codes.stale = false
      codes.askedAt = now
    }
    for (const station of due) wantedOf.delete(station)
    for (const [station, wanted] of await wantedAt(inside, due, anew)) wantedOf.set(station, wanted)
  }

  const alike = async (board: number, wanted: Codes): Promise<void> => {
    let there = held.get(board)
    if (!there) {
      const answer = await driver.heldCodes(board)
      if (!answer.ok) return
      there = new Set(answer.value)
      held.set(board, there)
    }
    for (const id of [...there])
      if (!wanted.has(id) && (await driver.removeCode(board, id)).ok) there.delete(id)
    for (const [id, code] of wanted) if (!there.has(id) && (await driver.putCode(code)).ok) there.add(id)
  }

  return async () => {
    await askForWanted()
    for (const [board, here] of byBoard) {
      if (!here.some(one => answers(one.line().watch(), board))) held.delete(board)
      else {
        const wanted = together(here.map(one => wantedOf.get(one)?.get(board) ?? none))
        if (!isAlike(held.get(board), wanted)) await alike(board, wanted)
      }
    }
  }
}

const isAlike = (there: ReadonlySet<string> | undefined, wanted: Codes): boolean =>
  there?.size === wanted.size && there.isSubsetOf(wanted)

const together = (codes: readonly Codes[]): Codes =>
  codes.length === 1 ? codes[0]! : new Map(codes.flatMap(one => [...one]))

/** Codes of what is loaded and that nobody is using at this moment; none while the cabinet is being serviced. */
const wantedAt = async (
  inside: Inside,
  stations: readonly Station[],
  anew: boolean,
): Promise<ReadonlyMap<Station, ReadonlyMap<number, Codes>>> => {
  const { store, clock } = inside.options
  const wanted = new Map<Station, Map<number, Map<string, HeldCode>>>(
    stations.map(station => [station, new Map()]),
  )
  if (stations.length === 0) return wanted
  const cared = await inside.together.cared(anew)
  const served = stations.filter(one => !cared.get(nameOf(one))?.maintenance)
  for (const [libraryId, here] of Map.groupBy(served, one => one.key.libraryId)) {
    const byLocker = new Map(here.map(one => [one.key.lockerId, wanted.get(one)!]))
    for (const code of await openingCodes(store.db, libraryId, [...byLocker.keys()], clock.now())) {
      const { board, channel } = code
      const boards = byLocker.get(code.lockerId)!
      const codes = boards.get(board) ?? new Map<string, HeldCode>()
      boards.set(board, codes)
      codes.set(code.id, { id: code.id, door: { board, channel }, hash: code.hash, until: code.expiresAt })
    }
  }
  return wanted
}
