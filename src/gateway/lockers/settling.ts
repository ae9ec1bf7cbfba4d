import type { Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import { orThrow } from '../../kernel/problem.ts'
import {
  type CompartmentMove,
  type CompartmentState,
  type Contents,
  moved,
  moves,
  sameParcel,
} from '../../lockers/compartments.ts'
import type { Tx } from '../store/db.ts'
import { changeVisit, type Visit } from '../store/door-visits.ts'
import { appendLockerEvent, keepEvidence } from '../store/locker-events.ts'
import type { LockerKey } from '../store/locker-tables.ts'
import {
  type CompartmentChange,
  changeCompartment,
  findParcel,
  type StoredCompartment,
} from '../store/lockers.ts'
import type { Personal } from '../store/personal.ts'
import { changeCode, voidCodes } from '../store/pickup-codes.ts'
import { issueCode } from './codes.ts'
import type { LockerEvidence, LockerRules } from './ports.ts'

/** One transaction's hand on one locker. */
export interface Desk {
  readonly tx: Tx
  readonly key: LockerKey
  readonly now: Millis
  readonly ids: Ids
  readonly personal: Personal
  readonly rules: LockerRules
  /** The line, where another process speaks on it. */
  readonly elsewhere?: string
}

interface Note {
  readonly at?: Millis
  readonly actor?: string
  readonly visitId?: string | null
  readonly contents?: Contents | null
  readonly data?: Readonly<Record<string, unknown>>
}

/** Writes the locker's history. */
export const note = (
  desk: Desk,
  kind: string,
  compartmentId: string | null,
  more: Note = {},
): Promise<void> =>
  appendLockerEvent(
    desk.tx,
    desk.key,
    {
      id: desk.ids.next(),
      compartmentId,
      kind,
      at: more.at ?? desk.now,
      actor: more.actor ?? 'locker',
      visitId: more.visitId ?? null,
      contents: more.contents ?? null,
      data: more.data ?? {},
    },
    desk.now,
  )

const withPlace: readonly LockerEvidence['what'][] = [
  'put-in-locker',
  'returned-in-locker',
  'door-jammed',
  'compartment-reserved',
]
const withNothing: readonly LockerEvidence['what'][] = ['recovered', 'locker-online', 'door-works']

/** Keeps, in the same transaction, what each line behind the door must be told. Told again, it has the same id. */
export const bearWitness = async (
  desk: Desk,
  what: LockerEvidence['what'],
  visit: Pick<Visit, 'id' | 'compartmentId'>,
  contents: Contents,
  at: Millis,
  deskId?: string,
): Promise<void> => {
  const { lockerId } = desk.key
  const place = {
    lockerId,
    ...(withPlace.includes(what) ? { compartmentId: visit.compartmentId } : {}),
    ...(deskId === undefined ? {} : { deskId }),
  }
  for (const lineId of contents.lineIds)
    await keepEvidence(desk.tx, desk.key, {
      id: `door:${visit.id}-${what}:${lineId}`,
      libraryId: contents.libraryId,
      orderId: contents.orderId,
      lineId,
      source: 'locker',
      what,
      at,
      receivedAt: desk.now,
      data: withNothing.includes(what) ? {} : place,
    } satisfies LockerEvidence)
}

/** The door that had jammed works again: told to what still lies behind it. */
export const tellDoorWorks = async (
  desk: Desk,
  { id, state, contents }: Pick<StoredCompartment, 'id' | 'state' | 'contents'>,
): Promise<void> => {
  if (state !== 'loaded' || !contents) return
  const about = { id: `works-${desk.key.lockerId}-${id}-${desk.now}`, compartmentId: id }
  await bearWitness(desk, 'door-works', about, contents, desk.now)
}

/** Alarms that go by themselves when the door does what it should; the others stay until staff have looked. */
const passing: readonly (string | null)[] = [null, 'open-too-long', 'jammed', 'staff-called']

/** The alarm to show: one that staff must look behind is not hidden by one that goes by itself. */
export const louder = (current: string | null, next: string): string =>
  current !== null && !passing.includes(current) ? current : next

/**
 * Carries a move of the table out, with its time. A place that nobody is certain is empty is not given away with
 * its reservation.
 */
export const applyMove = async (
  desk: Desk,
  compartment: StoredCompartment,
  move: CompartmentMove,
  contents?: Contents,
  more: CompartmentChange = {},
): Promise<StoredCompartment> => {
  const after = orThrow(moved(compartment, move, contents))
  const doubtful =
    move === 'release' && compartment.alarm === 'check-inside' ? { outOfService: 'check-inside' } : {}
  const change = { state: after.state, contents: after.contents, since: desk.now, ...doubtful, ...more }
  await changeCompartment(desk.tx, desk.key, compartment.id, change)
  return { ...compartment, ...change }
}

/** The door of the visit is seen open for the first time. */
export const visitOpened = async (
  desk: Desk,
  visit: Visit,
  compartment: StoredCompartment,
  at: Millis,
): Promise<void> => {
  await changeVisit(desk.tx, desk.key, visit.id, { state: 'open', openedAt: at })
  await changeCompartment(desk.tx, desk.key, compartment.id, {
    wear: compartment.wear + 1,
    lastUsedAt: at,
    ...(compartment.outOfService === 'jammed' ? { outOfService: null } : {}),
    ...(compartment.alarm === 'jammed' || compartment.alarm === 'staff-called' ? { alarm: null } : {}),
  })
  if (compartment.outOfService === 'jammed') {
    await note(desk, 'in-service', compartment.id, { at })
    // Whoever collects just now needs not be told that it can be collected.
    if (visit.purpose !== 'collect') await tellDoorWorks(desk, compartment)
  }
  if (visit.codeId !== null) await changeCode(desk.tx, desk.key, visit.codeId, { usedAt: at })
  // Only now that the other door stands open is it certain that nothing goes behind the first one.
  if (visit.follows !== null && (visit.purpose === 'deposit' || visit.purpose === 'return'))
    await changeVisit(desk.tx, desk.key, visit.follows, { nothingIn: true })
}

/** The door never opened, as far as anyone can tell: what was claimed is given back. */
export const visitFailed = async (
  desk: Desk,
  visit: Visit,
  why: { readonly outcome: string; readonly code?: string },
): Promise<void> => {
  await changeVisit(desk.tx, desk.key, visit.id, {
    state: 'failed',
    outcome: why.outcome,
    settledAt: desk.now,
  })
  await changeCompartment(desk.tx, desk.key, visit.compartmentId, { visitId: null })
  if (visit.codeId !== null) await changeCode(desk.tx, desk.key, visit.codeId, { visitId: null })
  await note(desk, 'not-opened', visit.compartmentId, {
    actor: visit.actor,
    visitId: visit.id,
    contents: visit.contents,
    data: { outcome: why.outcome, ...(why.code === undefined ? {} : { code: why.code }) },
  })
}

/** The door of the visit has closed: now, and not before, it is what it was for. */
export const visitFinished = async (
  desk: Desk,
  visit: Visit,
  compartment: StoredCompartment,
  at: Millis,
  occupied: boolean | undefined,
): Promise<void> => {
  await changeCompartment(desk.tx, desk.key, compartment.id, { visitId: null, heldUntil: 0 })
  const outcome = await outcomeOf(desk, visit, compartment, at, occupied)
  await changeVisit(desk.tx, desk.key, visit.id, {
    state: 'done',
    outcome,
    closedAt: at,
    settledAt: desk.now,
  })
}

const outcomeOf = async (
  desk: Desk,
  visit: Visit,
  compartment: StoredCompartment,
  at: Millis,
  occupied: boolean | undefined,
): Promise<string> => {
  switch (visit.purpose) {
    case 'deposit':
      return deposited(desk, visit, compartment, at, occupied)
    case 'return':
      return returned(desk, visit, compartment, at, occupied)
    case 'collect':
      return collected(desk, visit, compartment, at, occupied)
    case 'recover':
      return takenOut(desk, visit, compartment, at, 'recover')
    case 'empty':
      return takenOut(desk, visit, compartment, at, 'empty')
    case 'service':
    case 'again':
      return 'closed'
  }
}

const past = { recover: 'recovered', empty: 'emptied' } as const

const about = (visit: Visit, at: Millis): Note => ({
  at,
  actor: visit.actor,
  visitId: visit.id,
  contents: visit.contents,
})

const deposited = async (
  desk: Desk,
  visit: Visit,
  compartment: StoredCompartment,
  at: Millis,
  occupied: boolean | undefined,
): Promise<string> => {
  const { contents } = visit
  if (!contents || visit.nothingIn || occupied === false) return 'nothing-in'
  if (compartment.state === 'loaded') return 'closed'
  const reserved = holds(compartment, contents, ['reserved'])
    ? compartment
    : await takenBack(desk, compartment, contents)
  if (!reserved) return checkInside(desk, visit, at)
  await applyMove(desk, reserved, 'load', contents, { since: at, contents })
  await issueCode(desk.tx, desk.key, compartment.id, contents, { ...desk, life: desk.rules.codeLife })
  await bearWitness(desk, 'put-in-locker', visit, contents, at)
  await note(desk, 'loaded', compartment.id, about(visit, at))
  return 'loaded'
}

/** Another door was asked for and did not open, and the parcel went behind this one after all. */
const takenBack = async (
  desk: Desk,
  compartment: StoredCompartment,
  contents: Contents,
): Promise<StoredCompartment | undefined> => {
  const other = await findParcel(desk.tx, contents.libraryId, contents.parcel)
  if (compartment.state !== 'free' || other?.key.lockerId !== desk.key.lockerId) return undefined
  if (other.compartment.state !== 'reserved' || other.compartment.visitId !== null) return undefined
  await applyMove(desk, other.compartment, 'release', contents)
  return applyMove(desk, { ...compartment, outOfService: null }, 'reserve', contents)
}

const returned = async (
  desk: Desk,
  visit: Visit,
  compartment: StoredCompartment,
  at: Millis,
  occupied: boolean | undefined,
): Promise<string> => {
  const { contents } = visit
  if (!contents || visit.nothingIn || occupied === false) return 'nothing-in'
  if (compartment.state !== 'free' || (await findParcel(desk.tx, contents.libraryId, contents.parcel)))
    return checkInside(desk, visit, at)
  const usable = { ...compartment, outOfService: null }
  await applyMove(desk, usable, 'return', contents, { since: at })
  await bearWitness(desk, 'returned-in-locker', visit, contents, at)
  await note(desk, 'returned', compartment.id, about(visit, at))
  return 'returned'
}

const collected = async (
  desk: Desk,
  visit: Visit,
  compartment: StoredCompartment,
  at: Millis,
  occupied: boolean | undefined,
): Promise<string> => {
  const { contents } = visit
  if (occupied === true) {
    if (visit.codeId !== null)
      await changeCode(desk.tx, desk.key, visit.codeId, { usedAt: null, visitId: null })
    // Had it jammed before, it does not any more.
    await tellDoorWorks(desk, compartment)
    return 'still-inside'
  }
  if (!contents || compartment.state === 'free') return 'closed'
  if (visit.nothingIn) {
    await voidCodes(desk.tx, contents.libraryId, contents.parcel, desk.now)
    return 'wrong-item'
  }
  if (!holds(compartment, contents, ['loaded', 'expired'])) return checkInside(desk, visit, at)
  await applyMove(desk, compartment, 'collect', contents, {
    since: at,
    heldUntil: at + desk.rules.againWindow,
    alarm: null,
  })
  await voidCodes(desk.tx, contents.libraryId, contents.parcel, desk.now)
  await bearWitness(desk, 'collected', visit, contents, at)
  await note(desk, 'collected', compartment.id, about(visit, at))
  return 'collected'
}

const takenOut = async (
  desk: Desk,
  visit: Visit,
  compartment: StoredCompartment,
  at: Millis,
  move: 'recover' | 'empty',
): Promise<string> => {
  const { contents } = visit
  if (!contents || compartment.state === 'free') return 'closed'
  if (!holds(compartment, contents, moves[move].from)) return checkInside(desk, visit, at)
  await applyMove(desk, compartment, move, contents, { since: at, alarm: null })
  if (move === 'recover') {
    await voidCodes(desk.tx, contents.libraryId, contents.parcel, desk.now)
    await bearWitness(desk, 'recovered', visit, contents, at)
  }
  await note(desk, past[move], compartment.id, about(visit, at))
  return past[move]
}

const holds = (
  compartment: StoredCompartment,
  contents: Contents,
  states: readonly CompartmentState[],
): boolean => states.includes(compartment.state) && sameParcel(compartment.contents, contents)

/** Nobody can tell what lies inside: nothing else goes in until staff have looked. */
const checkInside = async (desk: Desk, visit: Visit, at: Millis): Promise<string> => {
  await changeCompartment(desk.tx, desk.key, visit.compartmentId, {
    outOfService: 'check-inside',
    alarm: 'check-inside',
  })
  await note(desk, 'out-of-service', visit.compartmentId, {
    ...about(visit, at),
    data: { why: 'check-inside' },
  })
  return 'check-inside'
}
