import type { Millis } from '../../kernel/clock.ts'
import type { HeldCode, HoldsCodes } from '../../lockers/locker.ts'
import { answers } from '../../lockers/watch.ts'
import { careOf } from '../store/locker-care.ts'
import { compartmentsOf } from '../store/lockers.ts'
import { codesOf } from '../store/pickup-codes.ts'
import type { Inside, Station } from './inside.ts'

/** What the orders do to parcels reaches the cabinets within so long. */
const askEvery: Millis = 5_000

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
  const wantedOf = new Map<Station, ReadonlyMap<number, ReadonlyMap<string, HeldCode>>>()

  /** Orders free and expire parcels in transactions of their own: asked from time to time even when nothing happened here. */
  const wantedNow = async (station: Station) => {
    const now = inside.options.clock.now()
    const { codes } = station
    const known = wantedOf.get(station)
    if (known && !codes.stale && now - codes.askedAt < askEvery) return known
    codes.stale = false
    codes.askedAt = now
    const fresh = await wantedAt(inside, station)
    wantedOf.set(station, fresh)
    return fresh
  }

  const alike = async (board: number, wanted: ReadonlyMap<string, HeldCode>): Promise<void> => {
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
    const boards = new Map<number, Map<string, HeldCode>>()
    for (const station of stations)
      for (const [board, codes] of await wantedNow(station))
        boards.set(board, new Map([...(boards.get(board) ?? []), ...codes]))
    for (const [board, wanted] of boards) {
      if (stations.some(one => answers(one.line().watch(), board))) await alike(board, wanted)
      else held.delete(board)
    }
  }
}

/** Codes of what is loaded and that nobody is using at this moment; none while the cabinet is being serviced. */
const wantedAt = async (
  inside: Inside,
  { key, site }: Station,
): Promise<ReadonlyMap<number, ReadonlyMap<string, HeldCode>>> => {
  const { store, clock } = inside.options
  const now = clock.now()
  const wanted = new Map<number, Map<string, HeldCode>>(
    site.compartments.map(one => [one.board, new Map<string, HeldCode>()]),
  )
  if ((await careOf(store.db, key)).maintenance !== null) return wanted
  const doors = new Map((await compartmentsOf(store.db, key)).map(one => [one.id, one]))
  for (const code of await codesOf(store.db, key, now)) {
    const door = doors.get(code.compartmentId)
    if (code.usedAt !== null || code.voidAt !== null || code.expiresAt <= now || code.visitId !== null)
      continue
    if (door?.state !== 'loaded' || door.contents?.parcel !== code.parcel) continue
    const { board, channel } = door
    wanted
      .get(board)
      ?.set(code.id, { id: code.id, door: { board, channel }, hash: code.hash, until: code.expiresAt })
  }
  return wanted
}
