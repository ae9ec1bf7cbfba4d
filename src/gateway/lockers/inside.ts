import type { Millis } from '../../kernel/clock.ts'
import { type Log, noLog } from '../../kernel/log.ts'
import { can } from '../../kernel/power.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { HoldsCodes, TellsEvents } from '../../lockers/locker.ts'
import { startWatch } from '../../lockers/watch.ts'
import type { Tx } from '../store/db.ts'
import { openVisits } from '../store/door-visits.ts'
import { keepLease, type LeaseKeeper } from '../store/leases.ts'
import { forgetEvidence, lockersWithUntold, untoldEvidence } from '../store/locker-events.ts'
import type { LockerKey } from '../store/locker-tables.ts'
import { compartmentsOf, type StoredCompartment, syncLayout } from '../store/lockers.ts'
import { turnAway } from './away.ts'
import { takeEvent } from './cabinet-events.ts'
import { keepCodes } from './held-codes.ts'
import { type Line, superviseLine } from './line.ts'
import {
  defaultLockerRules,
  type LockerEvidence,
  type LockerRules,
  type LockerSite,
  type LockersOptions,
} from './ports.ts'
import type { Desk } from './settling.ts'
import { takeIn } from './sighting.ts'
import { unknownLocker } from './words.ts'

/** One locker at run time. */
export interface Station {
  readonly site: LockerSite
  readonly key: LockerKey
  line(): Line
  /** Visits that have not come to rest, as far as this process knows. */
  readonly visits: Set<string>
  /** Its living codes may be others than when last asked. */
  readonly codes: { stale: boolean; askedAt: Millis }
  /** When this process last asked whether the cabinet has been away too long, and what it found. */
  readonly away: { askedAt: Millis; turned: boolean | undefined }
}

/** What all parts of the service share. */
export interface Inside {
  readonly options: LockersOptions
  readonly rules: LockerRules
  readonly log: Log
  /** Throws `refused/unknown-locker`. */
  station(lockerId: string): Station
  stations(): readonly Station[]
  /** Visits whose door this process is opening at this moment. */
  readonly inHand: Set<string>
  /** Runs one transaction at one locker. */
  tx<T>(station: Station, act: (desk: Desk) => Promise<T>): Promise<T>
  /** Something has happened there: tells those who watch it, and the orders. */
  happened(station: Station): void
  /** `tx`, and then `happened`. */
  at<T>(station: Station, act: (desk: Desk) => Promise<T>): Promise<T>
  /** The same within a transaction of the caller. */
  desk(tx: Tx, key: LockerKey): Desk
  tell(station: Station): Promise<void>
  /** Resolves when everything that has happened so far has been told, or could not be. */
  told(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

const leaseName = (line: string): string => `locker-line:${line}`

export const createInside = (options: LockersOptions): Inside => {
  const { store, clock, ids, personal } = options
  const rules: LockerRules = { ...defaultLockerRules, ...options.rules }
  const log = options.log ?? noLog
  const inHand = new Set<string>()
  const stations = new Map<string, Station>()
  const lines = new Map<string, Line>()
  const keepers = new Map<string, LeaseKeeper>()
  const telling = new Map<string, Promise<void>>()
  /** How to stop hearing a line's cabinets. */
  const hearing = new Map<string, () => void>()
  const hush = (name: string): void => {
    hearing.get(name)?.()
    hearing.delete(name)
  }

  const desk = (tx: Tx, key: LockerKey): Desk => ({ tx, key, now: clock.now(), ids, personal, rules })

  /** What cannot be told now is kept, and holds up nothing else. */
  const tellNow = async ({ key, site }: Station): Promise<void> => {
    for (;;) {
      const untold = await untoldEvidence(store.db, key, 50)
      let kept = 0
      for (const { id, body } of untold) {
        try {
          await options.ingest(body as LockerEvidence)
          await forgetEvidence(store.db, key, id)
        } catch (error) {
          kept += 1
          log.warn({ locker: site.id, evidence: id, problem: String(error) }, 'evidence waits to be told')
        }
      }
      if (untold.length < 50 || kept > 0) return
    }
  }
  /** One after the other, so that nothing is told twice at once or out of order. */
  const tell = (station: Station): Promise<void> => {
    const { id } = station.site
    const next = (telling.get(id) ?? Promise.resolve()).then(() =>
      tellNow(station).catch(error =>
        log.warn({ locker: id, problem: String(error) }, 'evidence could not be read'),
      ),
    )
    telling.set(id, next)
    return next
  }

  const inside: Inside = {
    options,
    rules,
    log,
    inHand,
    station: lockerId => {
      const station = stations.get(lockerId)
      if (!station) throw new ProblemError(unknownLocker)
      return station
    },
    stations: () => [...stations.values()],
    tx: (station, act) => store.tx(tx => act(desk(tx, station.key))),
    happened: station => {
      station.codes.stale = true
      void tell(station)
      options.changed?.(station.site.id)
    },
    at: async (station, act) => {
      const result = await inside.tx(station, act)
      inside.happened(station)
      return result
    },
    desk,
    tell,
    told: async () => {
      for (const station of stations.values()) await tell(station)
    },
    start: async () => {
      const held = new Map<string, readonly StoredCompartment[]>()
      for (const site of options.sites) held.set(site.id, await open(site))
      for (const name of new Set(options.sites.map(site => site.line))) supervise(name, held)
    },
    stop: async () => {
      for (const name of [...hearing.keys()]) hush(name)
      await Promise.all([...keepers.values()].map(keeper => keeper.close()))
      await Promise.all([...lines.values()].map(line => line.stop()))
      await Promise.all(telling.values())
    },
  }

  const open = async (site: LockerSite): Promise<readonly StoredCompartment[]> => {
    const key = { libraryId: site.libraryId, lockerId: site.id }
    const known = await store.tx(async tx => {
      await syncLayout(tx, key, site.compartments, clock.now())
      return compartmentsOf(tx, key)
    })
    const visits = new Set((await openVisits(store.db, key)).map(visit => visit.id))
    const away = { askedAt: 0, turned: undefined }
    const codes = { stale: true, askedAt: 0 }
    stations.set(site.id, { site, key, visits, away, codes, line: () => lines.get(site.line)! })
    return known
  }

  const supervise = (name: string, held: ReadonlyMap<string, readonly StoredCompartment[]>): void => {
    const driver = options.lines.get(name)
    if (!driver) throw new Error(`locker line "${name}" has no driver`)
    const here = [...stations.values()].filter(one => one.site.line === name)
    const doors = here.flatMap(one => held.get(one.site.id) ?? [])
    const codes =
      can(driver, 'putCode') && can(driver, 'heldCodes')
        ? keepCodes(inside, here, driver as typeof driver & HoldsCodes)
        : undefined
    const line = superviseLine({
      name,
      driver,
      boards: [...new Set(doors.map(door => door.board))].sort((a, b) => a - b),
      watch: startWatch(
        doors.map(({ board, channel, door, doorAt }) => ({ board, channel, door, since: doorAt })),
      ),
      clock,
      rules,
      log,
      jitter: () => Number(ids.digits(3)) / 1000,
      seen: (board, happenings, watch) => takeIn(inside, here, { board, happenings, watch }),
      round: async () => {
        await codes?.().catch(error => log.warn({ line: name, problem: String(error) }, 'codes wait'))
        for (const station of here) await turnAway(inside, station)
        // Another process may have died between writing something down and telling it.
        const untold = await lockersWithUntold(store.db)
        for (const station of here)
          if (untold.has(`${station.key.libraryId}/${station.key.lockerId}`)) await tell(station)
      },
      busy: () => here.some(one => one.visits.size > 0),
      held: () => !options.lease || keepers.get(name)?.held() !== undefined,
    })
    lines.set(name, line)
    const begin = (): void => {
      line.start()
      if (!can(driver, 'onEvent') || hearing.has(name)) return
      const tells = driver as typeof driver & TellsEvents
      hearing.set(
        name,
        tells.onEvent(event => takeEvent(inside, here, event)),
      )
    }
    if (!options.lease) {
      begin()
      return
    }
    keepers.set(
      name,
      keepLease({
        store,
        clock,
        name: leaseName(name),
        owner: options.lease.owner,
        duration: options.lease.duration,
        gained: begin,
        lost: () => {
          hush(name)
          void line.stop()
        },
        log,
      }),
    )
  }
  return inside
}
