import type { Millis } from '../../kernel/clock.ts'
import { type Answer, no, type Problem, type Words, yes } from '../../kernel/problem.ts'
import { audit } from '../store/audit.ts'
import { isGone } from '../store/db.ts'
import { bulkById, careOf, changeCare, decideBulk, insertBulk, openBulks } from '../store/locker-care.ts'
import type { Purpose } from '../store/locker-tables.ts'
import { changeCompartment, compartmentById, compartmentsOf } from '../store/lockers.ts'
import { cabinetKey } from './codes.ts'
import type { Inside, Station } from './inside.ts'
import type { Actor, Lockers } from './lockers.ts'
import { begin, openBy } from './opening.ts'
import { type Desk, note, tellDoorWorks } from './settling.ts'
import { viewOf } from './view.ts'
import {
  alarmWords,
  boardSilentWords,
  bulkDecided,
  bulkOver,
  doorInUse,
  lockerAway,
  lostTrack,
  nothingChosen,
  reasonMissing,
  samePerson,
  underMaintenance,
  unknownBulk,
  unknownCompartment,
  unknownLocker,
} from './words.ts'

/** How long a second person may take to agree. */
const bulkLife: Millis = 15 * 60_000
const notesMax = 2000

/** Something to be looked at and settled by staff. */
export interface LockerAlarm {
  readonly lockerId: string
  /** Null where it is the cabinet's as a whole, or a board's. */
  readonly compartmentId: string | null
  readonly label: string | null
  /** `jammed`, `forced`, `opened-unseen`, `open-too-long`, `check-inside`, `staff-called`, `wrong-item`, `board-silent` ... */
  readonly code: string
  readonly say: Words
  /** Since when the door, or the board, is as it is. */
  readonly since: Millis
  /** False for what goes by itself when its cause does. */
  readonly settles: boolean
}

/** How one door of a bulk opening went. */
export interface BulkDoor {
  readonly compartmentId: string
  readonly signal: 'open' | 'jammed' | 'no' | 'done'
  readonly say: Words
}

type Acts = Pick<
  Lockers,
  | 'care'
  | 'setMaintenance'
  | 'noteCare'
  | 'alarms'
  | 'cabinetKey'
  | 'settleAlarm'
  | 'askBulkOpening'
  | 'bulkOpenings'
  | 'approveBulkOpening'
  | 'refuseBulkOpening'
>

/** Why readers and couriers are not served here just now; undefined when they are. */
export const notServed = async (desk: Desk, phone: string): Promise<Problem | undefined> =>
  (await careOf(desk.tx, desk.key)).maintenance === null ? undefined : underMaintenance(phone)

/** Why nothing more is sent here just now; undefined when it may be. */
export const notSentTo = async (desk: Desk): Promise<Problem | undefined> => {
  const { maintenance, turnedAt } = await careOf(desk.tx, desk.key)
  return maintenance !== null || turnedAt !== null ? lockerAway : undefined
}

/** What staff and technicians do around a cabinet. */
export const careActs = (inside: Inside): Acts => {
  const { store } = inside.options
  const at = <T>(lockerId: string, act: (desk: Desk, station: Station) => Promise<Answer<T>>) => {
    const station = inside.stations().find(one => one.site.id === lockerId)
    if (!station) return Promise.resolve<Answer<T>>(no(unknownLocker))
    return inside.at(station, desk => act(desk, station))
  }
  return {
    care: lockerId => careOf(store.db, inside.station(lockerId).key),
    setMaintenance: ({ lockerId, actor, reason, on }) =>
      at(lockerId, async desk => {
        if (reason.trim() === '') return no(reasonMissing)
        const was = (await careOf(desk.tx, desk.key)).maintenance !== null
        await changeCare(desk.tx, desk.key, {
          maintenance: on ? { reason: reason.slice(0, 200), by: actor, at: desk.now } : null,
        })
        if (was !== on)
          await written(desk, actor, on ? 'maintenance-begun' : 'maintenance-ended', null, reason)
        return yes(undefined)
      }),
    noteCare: ({ lockerId, actor, sanitary, battery }) =>
      at(lockerId, async desk => {
        await changeCare(desk.tx, desk.key, {
          ...(sanitary === undefined ? {} : { sanitary: sanitary.slice(0, notesMax) }),
          ...(battery === undefined ? {} : { battery: battery.slice(0, notesMax) }),
          noted: { by: actor, at: desk.now },
        })
        const about = { sanitary, battery }
        await note(desk, 'care-noted', null, { actor, data: about })
        return yes(undefined)
      }),
    cabinetKey: ({ lockerId, actor, reason }) =>
      at(lockerId, async desk => {
        if (reason.trim() === '') return no(reasonMissing)
        await written(desk, actor, 'key-shown', null, reason)
        return yes(cabinetKey(desk.personal, desk.key))
      }),
    alarms: lockerId => alarmsOf(inside, inside.station(lockerId)),
    settleAlarm: ({ lockerId, compartmentId, actor, reason }) =>
      at(lockerId, async desk => {
        if (reason.trim() === '') return no(reasonMissing)
        if (compartmentId === null) {
          await changeCare(desk.tx, desk.key, { alarm: null })
          await written(desk, actor, 'alarm-settled', null, reason)
          return yes(undefined)
        }
        const one = await compartmentById(desk.tx, desk.key, compartmentId)
        if (!one) return no(unknownCompartment)
        const outOfService = one.outOfService === 'staff' ? 'staff' : null
        await changeCompartment(desk.tx, desk.key, one.id, { alarm: null, outOfService })
        await written(desk, actor, 'alarm-settled', one.id, reason, { alarm: one.alarm })
        if (one.outOfService !== null && outOfService === null) {
          await note(desk, 'in-service', one.id, { actor, data: { why: 'alarm-settled' } })
          await tellDoorWorks(desk, one)
        }
        return yes(undefined)
      }),
    askBulkOpening: ({ lockerId, compartmentIds, actor, reason }) =>
      at(lockerId, async (desk, station) => {
        if (reason.trim() === '') return no(reasonMissing)
        const known = station.site.compartments.map(one => one.id)
        const chosen = compartmentIds === 'all' ? known : known.filter(id => compartmentIds.includes(id))
        if (chosen.length === 0) return no(nothingChosen)
        const asked = {
          id: desk.ids.next(),
          compartmentIds: chosen,
          askedBy: actor,
          reason: reason.slice(0, 200),
          askedAt: desk.now,
          until: desk.now + bulkLife,
        }
        await insertBulk(desk.tx, desk.key, asked)
        await written(desk, actor, 'bulk-asked', null, reason, { bulk: asked.id, doors: chosen.length })
        return yes({ ...asked, decidedBy: null, outcome: null })
      }),
    bulkOpenings: lockerId => openBulks(store.db, inside.station(lockerId).key, inside.options.clock.now()),
    approveBulkOpening: async ({ lockerId, id, actor }) => {
      const agreed = await at(lockerId, async desk => decided(desk, id, actor, 'opened'))
      if (!agreed.ok) return agreed
      const doors: BulkDoor[] = []
      for (const compartmentId of agreed.value.compartmentIds)
        doors.push(await openNext(inside, inside.station(lockerId), compartmentId, actor, agreed.value))
      return yes({ doors })
    },
    refuseBulkOpening: ({ lockerId, id, actor }) =>
      at(lockerId, async desk => {
        const refused = await decided(desk, id, actor, 'refused')
        return refused.ok ? yes(undefined) : refused
      }),
  }
}

const written = async (
  desk: Desk,
  actor: Actor,
  kind: string,
  compartmentId: string | null,
  reason: string,
  data: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  await note(desk, kind, compartmentId, { actor, data })
  const { libraryId, lockerId } = desk.key
  await audit(desk.tx, {
    libraryId,
    at: desk.now,
    actor,
    action: `locker-${kind}`,
    subject: compartmentId === null ? lockerId : `${lockerId}/${compartmentId}`,
    reason,
    data,
  })
}

/** Whoever asked may take it back, but not agree to it. */
const decided = async (desk: Desk, id: string, by: Actor, outcome: 'opened' | 'refused') => {
  const asked = await bulkById(desk.tx, desk.key, id)
  if (!asked) return no(unknownBulk)
  if (outcome === 'opened' && asked.askedBy === by) return no(samePerson)
  if (asked.until <= desk.now) return no(bulkOver)
  if (!(await decideBulk(desk.tx, desk.key, id, { by, at: desk.now, outcome }))) return no(bulkDecided)
  await written(desk, by, `bulk-${outcome}`, null, asked.reason, { bulk: id, askedBy: asked.askedBy })
  return yes(asked)
}

/** One door that cannot be written down does not hide what became of the others. */
const openNext: typeof openOne = async (inside, station, compartmentId, ...rest) => {
  try {
    return await openOne(inside, station, compartmentId, ...rest)
  } catch (error) {
    if (!isGone(error)) throw error
    return { compartmentId, signal: 'no', say: lostTrack.say }
  }
}

const openOne = async (
  inside: Inside,
  station: Station,
  compartmentId: string,
  actor: Actor,
  { reason, askedBy }: { readonly reason: string; readonly askedBy: Actor },
): Promise<BulkDoor> => {
  const { signal, say } = await openBy(inside, station, async desk => {
    const one = await compartmentById(desk.tx, desk.key, compartmentId)
    if (!one) return no(unknownCompartment)
    if (one.visitId !== null) return no(doorInUse)
    const purpose: Purpose =
      one.state === 'expired' ? 'recover' : one.state === 'returned' ? 'empty' : 'service'
    return begin(desk, one, { purpose, contents: one.contents, actor, reason: `${reason} (${askedBy})` })
  })
  return { compartmentId, signal, say }
}

const alarmsOf = async (inside: Inside, station: Station): Promise<readonly LockerAlarm[]> => {
  const { store } = inside.options
  const { site, key } = station
  const view = await viewOf(inside, station)
  const known = (code: string): Words => alarmWords[code] ?? { zh: code, en: code }
  const doors = (await compartmentsOf(store.db, key)).flatMap(one =>
    one.alarm === null
      ? []
      : [
          {
            lockerId: site.id,
            compartmentId: one.id,
            label: one.label,
            code: one.alarm,
            say: known(one.alarm),
            since: one.doorAt,
            settles: one.alarm !== 'open-too-long',
          },
        ],
  )
  const care = await careOf(store.db, key)
  const whole = { lockerId: site.id, compartmentId: null, label: null }
  const boards = [...new Set(site.compartments.map(one => one.board))].flatMap(board => {
    const since = view.silentSince(board)
    return since === null
      ? []
      : [{ ...whole, code: 'board-silent', say: boardSilentWords(board), since, settles: false }]
  })
  const cabinet =
    care.alarm === null
      ? []
      : [{ ...whole, code: care.alarm, say: known(care.alarm), since: 0, settles: true }]
  return [...cabinet, ...boards, ...doors]
}
