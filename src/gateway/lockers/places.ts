import type { Millis } from '../../kernel/clock.ts'
import type { Problem } from '../../kernel/problem.ts'
import { isAvailable } from '../../lockers/choose.ts'
import { sameParcel } from '../../lockers/compartments.ts'
import type { KeepsPlaces, KeptPlace, PlaceTold } from '../../lockers/locker.ts'
import {
  changePlace,
  insertPlace,
  livingPlaces,
  type PlaceChange,
  placeByReference,
  type StoredPlace,
} from '../store/locker-places.ts'
import { compartmentsOf, type StoredCompartment } from '../store/lockers.ts'
import { voidCodes } from '../store/pickup-codes.ts'
import type { Inside, Station } from './inside.ts'
import { applyMove, bearWitness, type Desk, note } from './settling.ts'

/** What was reserved or freed meanwhile is seen within so long. */
const askEvery: Millis = 2000
const firstWait: Millis = 5000
const longestWait: Millis = 60_000
/** A vendor who has said neither yes nor no within this time has said no. */
const patience: Millis = 15 * 60_000
/** A place that is to be let go is asked for no longer than this: it runs out by itself. */
const leavingFor: Millis = 24 * 3_600_000
/** One that is gone as soon as it was asked for was never there. */
const goneAtOnce: Millis = 60_000

export interface PlaceKeeper {
  /** Sees to what is due; without waiting for the vendor, who must not hold up the looks at the doors. */
  round(): void
  /** Listens to what the vendor tells of places. Returns the way to stop. */
  hear(): () => void
  /** Begins nothing more; resolves when what is under way is done. */
  stop(): Promise<void>
}

/**
 * Keeps a place at the vendor for every parcel that has a compartment reserved: asked for after our own reservation
 * was written, by a reference that was written before; asked after wherever an answer got lost; for longer before it
 * runs out; let go when the parcel is out of the cabinet. His no turns the delivery away, as a cabinet that is away.
 */
export const keepPlaces = (
  inside: Inside,
  stations: readonly Station[],
  driver: KeepsPlaces,
  name: string,
): PlaceKeeper => {
  const { store, clock, ids } = inside.options
  const { log } = inside
  const { life, longer } = driver.placeTerms
  const askedAt = new Map<Station, Millis>()
  let working: Promise<void> | undefined
  let stopped = false

  /** Who is due for what now, after places and compartments were compared. */
  const compare = (station: Station): Promise<readonly StoredPlace[]> =>
    store.tx(async tx => {
      const { key } = station
      const now = clock.now()
      const doors = await compartmentsOf(tx, key)
      const kept = await livingPlaces(tx, key)
      for (const place of kept) {
        if (place.state === 'leaving' || doorOf(doors, place)) continue
        await changePlace(tx, key, place.reference, leaving(place, now))
      }
      const has = new Set(kept.filter(one => one.state !== 'leaving' && doorOf(doors, one)).map(keyOf))
      for (const door of doors) {
        // Whoever stands at it opens it at this moment, and needs nobody's leave.
        if (door.state !== 'reserved' || !door.contents || door.visitId !== null) continue
        const { libraryId, parcel } = door.contents
        if (has.has(keyOf(door.contents))) continue
        await insertPlace(tx, key, {
          reference: ids.next(),
          board: door.board,
          libraryId,
          parcel,
          createdAt: now,
        })
      }
      return (await livingPlaces(tx, key)).filter(one => one.dueAt <= now)
    })

  const work = async (): Promise<void> => {
    for (const station of stations) {
      const now = clock.now()
      if (now - (askedAt.get(station) ?? Number.NEGATIVE_INFINITY) < askEvery) continue
      askedAt.set(station, now)
      for (const place of await compare(station)) {
        await see(station, place)
      }
    }
  }

  const change = (station: Station, place: StoredPlace, to: PlaceChange) =>
    inside.tx(station, desk => changePlace(desk.tx, desk.key, place.reference, to))

  const see = async (station: Station, place: StoredPlace): Promise<void> => {
    const now = clock.now()
    const wait = Math.min(firstWait * 2 ** Math.min(place.tries, 10), longestWait)
    // Written before anything is sent: whoever comes after us knows that it may have been.
    await change(station, place, { tries: place.tries + 1, dueAt: now + wait })
    if (place.state === 'leaving') return leave(station, place)
    const since = place.askedAt ?? place.createdAt
    if (place.state !== 'kept' && now - since >= patience)
      return settle(station, place.reference, { state: 'refused' }, 'no-answer')
    if (place.state === 'kept') return prolong(station, place)
    if (place.state === 'asked' || place.tries > 0) {
      const known = await driver.placeNow(refOf(place))
      if (!known.ok) return later(station, place, known.problem)
      if (known.value && known.value.state !== 'gone')
        return settle(station, place.reference, known.value, 'refused')
      if (known.value) return settle(station, place.reference, known.value, 'gone')
      // It has the wish, and does not show it yet.
      if (place.state === 'asked') return
    }
    return ask(station, place)
  }

  const ask = async (station: Station, place: StoredPlace): Promise<void> => {
    const door = doorOf(await compartmentsOf(store.db, station.key), place)
    if (!door) return
    const until = clock.now() + life
    const { reference } = place
    const answer = await driver.keepPlace({ reference, door, size: door.size, until })
    if (answer.ok) return settle(station, reference, answer.value, 'refused', until)
    if (answer.problem.retry === 'never' && !answer.problem.maybeDone)
      return settle(station, reference, { state: 'refused' }, answer.problem.code)
    await later(station, place, answer.problem)
  }

  /** What its time is nearly over of: kept for longer, or asked for anew. One that holds a parcel needs no other. */
  const prolong = async (station: Station, place: StoredPlace): Promise<void> => {
    if (longer === 'same') return ask(station, place)
    await change(station, place, { state: 'over' })
  }

  const leave = async (station: Station, place: StoredPlace): Promise<void> => {
    const answer = await driver.letGo(refOf(place))
    const now = clock.now()
    const tired = now - Math.max(place.until ?? 0, place.createdAt) > leavingFor
    if (!answer.ok && !tired && answer.problem.retry !== 'never') return later(station, place, answer.problem)
    if (!answer.ok)
      log.warn({ line: name, place: place.reference, problem: answer.problem.code }, 'a place was not let go')
    await change(station, place, { state: 'over' })
  }

  const later = async (station: Station, place: StoredPlace, problem: Problem): Promise<void> => {
    log.warn({ line: name, place: place.reference, problem: problem.code }, 'a place waits')
    if (problem.notBefore !== undefined) await change(station, place, { dueAt: problem.notBefore })
  }

  const settle = async (
    station: Station,
    reference: string,
    told: KeptPlace,
    code: string,
    until?: Millis,
  ): Promise<void> => {
    const moved = await inside.tx(station, async desk => {
      const place = await placeByReference(desk.tx, desk.key, reference)
      if (!place || (place.state !== 'wanted' && place.state !== 'asked' && place.state !== 'kept'))
        return false
      return settled(desk, station, place, told, code, until ?? place.until ?? desk.now + life, margin(life))
    })
    if (moved) inside.happened(station)
  }

  /** A push: known by our reference, or by the vendor's number alone. What nobody waits for is passed over. */
  const told = async (board: number | undefined, one: PlaceTold): Promise<void> => {
    for (const station of stations)
      for (const place of await livingPlaces(store.db, station.key)) {
        if (board !== undefined && place.board !== board) continue
        const ours =
          one.reference === undefined ? place.number === one.number : place.reference === one.reference
        if (ours && place.state !== 'leaving') await settle(station, place.reference, one, 'refused')
      }
  }

  return {
    round: () => {
      if (stopped) return
      working ??= work()
        .catch(error => log.warn({ line: name, problem: String(error) }, 'places wait'))
        .finally(() => {
          working = undefined
        })
    },
    hear: () => driver.onPlace(told),
    stop: async () => {
      stopped = true
      await working
    },
  }
}

const margin = (life: Millis): Millis => Math.min(30 * 60_000, life / 4)

const keyOf = ({ libraryId, parcel }: { libraryId: string; parcel: string }): string =>
  `${libraryId}/${parcel}`

const refOf = ({ board, reference, number }: StoredPlace) => ({
  board,
  reference,
  ...(number === null ? {} : { number }),
})

const doorOf = (
  doors: readonly StoredCompartment[],
  { board, libraryId, parcel }: StoredPlace,
): StoredCompartment | undefined =>
  doors.find(
    one =>
      one.board === board &&
      sameParcel(one.contents, { libraryId, parcel, orderId: '', lineIds: [] }) &&
      one.state !== 'returned',
  )

/** What was surely never asked for needs not be let go. */
const leaving = (place: StoredPlace, now: Millis) =>
  place.state === 'wanted' && place.tries === 0
    ? ({ state: 'over' } as const)
    : ({ state: 'leaving', tries: 0, dueAt: now } as const)

/** Writes down what has become of a place; true when anything is otherwise than before. */
const settled = async (
  desk: Desk,
  station: Station,
  place: StoredPlace,
  told: KeptPlace,
  code: string,
  until: Millis,
  before: Millis,
): Promise<boolean> => {
  const { tx, key, now } = desk
  const to = (change: PlaceChange) => changePlace(tx, key, place.reference, change)
  const number = told.number ?? place.number
  const door = doorOf(await compartmentsOf(tx, key), place)
  switch (told.state) {
    case 'asked':
      if (place.state === 'wanted')
        await to({ state: 'asked', number, until, askedAt: now, tries: 0, dueAt: now + firstWait })
      return false
    case 'kept':
      await to({
        state: 'kept',
        number,
        until,
        tries: 0,
        dueAt: until - before,
        askedAt: place.askedAt ?? now,
      })
      if (place.state !== 'kept' && door)
        await note(desk, 'place-kept', door.id, { contents: door.contents, data: { number } })
      return door !== undefined && told.channel !== undefined && moveTo(desk, door, told.channel, place)
    case 'gone':
      if (now - place.createdAt >= goneAtOnce || door?.state !== 'reserved') {
        await to({ state: 'over' })
        return false
      }
      break
    case 'refused':
  }
  // Where nobody answered, the vendor may yet keep it.
  await to(
    code === 'no-answer' && place.tries > 0
      ? { state: 'leaving', tries: 0, dueAt: now }
      : { state: 'refused', number },
  )
  return door !== undefined && turnedAway(desk, station, door, place, code)
}

/** The vendor gives another door than ours: the reservation moves there, where that is free in our books too. */
const moveTo = async (
  desk: Desk,
  door: StoredCompartment,
  channel: number,
  place: StoredPlace,
): Promise<boolean> => {
  const { contents } = door
  if (channel === door.channel || !contents || door.state !== 'reserved') return false
  const other = (await compartmentsOf(desk.tx, desk.key)).find(
    one => one.board === door.board && one.channel === channel,
  )
  if (!other || !isAvailable(other, desk.now) || door.visitId !== null) {
    await note(desk, 'place-elsewhere', door.id, { contents, data: { channel } })
    return true
  }
  await applyMove(desk, door, 'release', contents)
  await applyMove(desk, other, 'reserve', contents)
  await note(desk, 'reserved', other.id, { contents, data: { insteadOf: door.id, why: 'place-kept' } })
  const about = { id: `place-${place.reference}`, compartmentId: other.id }
  await bearWitness(desk, 'compartment-reserved', about, contents, desk.now)
  return true
}

/** As for a cabinet that is away: the parcel goes to the desk, and its compartment is given back. */
const turnedAway = async (
  desk: Desk,
  { site }: Station,
  door: StoredCompartment,
  place: StoredPlace,
  code: string,
): Promise<boolean> => {
  const { contents } = door
  // Somebody may be putting it in at this moment.
  if (!contents || door.state !== 'reserved' || door.visitId !== null) return false
  const about = { id: `place-${place.reference}`, compartmentId: door.id }
  await bearWitness(desk, 'place-refused', about, contents, desk.now, site.desk)
  await voidCodes(desk.tx, contents.libraryId, contents.parcel, desk.now)
  await applyMove(desk, door, 'release', contents)
  await note(desk, 'place-refused', door.id, { contents, data: { code } })
  return true
}
