import type { Millis } from '../../kernel/clock.ts'
import { type Answer, no, type Problem, type Words, yes } from '../../kernel/problem.ts'
import { hereCode, hereStep, judgeHereCode, readHereCode } from '../../lockers/here-code.ts'
import type { Db } from '../store/db.ts'
import type { Visit } from '../store/door-visits.ts'
import { careOf } from '../store/locker-care.ts'
import {
  changePresence,
  endPresence,
  insertPresence,
  type PatronKey,
  type Presence,
  presenceAt,
  presenceOf,
  presenceOfCode,
  presencesSince,
} from '../store/locker-presence.ts'
import type { LockerKey } from '../store/locker-tables.ts'
import { compartmentById, compartmentsOf } from '../store/lockers.ts'
import type { Personal } from '../store/personal.ts'
import { notServed } from './care.ts'
import { actorOf, isGoing, stateOf, visitOf } from './here-visit.ts'
import {
  hereCodeStale,
  hereCodeUsed,
  noHereCode,
  notHere,
  notYours,
  otherPhone,
  shutFirst,
} from './here-words.ts'
import type { Inside, Station } from './inside.ts'
import type { AgainHow, Lockers } from './lockers.ts'
import { answering, refusal } from './opening.ts'
import type { KioskAnswer } from './ports.ts'
import { viewOf } from './view.ts'

/** How long after the last act somebody counts as standing there still. */
const life: Millis = 180_000

/** What the screen shows beside its own choices. */
export interface PhoneCorner {
  /** To be scanned by a phone; null while somebody is served by phone, or the cabinet serves nobody. */
  readonly code: string | null
  /** In milliseconds, until there is another code. */
  readonly renewIn: Millis
  /** Somebody is served by phone; the door that is open for them. */
  readonly served: {
    readonly compartmentId: string | null
    readonly label: string | null
    readonly visit: string | null
  } | null
}

/** A reader before a cabinet, as their phone shows it. */
export interface Here {
  readonly lockerId: string
  readonly until: Millis
  /** The reader's own parcels inside. */
  readonly parcels: readonly {
    readonly parcel: string
    readonly orderId: string
    readonly label: string
    readonly titles: readonly string[]
  }[]
  /** The last door that was opened for them. */
  readonly visit: {
    readonly id: string
    readonly errand: 'collect' | 'return' | 'again'
    readonly state: 'opening' | 'open' | 'jammed' | 'unclear' | 'over'
    readonly done: boolean
    readonly door: 'open' | 'closed' | 'unknown'
    readonly compartmentId: string
    readonly label: string
    readonly titles: readonly string[]
    readonly say: Words
    /** When it ended. */
    readonly endedAt: Millis | null
  } | null
}

/** What readers do with their phones before a cabinet. Nothing here opens a door for who has not just scanned its screen. */
export interface PhoneActs {
  phoneCorner(lockerId: string): Promise<Answer<PhoneCorner>>
  /** A code of a screen was scanned in the session of this reader. Each code counts once, and one reader at a time. */
  arrive(patron: PatronKey, code: string): Promise<Answer<Here>>
  /** Where the reader stands; undefined: at no cabinet that we know of. */
  here(patron: PatronKey): Promise<Here | undefined>
  leave(patron: PatronKey): Promise<void>
  /** The next one wants to be served by phone: who was, and has no door open, is no longer. */
  nextPhone(lockerId: string): Promise<void>
  openHere(patron: PatronKey, parcel: string): Promise<KioskAnswer>
  returnHere(
    patron: PatronKey,
    loan: { readonly orderId: string; readonly lineId: string },
  ): Promise<KioskAnswer>
  againHere(patron: PatronKey, visitId: string, how: AgainHow): Promise<KioskAnswer>
  confirmHere(patron: PatronKey, visitId: string): Promise<KioskAnswer>
}

const screenKey = (personal: Personal, key: LockerKey): Uint8Array =>
  Buffer.from(personal.lookup('here-code', `${key.libraryId}/${key.lockerId}`), 'base64url')

type Doors = Pick<Lockers, 'handOut' | 'giveBack' | 'again' | 'confirm'>

interface Standing {
  readonly station: Station
  readonly presence: Presence
  readonly visit: Visit | undefined
}

export const phoneActs = (inside: Inside, doors: Doors): PhoneActs => {
  const { store, clock, personal } = inside.options
  const stationOf = (lockerId: string) => inside.stations().find(one => one.site.id === lockerId)

  /** Undefined when it is over: long ago, and no door of it open. */
  const living = async (db: Db, presence: Presence | undefined): Promise<Standing | undefined> => {
    const station = presence && stationOf(presence.key.lockerId)
    if (!presence || !station) return undefined
    const visit = await visitOf(db, presence)
    return isGoing(visit) || clock.now() < presence.until ? { station, presence, visit } : undefined
  }
  const standing = async (patron: PatronKey) => living(store.db, await presenceOf(store.db, patron))

  const mine = async (patron: PatronKey, orderIds: readonly string[]): Promise<ReadonlySet<string>> =>
    orderIds.length === 0
      ? new Set()
      : ((await inside.options.ordersOf?.(store.db, patron, orderIds)) ?? new Set())

  const describe = async (patron: PatronKey, { station, presence, visit }: Standing): Promise<Here> => {
    const { titles } = inside.options
    const all = await compartmentsOf(store.db, station.key)
    const loaded = all.filter(
      one => one.state === 'loaded' && one.contents?.libraryId === patron.libraryId && one.visitId === null,
    )
    const own = await mine(patron, [...new Set(loaded.map(one => one.contents!.orderId))])
    const parcels = []
    for (const { contents, label } of loaded)
      if (contents && own.has(contents.orderId))
        parcels.push({
          parcel: contents.parcel,
          orderId: contents.orderId,
          label,
          titles: (await titles?.(store.db, contents.libraryId, contents.lineIds)) ?? [],
        })
    const door = visit && all.find(one => one.id === visit.compartmentId)
    return {
      lockerId: station.site.id,
      until: presence.until,
      parcels,
      visit:
        visit && door
          ? {
              id: visit.id,
              errand: visit.purpose === 'return' || visit.purpose === 'again' ? visit.purpose : 'collect',
              ...stateOf(visit, door.label),
              door: (await viewOf(inside, station)).door(door),
              compartmentId: door.id,
              label: door.label,
              titles:
                (visit.contents &&
                  (await titles?.(store.db, visit.contents.libraryId, visit.contents.lineIds))) ??
                [],
              endedAt: visit.settledAt,
            }
          : null,
    }
  }

  /**
   * Runs `act` for a reader who stands there; its visit is theirs from then on, and the time begins anew, but not for
   * asking after a door that has long been shut: that can be done from anywhere.
   */
  const byPhone = (
    patron: PatronKey,
    act: (standing: Standing, actor: string) => Promise<KioskAnswer>,
  ): Promise<KioskAnswer> =>
    answering(async () => {
      const now = await standing(patron)
      if (!now) return refusal(notHere)
      const answer = await act(now, actorOf(patron))
      const { visit } = answer
      if (visit !== null && (visit !== now.visit?.id || now.visit.settledAt === null))
        await store.tx(tx =>
          changePresence(tx, now.presence, {
            until: clock.now() + life,
            visitId: visit,
          }),
        )
      inside.happened(now.station)
      return answer
    })

  /** One door at a time: a second one may be opened when the first is shut, or did not open. */
  const doorLeftOpen = async (
    { station, visit }: Standing,
    contents: string,
  ): Promise<Problem | undefined> => {
    if (!visit || visit.settledAt !== null || visit.state === 'jammed') return undefined
    if (visit.contents?.parcel === contents) return undefined
    const door = await compartmentById(store.db, station.key, visit.compartmentId)
    return shutFirst(door?.label ?? visit.compartmentId)
  }

  return {
    phoneCorner: async lockerId => {
      const station = inside.station(lockerId)
      const now = clock.now()
      const renewIn = hereStep - (now % hereStep)
      const served = await living(store.db, await presenceAt(store.db, station.key))
      if (served) {
        const { visit } = served
        const door = isGoing(visit)
          ? await compartmentById(store.db, station.key, visit.compartmentId)
          : undefined
        return yes({
          code: null,
          renewIn,
          served: {
            compartmentId: door?.id ?? null,
            label: door && visit?.state === 'open' ? door.label : null,
            visit: door && visit ? visit.id : null,
          },
        })
      }
      const shut = (await careOf(store.db, station.key)).maintenance !== null
      if (shut || !(await viewOf(inside, station)).online) return yes({ code: null, renewIn, served: null })
      const since = now - (now % hereStep)
      const used = await presencesSince(store.db, station.key, since)
      const nonce = `${since / hereStep}${String(used).padStart(4, '0')}`
      const code = hereCode(screenKey(personal, station.key), lockerId, nonce, now)
      return yes({ code, renewIn, served: null })
    },

    arrive: async (patron, text) => {
      const code = readHereCode(text)
      const station = code && stationOf(code.lockerId)
      if (!code || !station) return no(noHereCode)
      const judged = judgeHereCode(screenKey(personal, station.key), code, clock.now())
      if (judged === 'forged') return no(noHereCode)
      const arrived = await inside.at(station, async desk => {
        const used = await presenceOfCode(desk.tx, station.key, code.nonce)
        const there = await living(desk.tx, await presenceAt(desk.tx, station.key))
        const same = (one: PatronKey) =>
          one.libraryId === patron.libraryId && one.patronId === patron.patronId
        // The page that scanned it was loaded again.
        if (used && same(used.patron) && there?.presence.nonce === used.nonce) return yes(undefined)
        if (used) return no(hereCodeUsed)
        if (judged === 'stale') return no(hereCodeStale)
        const shut = await notServed(desk, station.site.phone)
        if (shut) return no(shut)
        if (there && !same(there.presence.patron)) return no(otherPhone)
        await endPresence(desk.tx, patron, desk.now)
        const fresh = { key: station.key, nonce: code.nonce, patron, at: desk.now, until: desk.now + life }
        if (!(await insertPresence(desk.tx, fresh))) return no(hereCodeUsed)
        if (there?.presence.visitId)
          await changePresence(desk.tx, fresh, { until: fresh.until, visitId: there.presence.visitId })
        return yes(undefined)
      })
      if (!arrived.ok) return arrived
      const now = await standing(patron)
      return now ? yes(await describe(patron, now)) : no(notHere)
    },

    here: async patron => {
      const now = await standing(patron)
      return now && describe(patron, now)
    },

    leave: async patron => {
      const now = await standing(patron)
      await store.tx(tx => endPresence(tx, patron, clock.now()))
      if (now) inside.happened(now.station)
    },

    nextPhone: async lockerId => {
      const station = inside.station(lockerId)
      await inside.at(station, async desk => {
        const there = await living(desk.tx, await presenceAt(desk.tx, station.key))
        if (!there || isGoing(there.visit)) return
        await endPresence(desk.tx, there.presence.patron, desk.now)
      })
    },

    openHere: (patron, parcel) =>
      byPhone(patron, async (now, actor) => {
        const left = await doorLeftOpen(now, parcel)
        if (left) return refusal(left)
        const all = await compartmentsOf(store.db, now.station.key)
        const contents = all.find(
          ({ contents: one }) => one?.libraryId === patron.libraryId && one.parcel === parcel,
        )?.contents
        if (!contents || !(await mine(patron, [contents.orderId])).has(contents.orderId))
          return refusal(notYours)
        const { libraryId } = patron
        return doors.handOut({ lockerId: now.station.site.id, libraryId, parcel, actor })
      }),

    returnHere: (patron, { orderId, lineId }) =>
      byPhone(patron, async (now, actor) => {
        const left = await doorLeftOpen(now, `return:${lineId}`)
        if (left) return refusal(left)
        if (!(await mine(patron, [orderId])).has(orderId)) return refusal(notYours)
        const { libraryId } = patron
        return doors.giveBack({ lockerId: now.station.site.id, libraryId, orderId, lineId, actor })
      }),

    againHere: (patron, visitId, how) =>
      byPhone(patron, async ({ station, visit }, actor) =>
        visit?.id === visitId ? doors.again(station.site.id, visitId, how, actor) : refusal(notHere),
      ),

    confirmHere: (patron, visitId) =>
      byPhone(patron, async ({ station, visit }) =>
        visit?.id === visitId ? doors.confirm(station.site.id, visitId) : refusal(notHere),
      ),
  }
}
