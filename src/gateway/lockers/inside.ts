import type { Millis } from '../../kernel/clock.ts'
import { type Log, noLog } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Tx } from '../store/db.ts'
import { forgetEvidence, untoldEvidence } from '../store/locker-events.ts'
import type { LockerKey } from '../store/locker-tables.ts'
import { syncLayout } from '../store/lockers.ts'
import { serveAsks } from './carrying.ts'
import { type KeptLine, keepLine } from './kept-line.ts'
import type { Line } from './line.ts'
import {
  defaultLockerRules,
  type LockerEvidence,
  type LockerRules,
  type LockerSite,
  type LockersOptions,
} from './ports.ts'
import type { Desk } from './settling.ts'
import { askTogether, type Together } from './together.ts'
import { unknownLocker } from './words.ts'

/** One locker at run time. */
export interface Station {
  readonly site: LockerSite
  readonly key: LockerKey
  line(): Line
  /** This process may speak on its line now; where not, the one that may is asked (`carrying.ts`). */
  speaks(): boolean
  /** This process has given the line away, to be set up: none of its doors opens. */
  isLent(): boolean
  /** Some process may. */
  spoken(): Promise<boolean>
  /** Visits that have not come to rest, as far as this process knows. */
  readonly visits: Set<string>
  /** Its living codes may be others than when last asked. */
  readonly codes: { stale: boolean; askedAt: Millis }
  /** When this process last asked whether the cabinet has been away too long, and what it found. */
  readonly away: { askedAt: Millis; turned: boolean | undefined; wellSince: Millis | null }
}

/** What all parts of the service share. */
export interface Inside {
  readonly options: LockersOptions
  readonly rules: LockerRules
  readonly log: Log
  /** Throws `refused/unknown-locker`. */
  station(lockerId: string): Station
  stations(): readonly Station[]
  /** The supervision of a line; undefined where no locker hangs on it. */
  kept(name: string): KeptLine | undefined
  /** Visits whose door this process is opening at this moment. */
  readonly inHand: Set<string>
  readonly together: Together
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

export const createInside = (options: LockersOptions): Inside => {
  const { store, clock, ids, personal } = options
  const rules: LockerRules = { ...defaultLockerRules, ...options.rules }
  const log = options.log ?? noLog
  const inHand = new Set<string>()
  const stations = new Map<string, Station>()
  const lines = new Map<string, KeptLine>()
  const telling = new Map<string, Promise<void>>()
  let stopServing = async (): Promise<void> => {}

  const desk = (tx: Tx, key: LockerKey): Desk => {
    const station = stations.get(key.lockerId)
    const elsewhere = options.lease && station?.speaks() === false ? { elsewhere: station.site.line } : {}
    return { tx, key, now: clock.now(), ids, personal, rules, ...elsewhere }
  }

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
    together: askTogether(store, clock),
    station: lockerId => {
      const station = stations.get(lockerId)
      if (!station) throw new ProblemError(unknownLocker)
      return station
    },
    stations: () => [...stations.values()],
    kept: name => lines.get(name),
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
      for (const site of options.sites) await open(site)
      for (const name of new Set(options.sites.map(site => site.line))) {
        const driver = options.lines.get(name)
        if (!driver) throw new Error(`locker line "${name}" has no driver`)
        const here = [...stations.values()].filter(one => one.site.line === name)
        lines.set(name, keepLine(inside, name, driver, here))
      }
      for (const line of lines.values()) await line.start()
      if (options.lease) stopServing = serveAsks(inside)
    },
    stop: async () => {
      await stopServing()
      await Promise.all([...lines.values()].map(line => line.stop()))
      await Promise.all(telling.values())
    },
  }

  const open = async (site: LockerSite): Promise<void> => {
    const key = { libraryId: site.libraryId, lockerId: site.id }
    await store.tx(tx => syncLayout(tx, key, site.compartments, clock.now()))
    const kept = (): KeptLine => lines.get(site.line)!
    stations.set(site.id, {
      site,
      key,
      visits: new Set(),
      away: { askedAt: 0, turned: undefined, wellSince: null },
      codes: { stale: true, askedAt: 0 },
      line: () => kept().line(),
      speaks: () => kept().speaks(),
      isLent: () => kept().isLent(),
      spoken: () => kept().spoken(),
    })
  }
  return inside
}
