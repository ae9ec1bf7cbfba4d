import type { Millis } from '../../kernel/clock.ts'
import { type Answer, no, yes } from '../../kernel/problem.ts'
import { isAvailable } from '../../lockers/choose.ts'
import type { CompartmentSize } from '../../lockers/locker.ts'
import { audit } from '../store/audit.ts'
import type { Tx } from '../store/db.ts'
import type { BulkOpening, LockerCare } from '../store/locker-care.ts'
import { type LockerEventView, lockerEvents } from '../store/locker-events.ts'
import {
  changeCompartment,
  compartmentById,
  compartmentsOf,
  findParcel,
  type StoredCompartment,
} from '../store/lockers.ts'
import { voidCodes } from '../store/pickup-codes.ts'
import { type BulkDoor, careActs, type LockerAlarm, notSentTo } from './care.ts'
import { type ReaderCode, readerCodes } from './codes.ts'
import { handingOver } from './handing-over.ts'
import { type PhoneActs, phoneActs } from './here.ts'
import { createInside } from './inside.ts'
import { type LentLine, lendLine, setupProcess } from './lending-line.ts'
import { contentsOf, placeFor, wishOf } from './opening.ts'
import { type KioskState, kioskState, type LockerPicture, picture } from './picture.ts'
import type { KioskAnswer, LockersOptions, Reservation } from './ports.ts'
import { applyMove, note, tellDoorWorks } from './settling.ts'
import { staffActs } from './staff.ts'
import { viewOf } from './view.ts'
import { visitActs } from './visiting.ts'
import { unknownCompartment, unknownLocker } from './words.ts'

export type { BulkOpening, LockerCare } from '../store/locker-care.ts'
export type { BulkDoor, LockerAlarm } from './care.ts'
export type { Here, PhoneCorner } from './here.ts'
export type { KioskState, LockerPicture } from './picture.ts'
export type { KioskAnswer, LockerEvidence, LockerSite, LockersOptions, Reservation } from './ports.ts'

/** Who acts at a locker: `kiosk:<device>`, `staff:<id>`, `reader:<id>`, `courier:<name>`. */
export type Actor = string

export interface StaffAct {
  readonly lockerId: string
  readonly compartmentId: string
  /** `staff:<id>`. */
  readonly actor: Actor
  readonly reason: string
}

/** What a person at the door wants of a visit that is under way or just over. */
export type AgainHow = 'same-door' | 'other-door' | 'call-staff' | 'nothing-in' | 'wrong-item'

export interface Place {
  readonly lockerId: string
  readonly compartmentId: string
  readonly label: string
  readonly size: CompartmentSize
}

/** A parcel that lies ready, named by the reader whose order it is. */
export interface ReaderParcel {
  readonly libraryId: string
  readonly orderId: string
  readonly parcel: string
  readonly actor: Actor
}

export interface Decision {
  readonly lockerId: string
  /** Of the wish. */
  readonly id: string
  readonly actor: Actor
}

/** The lockers of all libraries: what lies where, who may open what, and what the doors bear witness to. */
export interface Lockers extends PhoneActs {
  /** Takes the layouts over, reads what was left open, begins to watch the lines. */
  start(): Promise<void>
  /** Stops watching; visits go on after the next start. Drivers stay open: they belong to who made them. */
  stop(): Promise<void>

  /** Keeps a compartment for a parcel; asked again, the same one. `refused/locker-full`, `refused/unknown-locker`. */
  reserve(tx: Tx, reservation: Reservation): Promise<Answer<Place>>
  /** The branch that takes what was meant for the cabinet while it is away. */
  deskFor(lockerId: string): string | undefined
  /** The parcel is not coming, or is elsewhere: frees its compartment and kills its code. Nothing when it has none. */
  release(tx: Tx, libraryId: string, parcel: string): Promise<void>
  /** The reader's time is over: the code is dead, staff take the parcel out. Nothing when it is not there. */
  expire(tx: Tx, libraryId: string, parcel: string): Promise<void>

  /** Staff or courier put a parcel in. A jammed door leads to the next one. */
  deposit(deposit: Reservation & { readonly actor: Actor }): Promise<KioskAnswer>
  /** A code is typed or a QR code scanned at the locker. */
  collect(lockerId: string, code: string, actor: Actor): Promise<KioskAnswer>
  /** Gives a parcel out to who is known otherwise: the reader's own session before the locker, or staff with a reason. */
  handOut(parcel: {
    readonly lockerId: string
    readonly libraryId: string
    readonly parcel: string
    readonly actor: Actor
    readonly reason?: string
  }): Promise<KioskAnswer>
  /** A loan is put back into this locker. */
  giveBack(loan: {
    readonly lockerId: string
    readonly libraryId: string
    readonly orderId: string
    readonly lineId: string
    readonly size?: CompartmentSize
    readonly actor: Actor
  }): Promise<KioskAnswer>
  /**
   * From the screen of a visit: the same door once more, another (larger) door because it did not fit, staff are
   * called, nothing is put in after all, or what lies inside is not the reader's.
   */
  again(lockerId: string, visitId: string, how: AgainHow, actor: Actor): Promise<KioskAnswer>
  /** The person says that the door is shut: it is read at once. */
  confirm(lockerId: string, visitId: string): Promise<KioskAnswer>

  /** Staff take an uncollected or cancelled parcel out. */
  recover(act: StaffAct): Promise<KioskAnswer>
  /** Staff take a return out. */
  empty(act: StaffAct): Promise<KioskAnswer>
  /** Staff open any door for any other reason. */
  remoteOpen(act: StaffAct): Promise<KioskAnswer>
  /** Takes a compartment out of service, or back into it and clears its alarm. */
  setService(act: StaffAct & { readonly inService: boolean }): Promise<Answer<void>>

  /** What staff see. `titles` of the lines inside. */
  picture(lockerId: string): Promise<Answer<LockerPicture>>
  /** What the locker's own screen shows. */
  kioskState(lockerId: string, visitId?: string): Promise<Answer<KioskState>>
  /** Whether it answers, how many compartments are free, and for how many of them something may be sent. */
  summary(
    lockerId: string,
  ): Promise<{ readonly online: boolean; readonly free: number; readonly forDelivery: number }>
  /** The reader's own living codes for an order; nobody else may see them. */
  codes(libraryId: string, orderId: string): Promise<readonly ReaderCode[]>
  /** Newest first; of one compartment when asked for. */
  history(
    lockerId: string,
    query: { since?: Millis; limit: number; compartmentId?: string },
  ): Promise<readonly LockerEventView[]>

  /** A second code for whom the reader sends; a new one makes the last useless. `refused/nothing-there`. */
  handOver(parcel: ReaderParcel): Promise<Answer<ReaderCode>>
  /** The reader goes in person after all: the second code is useless. */
  endHandOver(parcel: ReaderParcel): Promise<Answer<void>>

  /** Maintenance, free notes, and whether its deliveries go to the desk. */
  care(lockerId: string): Promise<LockerCare>
  /** In maintenance nobody is served, staff open doors by hand, and nothing more is sent to the cabinet. */
  setMaintenance(act: Omit<StaffAct, 'compartmentId'> & { readonly on: boolean }): Promise<Answer<void>>
  /** Free text of staff; what is left out stays. */
  noteCare(act: {
    readonly lockerId: string
    readonly actor: Actor
    readonly sanitary?: string
    readonly battery?: string
  }): Promise<Answer<void>>
  /**
   * The key of a cabinet that holds codes itself, in base64url, to be typed into it when it is put up. Whoever has it
   * can try out the codes of this cabinet, and of no other: it is shown for a person and a reason, and audited.
   */
  cabinetKey(act: Omit<StaffAct, 'compartmentId'>): Promise<Answer<string>>
  /** What staff have to look at: of the cabinet, its boards, its doors. */
  alarms(lockerId: string): Promise<readonly LockerAlarm[]>
  /** Somebody has looked and the compartment (null: the cabinet) is as shown: no alarm, and back into service. */
  settleAlarm(
    act: Omit<StaffAct, 'compartmentId'> & { readonly compartmentId: string | null },
  ): Promise<Answer<void>>
  /** Many doors at once: one person asks, a second one agrees within a quarter of an hour. */
  askBulkOpening(
    act: Omit<StaffAct, 'compartmentId'> & { readonly compartmentIds: readonly string[] | 'all' },
  ): Promise<Answer<BulkOpening>>
  /** Wishes that can still be agreed to. */
  bulkOpenings(lockerId: string): Promise<readonly BulkOpening[]>
  /** Opens the doors one after the other. `refused/same-person` for who asked. */
  approveBulkOpening(act: Decision): Promise<Answer<{ readonly doors: readonly BulkDoor[] }>>
  /** Also by who asked. */
  refuseBulkOpening(act: Decision): Promise<Answer<void>>

  /**
   * Gives a line of the settings, or one that is in none, to whoever sets it up: `refused/locker-visits-running` while
   * somebody is at one of its doors, `unreachable/locker-line-elsewhere` where another process has it.
   */
  lendLine(name: string): Promise<Answer<LentLine>>
  /** The other process in which a line is being set up now. */
  setupElsewhere(): Promise<string | undefined>

  /** Reads every board of the locker once, beside the regular rounds. */
  look(lockerId: string): Promise<void>
  /** Resolves when everything that happened so far has been told to the orders, or must be told later. */
  told(): Promise<void>
}

/** The one place where doors, compartments, codes and visits come together. Call `start` before anything else. */
export const createLockers = (options: LockersOptions): Lockers => {
  const inside = createInside(options)
  const { store, clock, personal } = options
  const doors = visitActs(inside)

  const reserve: Lockers['reserve'] = async (tx, reservation) => {
    const station = inside.stations().find(one => one.site.id === reservation.lockerId)
    if (!station) return no(unknownLocker)
    const desk = inside.desk(tx, station.key)
    const away = await notSentTo(desk)
    if (away) return no(away)
    const place = await placeFor(desk, contentsOf(reservation), {
      ...wishOf(reservation),
      leave: station.site.keptForReturns ?? 0,
    })
    return place.ok ? yes(placeOf(station.site.id, place.value)) : place
  }

  const release: Lockers['release'] = async (tx, libraryId, parcel) => {
    const found = await findParcel(tx, libraryId, parcel)
    if (!found) return
    const { compartment, key } = found
    const desk = inside.desk(tx, key)
    await voidCodes(tx, libraryId, parcel, desk.now)
    if (compartment.state === 'returned') return
    await applyMove(desk, compartment, compartment.state === 'reserved' ? 'release' : 'recover')
    await note(desk, 'released', compartment.id, { contents: compartment.contents })
  }

  const expire: Lockers['expire'] = async (tx, libraryId, parcel) => {
    const found = await findParcel(tx, libraryId, parcel)
    if (found?.compartment.state !== 'loaded') return
    const { compartment, key } = found
    const desk = inside.desk(tx, key)
    await voidCodes(tx, libraryId, parcel, desk.now)
    await applyMove(desk, compartment, 'expire')
    await note(desk, 'expired', compartment.id, { contents: compartment.contents })
  }

  const setService: Lockers['setService'] = async act => {
    const station = inside.stations().find(one => one.site.id === act.lockerId)
    if (!station) return no(unknownLocker)
    return inside.at(station, async desk => {
      const compartment = await compartmentById(desk.tx, desk.key, act.compartmentId)
      if (!compartment) return no(unknownCompartment)
      const kind = act.inService ? 'in-service' : 'out-of-service'
      await changeCompartment(
        desk.tx,
        desk.key,
        compartment.id,
        act.inService ? { outOfService: null, alarm: null } : { outOfService: 'staff' },
      )
      if ((compartment.outOfService === null) !== act.inService)
        await note(desk, kind, compartment.id, { actor: act.actor, data: { why: 'staff' } })
      if (compartment.outOfService !== null && act.inService) await tellDoorWorks(desk, compartment)
      await audit(desk.tx, {
        libraryId: desk.key.libraryId,
        at: desk.now,
        actor: act.actor,
        action: `locker-${kind}`,
        subject: `${act.lockerId}/${compartment.id}`,
        reason: act.reason,
      })
      return yes(undefined)
    })
  }

  return {
    start: inside.start,
    stop: inside.stop,
    reserve,
    deskFor: lockerId => inside.stations().find(one => one.site.id === lockerId)?.site.desk,
    release,
    expire,
    setService,
    ...doors,
    ...phoneActs(inside, doors),
    ...staffActs(inside),
    ...careActs(inside),
    ...handingOver(inside),
    picture: lockerId => picture(inside, lockerId),
    kioskState: (lockerId, visitId) => kioskState(inside, lockerId, visitId),
    summary: async lockerId => {
      const station = inside.station(lockerId)
      const all = await compartmentsOf(store.db, station.key)
      const free = all.filter(one => isAvailable(one, clock.now())).length
      return {
        online: (await viewOf(inside, station)).online,
        free,
        forDelivery: Math.max(0, free - (station.site.keptForReturns ?? 0)),
      }
    },
    codes: (libraryId, orderId) => readerCodes(store.db, personal, libraryId, orderId, clock.now()),
    history: (lockerId, query) => lockerEvents(store.db, inside.station(lockerId).key, query),
    look: async lockerId => {
      const { line, site } = inside.station(lockerId)
      for (const board of new Set(site.compartments.map(one => one.board))) await line().look(board)
    },
    told: inside.told,
    lendLine: name => lendLine(inside, name),
    setupElsewhere: () => setupProcess(inside),
  }
}

const placeOf = (lockerId: string, compartment: StoredCompartment): Place => ({
  lockerId,
  compartmentId: compartment.id,
  label: compartment.label,
  size: compartment.size,
})
