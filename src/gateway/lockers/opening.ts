import { type Answer, no, type Problem, ProblemError, type Words, yes } from '../../kernel/problem.ts'
import { choose, larger, sizeForItems, type Wish } from '../../lockers/choose.ts'
import { type Contents, sameParcel } from '../../lockers/compartments.ts'
import type { CompartmentSize } from '../../lockers/locker.ts'
import { audit } from '../store/audit.ts'
import { isGone } from '../store/db.ts'
import { changeVisit, insertVisit, type Visit, visitById } from '../store/door-visits.ts'
import type { Purpose } from '../store/locker-tables.ts'
import { changeCompartment, compartmentsOf, type StoredCompartment } from '../store/lockers.ts'
import { askHolder, type Carried, carried, fetched, inOtherHands } from './carrying.ts'
import type { Inside, Station } from './inside.ts'
import type { KioskAnswer, Reservation } from './ports.ts'
import { applyMove, bearWitness, type Desk, louder, note, visitFailed } from './settling.ts'
import {
  doorInUse,
  jammedInside,
  jammedWords,
  lockerFull,
  lostTrack,
  openWords,
  unclearWords,
  unknownVisit,
} from './words.ts'

/** Who opens which door for what. */
export interface Intent {
  readonly purpose: Purpose
  readonly contents: Contents | null
  /** `kiosk:<device>`, `staff:<id>`, `reader:<id>`, `courier:<name>`: never a name of a person. */
  readonly actor: string
  readonly reason?: string
  readonly codeId?: string
  readonly follows?: string
  /** Doors tried before in this matter. */
  readonly tried?: readonly string[]
}

export interface Begun {
  readonly visit: Visit
  readonly compartment: StoredCompartment
  readonly intent: Intent
  /** What the process that holds the line was asked, where that is another. */
  readonly asked?: string | undefined
}

/** Written before any pulse: who wants which door open, and why. One visit at a door at a time. */
export const begin = async (
  desk: Desk,
  compartment: StoredCompartment,
  intent: Intent,
): Promise<Answer<Begun>> => {
  if (compartment.visitId !== null) return no(doorInUse)
  const visit: Visit = {
    id: desk.ids.next(),
    compartmentId: compartment.id,
    purpose: intent.purpose,
    contents: intent.contents,
    actor: intent.actor,
    reason: intent.reason ?? null,
    codeId: intent.codeId ?? null,
    follows: intent.follows ?? null,
    nothingIn: false,
    state: 'intended',
    outcome: null,
    intendedAt: desk.now,
    openedAt: null,
    closedAt: null,
    settledAt: null,
  }
  await insertVisit(desk.tx, desk.key, visit)
  await changeCompartment(desk.tx, desk.key, compartment.id, { visitId: visit.id })
  if (intent.reason !== undefined) {
    await audit(desk.tx, {
      libraryId: desk.key.libraryId,
      at: desk.now,
      actor: intent.actor,
      action: 'locker-opened',
      subject: `${desk.key.lockerId}/${compartment.id}`,
      reason: intent.reason,
      data: { purpose: intent.purpose, visit: visit.id },
    })
    await note(desk, 'remote-open', compartment.id, {
      actor: intent.actor,
      visitId: visit.id,
      contents: compartment.contents,
    })
  }
  const asked = await askHolder(desk, compartment, visit.id)
  return yes({ visit, compartment: { ...compartment, visitId: visit.id }, intent, asked })
}

/** One more try at the door of a visit that has not come to rest, unless it has meanwhile or is being opened. */
export const tryAgain = async (inside: Inside, desk: Desk, begun: Begun): Promise<Answer<Begun>> => {
  const visit = await visitById(desk.tx, desk.key, begun.visit.id)
  if (!visit || visit.settledAt !== null) return no(unknownVisit)
  if (inside.inHand.has(visit.id) || (await inOtherHands(desk, visit.id))) return no(doorInUse)
  await changeVisit(desk.tx, desk.key, visit.id, { state: visit.state })
  const asked = await askHolder(desk, begun.compartment, visit.id)
  return yes({ ...begun, visit, asked })
}

/** Runs `prepare` in a transaction and opens the door it chose; a refusal becomes an answer for the screen. */
export const openBy = async (
  inside: Inside,
  station: Station,
  prepare: (desk: Desk) => Promise<Answer<Begun | { readonly shown: KioskAnswer }>>,
): Promise<KioskAnswer> => {
  const prepared = await inside.at(station, prepare)
  if (!prepared.ok) return refusal(prepared.problem)
  if ('shown' in prepared.value) return prepared.value.shown
  return openDoor(inside, station, prepared.value)
}

/** Opens the door of a visit that has been written down. */
export const openDoor = async (inside: Inside, station: Station, begun: Begun): Promise<KioskAnswer> => {
  const { visit, compartment } = begun
  if (begun.asked === undefined) inside.inHand.add(visit.id)
  try {
    const opening = await moveDoor(inside, station, begun)
    switch (opening.kind) {
      case 'busy':
        return refusal(opening.problem)
      case 'open':
        return screen(inside, begun, 'open', openWords[visit.purpose](compartment.label))
      case 'not': {
        const open = await inside.at(station, async desk => {
          if (await hasOpened(desk, visit)) return true
          await visitFailed(desk, visit, { outcome: 'not-opened', code: opening.problem.code })
          return false
        })
        if (open) return screen(inside, begun, 'open', openWords[visit.purpose](compartment.label))
        station.visits.delete(visit.id)
        return refusal(opening.problem)
      }
      case 'unclear': {
        const open = await inside.at(station, async desk => {
          if (await hasOpened(desk, visit)) return true
          await changeVisit(desk.tx, desk.key, visit.id, { state: 'unclear' })
          await note(desk, 'unclear', compartment.id, { visitId: visit.id, contents: visit.contents })
          return false
        })
        if (open) return screen(inside, begun, 'open', openWords[visit.purpose](compartment.label))
        return {
          ...(await screen(inside, begun, 'no', unclearWords(compartment.label))),
          problem: opening.problem,
        }
      }
      case 'jammed':
        return await jammed(inside, station, begun)
    }
  } catch (error) {
    if (!isGone(error)) throw error
    // The pulse may have been given; the door is read when the database is back, and nothing is pulsed again by itself.
    inside.log.error({ locker: station.site.id, problem: String(error) }, 'the database went away at a door')
    const { id, label, row, column } = compartment
    return {
      ...refusal(lostTrack),
      say: unclearWords(label),
      compartment: { id, label, row, column },
      visit: visit.id,
    }
  } finally {
    inside.inHand.delete(visit.id)
    if (begun.asked !== undefined) await fetched(inside, begun.asked)
  }
}

/** A slow spring, or a look that came in between: the visit has gone on, and is not thrown back. */
const hasOpened = async (desk: Desk, { id }: Visit): Promise<boolean> => {
  const now = await visitById(desk.tx, desk.key, id)
  return now !== undefined && (now.state === 'open' || now.settledAt !== null)
}

/** Here, or by the process that holds the line. */
const moveDoor = async (inside: Inside, station: Station, begun: Begun): Promise<Carried> => {
  if (begun.asked !== undefined) return carried(inside, begun.asked)
  station.visits.add(begun.visit.id)
  station.line().hurry(begun.compartment.board)
  return station.line().open(begun.compartment)
}

/** Putting in goes to the next door; what is inside stays, and its code stays valid. */
const jammed = async (inside: Inside, station: Station, begun: Begun): Promise<KioskAnswer> => {
  const { visit, compartment, intent } = begun
  const puttingIn = intent.purpose === 'deposit' || intent.purpose === 'return'
  const next = await inside.at(station, async desk => {
    if (await hasOpened(desk, visit)) return 'open'
    await changeCompartment(desk.tx, desk.key, compartment.id, {
      outOfService: compartment.outOfService ?? 'jammed',
      alarm: louder(compartment.alarm, 'jammed'),
    })
    const about = { actor: intent.actor, visitId: visit.id, contents: visit.contents }
    await note(desk, 'jammed', compartment.id, about)
    if (compartment.outOfService === null)
      await note(desk, 'out-of-service', compartment.id, { ...about, data: { why: 'jammed' } })
    if (puttingIn) {
      const other = await otherDoor(desk, begun, compartment.size)
      if (other) await visitFailed(desk, visit, { outcome: 'moved' })
      if (other) return other
    }
    if (intent.contents && (intent.purpose === 'collect' || intent.purpose === 'deposit'))
      await bearWitness(desk, 'door-jammed', visit, intent.contents, desk.now)
    if (intent.purpose === 'collect') await changeVisit(desk.tx, desk.key, visit.id, { state: 'jammed' })
    else await visitFailed(desk, visit, { outcome: 'not-opened', code: 'jammed' })
    return undefined
  })
  if (next === 'open') return screen(inside, begun, 'open', openWords[visit.purpose](compartment.label))
  if (intent.purpose !== 'collect') station.visits.delete(visit.id)
  if (next) return openDoor(inside, station, next)
  const say = intent.purpose === 'collect' ? jammedInside : jammedWords
  return screen(inside, begun, 'jammed', say(compartment.label))
}

/**
 * Another free door for what was to be put behind this one, at least so large; a reservation moves with it. The
 * door that was tried is left to its own visit.
 */
export const otherDoor = async (
  desk: Desk,
  { visit, compartment, intent }: Begun,
  size: CompartmentSize,
): Promise<Begun | undefined> => {
  const all = await compartmentsOf(desk.tx, desk.key)
  const tried = [...(intent.tried ?? []), compartment.id]
  const wish = { size, accessible: compartment.accessible, not: new Set(tried) }
  const chosen = choose(all, wish, desk.now)
  if (!chosen) return undefined
  if (intent.purpose === 'deposit' && intent.contents) {
    const current = all.find(one => sameParcel(one.contents, intent.contents!))
    const theirs = current === undefined || current.visitId === null || current.visitId === visit.id
    if (!theirs || (current && current.state !== 'reserved')) return undefined
    if (current) await applyMove(desk, current, 'release', intent.contents)
    await applyMove(desk, chosen, 'reserve', intent.contents)
    await note(desk, 'reserved', chosen.id, {
      contents: intent.contents,
      data: { insteadOf: compartment.id },
    })
  }
  const { reason: _once, ...plain } = intent
  const next = await begin(desk, chosen, { ...plain, tried, follows: visit.id })
  return next.ok ? next.value : undefined
}

/** A size larger, or the same again where there is none. */
export const orLarger = (size: CompartmentSize): CompartmentSize => larger(size) ?? size

export const contentsOf = ({ libraryId, orderId, parcel, lineIds }: Contents): Contents => ({
  libraryId,
  orderId,
  parcel,
  lineIds,
})
export const wishOf = ({ lineIds, size, accessible }: Reservation): Wish => ({
  size: size ?? sizeForItems(lineIds.length),
  accessible: accessible ?? false,
})

/** The compartment that waits for the parcel, or a free one reserved now. */
export const placeFor = async (
  desk: Desk,
  contents: Contents,
  wish: Wish,
): Promise<Answer<StoredCompartment>> => {
  const all = await compartmentsOf(desk.tx, desk.key)
  const waiting = all.find(one => sameParcel(one.contents, contents))
  if (waiting?.state === 'reserved' && waiting.outOfService !== null) {
    const better = choose(all, wish, desk.now)
    if (!better) return no(lockerFull)
    await applyMove(desk, waiting, 'release', contents)
    return yes(await reserveAt(desk, better, contents))
  }
  if (waiting) return yes(waiting)
  const chosen = choose(all, wish, desk.now)
  return chosen ? yes(await reserveAt(desk, chosen, contents)) : no(lockerFull)
}

const reserveAt = async (
  desk: Desk,
  chosen: StoredCompartment,
  contents: Contents,
): Promise<StoredCompartment> => {
  const reserved = await applyMove(desk, chosen, 'reserve', contents)
  await note(desk, 'reserved', chosen.id, { contents })
  return reserved
}

export const refusal = (problem: Problem): KioskAnswer => ({
  signal: 'no',
  say: problem.say,
  compartment: null,
  titles: [],
  visit: null,
  problem,
})

/** What the screen shows of a visit. */
export const screen = async (
  inside: Inside,
  { visit, compartment }: Pick<Begun, 'visit' | 'compartment'>,
  signal: KioskAnswer['signal'],
  say: Words,
): Promise<KioskAnswer> => {
  const { store, titles } = inside.options
  const { contents } = visit
  return {
    signal,
    say,
    compartment: {
      id: compartment.id,
      label: compartment.label,
      row: compartment.row,
      column: compartment.column,
    },
    titles: (contents && (await titles?.(store.db, contents.libraryId, contents.lineIds))) ?? [],
    visit: visit.id,
  }
}

/** Refusals thrown by `station` and the like, as answers. */
export const answering = async (act: () => Promise<KioskAnswer>): Promise<KioskAnswer> => {
  try {
    return await act()
  } catch (error) {
    if (error instanceof ProblemError) return refusal(error.problem)
    throw error
  }
}
