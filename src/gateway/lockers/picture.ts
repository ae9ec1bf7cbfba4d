import type { Millis } from '../../kernel/clock.ts'
import { type Answer, no, type Words, yes } from '../../kernel/problem.ts'
import { shownState } from '../../lockers/compartments.ts'
import type { CompartmentSize } from '../../lockers/locker.ts'
import { visitById } from '../store/door-visits.ts'
import { compartmentsOf } from '../store/lockers.ts'
import type { Inside } from './inside.ts'
import { viewOf } from './view.ts'
import { sayOf } from './visiting.ts'
import { alarmWords, lookingForDoor, unknownLocker, waitingForDoor } from './words.ts'

type DoorState = 'open' | 'closed' | 'unknown'

/** A cabinet as staff see it. Instants in milliseconds. */
export interface LockerPicture {
  readonly id: string
  readonly name: Words
  readonly place: string
  readonly online: boolean
  readonly boards: readonly { readonly board: number; readonly silentSince: Millis | null }[]
  readonly compartments: readonly {
    readonly id: string
    readonly label: string
    readonly size: CompartmentSize
    readonly row: number
    readonly column: number
    readonly state: ReturnType<typeof shownState>
    readonly door: DoorState
    readonly since: Millis
    readonly titles: readonly string[]
    readonly alarm: Words | null
    readonly orderId: string | null
    readonly parcel: string | null
  }[]
}

/** A cabinet as its own screen shows it. */
export interface KioskState {
  readonly locker: {
    readonly id: string
    readonly name: Words
    readonly phone: string
    readonly online: boolean
  }
  readonly compartments: readonly {
    readonly id: string
    readonly label: string
    readonly size: CompartmentSize
    readonly row: number
    readonly column: number
    readonly door: DoorState
  }[]
  readonly visit: {
    readonly id: string
    readonly door: DoorState
    readonly finished: boolean
    readonly say: Words
  } | null
}

export const picture = async (inside: Inside, lockerId: string): Promise<Answer<LockerPicture>> => {
  const station = inside.stations().find(one => one.site.id === lockerId)
  if (!station) return no(unknownLocker)
  const { store, titles } = inside.options
  const { site, key } = station
  const view = await viewOf(inside, station)
  const compartments = []
  for (const one of await compartmentsOf(store.db, key)) {
    const { contents } = one
    compartments.push({
      id: one.id,
      label: one.label,
      size: one.size,
      row: one.row,
      column: one.column,
      state: shownState(one),
      door: view.door(one),
      since: one.since,
      titles: (contents && (await titles?.(store.db, contents.libraryId, contents.lineIds))) ?? [],
      alarm: one.alarm === null ? null : (alarmWords[one.alarm] ?? { zh: one.alarm, en: one.alarm }),
      orderId: contents?.orderId ?? null,
      parcel: contents?.parcel ?? null,
    })
  }
  return yes({
    id: site.id,
    name: site.name,
    place: site.place,
    online: view.online,
    boards: [...new Set(site.compartments.map(one => one.board))]
      .sort((a, b) => a - b)
      .map(board => ({ board, silentSince: view.silentSince(board) })),
    compartments,
  })
}

export const kioskState = async (
  inside: Inside,
  lockerId: string,
  visitId: string | undefined,
): Promise<Answer<KioskState>> => {
  const station = inside.stations().find(one => one.site.id === lockerId)
  if (!station) return no(unknownLocker)
  const { store } = inside.options
  const { site, key } = station
  const view = await viewOf(inside, station)
  const all = await compartmentsOf(store.db, key)
  const visit = visitId === undefined ? undefined : await visitById(store.db, key, visitId)
  const door = all.find(one => one.id === visit?.compartmentId)
  const saying = visit?.state === 'intended' ? lookingForDoor : waitingForDoor
  return yes({
    locker: { id: site.id, name: site.name, phone: site.phone, online: view.online },
    compartments: all.map(one => ({
      id: one.id,
      label: one.label,
      size: one.size,
      row: one.row,
      column: one.column,
      door: view.door(one),
    })),
    visit: visit
      ? {
          id: visit.id,
          door: door ? view.door(door) : 'unknown',
          finished: visit.settledAt !== null,
          say: visit.settledAt === null ? saying : sayOf(visit),
        }
      : null,
  })
}
