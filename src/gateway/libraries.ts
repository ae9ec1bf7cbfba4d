import type { Millis } from '../kernel/clock.ts'
import { ProblemError, refused, type Words } from '../kernel/problem.ts'
import type { WorkingTime } from '../kernel/working-time.ts'
import type { CompartmentSize } from '../lockers/locker.ts'
import type { OrderPolicy } from './orders/policy.ts'

interface Place {
  readonly id: string
  readonly libraryId: string
  readonly name: Words
  readonly hours: WorkingTime
  /** The week in words, for people. */
  readonly hoursText: Words
  readonly lat?: number | undefined
  readonly lng?: number | undefined
}
/** A service point with a desk. */
export interface Branch extends Place {
  readonly address: string
  /** The ILS's location codes at this branch. */
  readonly locations: readonly string[]
  readonly shelving: 'open' | 'closed'
}
/** A cabinet; its hours are those of the building it stands in. */
export interface LockerPlace extends Place {
  readonly place: string
  readonly bus: string
  /** So many of its compartments are left to returns. */
  readonly keptForReturns?: number
  readonly compartments: readonly {
    readonly id: string
    readonly label: string
    readonly size: CompartmentSize
    readonly row: number
    readonly column: number
    readonly board: number
    readonly channel: number
    readonly accessible: boolean
  }[]
}
/** One library as the settings describe it. Branch and locker ids are unique over all libraries. */
export interface Library {
  readonly id: string
  readonly name: Words
  readonly phone: string
  readonly zone: string
  readonly divisionCode: string
  /** Names of the division, as they stand in postal addresses. */
  readonly region: { readonly province: string; readonly city: string; readonly district: string }
  readonly policyPack: string
  readonly tariff: string
  readonly policy: OrderPolicy
  /** Of the library as a whole, for branches without their own. */
  readonly hours: WorkingTime
  readonly branches: readonly Branch[]
  readonly lockers: readonly LockerPlace[]
}

export interface Libraries {
  all(): readonly Library[]
  /** Throws `refused/unknown-library`. */
  get(id: string): Library
  /** Throws `refused/unknown-branch`. */
  branch(id: string): Branch
  /** Throws `refused/unknown-locker`. */
  locker(id: string): LockerPlace
  /** The branch of an ILS location code. */
  branchOfLocation(libraryId: string, location: string): Branch | undefined
  /** Libraries that lend to each other, the one to ask first in front; without the borrower. */
  suppliersFor(libraryId: string): readonly string[]
  /** RFC 3339 with the library's offset, as the API writes instants. */
  time(libraryId: string, at: Millis): string
}

export const createLibraries = (
  libraries: readonly Library[],
  suppliers: readonly string[] = [],
): Libraries => {
  const byId = new Map(libraries.map(l => [l.id, l]))
  const branches = new Map(libraries.flatMap(l => l.branches.map(b => [b.id, b] as const)))
  const lockers = new Map(libraries.flatMap(l => l.lockers.map(k => [k.id, k] as const)))
  const locations = new Map(
    libraries.flatMap(l => l.branches.flatMap(b => b.locations.map(code => [`${l.id} ${code}`, b] as const))),
  )
  const known = <T>(value: T | undefined, code: string, say: Words): T => {
    if (value === undefined) throw new ProblemError(refused(code, say))
    return value
  }
  const get = (id: string): Library =>
    known(byId.get(id), 'unknown-library', { zh: '没有这个图书馆。', en: 'there is no such library' })
  return {
    all: () => libraries,
    get,
    branch: id =>
      known(branches.get(id), 'unknown-branch', { zh: '没有这个服务点。', en: 'there is no such branch' }),
    locker: id =>
      known(lockers.get(id), 'unknown-locker', { zh: '没有这个自助柜。', en: 'there is no such locker' }),
    branchOfLocation: (libraryId, location) => locations.get(`${libraryId} ${location}`),
    suppliersFor: libraryId => (suppliers.includes(libraryId) ? suppliers.filter(s => s !== libraryId) : []),
    time: (libraryId, at) =>
      Temporal.Instant.fromEpochMilliseconds(at)
        .toZonedDateTimeISO(get(libraryId).zone)
        .toString({ timeZoneName: 'never', smallestUnit: 'second' }),
  }
}
