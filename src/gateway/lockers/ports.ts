import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { Problem, Words } from '../../kernel/problem.ts'
import type { Contents } from '../../lockers/compartments.ts'
import type { CompartmentSize, LockerDriver } from '../../lockers/locker.ts'
import { defaultWatchRules, type WatchRules } from '../../lockers/watch.ts'
import type { Db, Store } from '../store/db.ts'
import type { LayoutEntry } from '../store/lockers.ts'
import type { Personal } from '../store/personal.ts'

/** A locker as the settings describe it. */
export interface LockerSite {
  readonly id: string
  readonly libraryId: string
  readonly name: Words
  readonly place: string
  /** Whom to call who stands before it. */
  readonly phone: string
  /** The line its boards hang on; several lockers may share one. */
  readonly line: string
  /** The branch whose desk takes what was meant for it while it is away. */
  readonly desk?: string
  /** So many compartments are left to returns: nothing is sent that would take them. */
  readonly keptForReturns?: number
  readonly compartments: readonly LayoutEntry[]
}

/** What a door says about one line of an order. Its id is the same however often it is told. */
export interface LockerEvidence {
  readonly id: string
  readonly libraryId: string
  readonly orderId: string
  readonly lineId: string
  readonly source: 'locker'
  readonly what:
    | 'put-in-locker'
    | 'collected'
    | 'recovered'
    | 'returned-in-locker'
    | 'door-jammed'
    | 'no-compartment'
    | 'locker-offline'
    | 'locker-online'
    | 'door-works'
    | 'compartment-reserved'
    | 'place-refused'
  readonly at: Millis
  readonly receivedAt: Millis
  readonly data: Readonly<Record<string, string>>
}

/** Durations in milliseconds. */
export interface LockerRules {
  /** Between two looks at a board while somebody is at one of its doors, and otherwise. */
  readonly busyPoll: Millis
  readonly idlePoll: Millis
  /**
   * The same for a quiet cabinet that tells by itself when a door moves: it is then looked at at once. A make that can be
   * sure to be heard has its own (`lookEvery`).
   */
  readonly tellingPoll: Millis
  /** Between two looks at a board that is silent, at first, and at most as the silence lasts. */
  readonly silentPoll: Millis
  readonly longestSilentPoll: Millis
  /** How long a cabinet may be away until what is meant for it goes to the desk and readers are told. */
  readonly turnAfter: Millis
  /** How long it must answer again until it counts as back: one that comes and goes is not back each time. */
  readonly backAfter: Millis
  /** How long the same person may open the same door again after it closed. */
  readonly againWindow: Millis
  /** How long a jammed door is kept for another try. */
  readonly jamWindow: Millis
  /** When a pick-up code dies at the latest, whatever becomes of its order. */
  readonly codeLife: Millis
  readonly watch: WatchRules
}

export const defaultLockerRules: LockerRules = {
  busyPoll: 500,
  idlePoll: 1500,
  tellingPoll: 5000,
  silentPoll: 5000,
  longestSilentPoll: 30_000,
  turnAfter: 600_000,
  backAfter: 60_000,
  againWindow: 180_000,
  jamWindow: 120_000,
  codeLife: 30 * 86_400_000,
  watch: defaultWatchRules,
}

export interface LockersOptions {
  readonly store: Store
  /** One driver for each line, by the line's name. */
  readonly lines: ReadonlyMap<string, LockerDriver>
  readonly sites: readonly LockerSite[]
  readonly clock: Clock
  readonly ids: Ids
  readonly personal: Personal
  /** Takes evidence in; a rejection means that it must be told again. */
  ingest(evidence: LockerEvidence): Promise<unknown>
  /** Titles of lines, for the screens. Runs outside transactions. */
  titles?(db: Db, libraryId: string, lineIds: readonly string[]): Promise<readonly string[]>
  /** Which of the orders are this reader's. Without it nobody is served by phone. */
  ordersOf?(
    db: Db,
    reader: { readonly libraryId: string; readonly patronId: string },
    orderIds: readonly string[],
  ): Promise<ReadonlySet<string>>
  /** Something at this locker is no longer as it was shown. */
  changed?(lockerId: string): void
  readonly log?: Log
  readonly rules?: Partial<LockerRules>
  /** Where several processes share the database, only the holder of a line's lease speaks on it. */
  readonly lease?: { readonly owner: string; readonly duration: Millis }
}

/** What the locker's screen shows after an act. */
export interface KioskAnswer {
  readonly signal: 'open' | 'jammed' | 'no' | 'done'
  readonly say: Words
  readonly compartment: {
    readonly id: string
    readonly label: string
    readonly row: number
    readonly column: number
  } | null
  readonly titles: readonly string[]
  /** Names the visit in `again`, `confirm` and `kioskState`. */
  readonly visit: string | null
  /** Why not, for logs and for callers that are no screen. */
  readonly problem?: Problem
}

/** A parcel that is to be kept a place for, as the orders know it. */
export interface Reservation extends Contents {
  readonly lockerId: string
  /** By the number of lines when left out. */
  readonly size?: CompartmentSize
  /** The reader needs a door within reach from a wheelchair. */
  readonly accessible?: boolean
}
