import type { Words } from '../../kernel/problem.ts'
import type { Libraries } from '../libraries.ts'
import type { Line, LineStatus } from './order.ts'

/** Steps in which the item lies somewhere, whoever owns it. */
const lying: readonly LineStatus[] = [
  ...(['in_locker', 'at_branch', 'expired'] as const),
  ...(['return_in_locker', 'return_at_branch', 'received', 'discharged'] as const),
]

/** The locker or desk where the item lies; null while it is on its shelf, on the road or with its reader. */
export const placeOf = (line: Line): string | null =>
  lying.includes(line.status) ? (line.lockerId ?? line.deskId) : null

/** Lockers and desks of a library: what lies there is its staff's work too, whoever owns it. */
export const placesOf = (libraries: Pick<Libraries, 'get'>, libraryId: string): readonly string[] => {
  const { branches, lockers } = libraries.get(libraryId)
  return [...branches, ...lockers].map(place => place.id)
}

/** The library in whose house a locker or desk stands. */
export const houseOf = (libraries: Pick<Libraries, 'all'>, place: string): string | undefined =>
  libraries.all().find(({ branches, lockers }) => [...branches, ...lockers].some(one => one.id === place))?.id

/** Libraries in whose houses the item of a line lies, or lay last. */
export const housesOf = (libraries: Pick<Libraries, 'all'>, { lockerId, deskId }: Line): readonly string[] =>
  [lockerId, deskId].flatMap(place => (place === null ? [] : (houseOf(libraries, place) ?? [])))

/** The door, desk or branch where staff find the item of a line. */
export const placeName = (libraries: Pick<Libraries, 'branch' | 'locker'>, line: Line): Words => {
  if (placeOf(line) === null) return libraries.branch(line.branchId).name
  if (line.lockerId === null) return libraries.branch(line.deskId ?? line.branchId).name
  const { name, compartments } = libraries.locker(line.lockerId)
  const door = compartments.find(one => one.id === line.compartmentId)
  return door ? { zh: `${name.zh} ${door.label} 号门`, en: `${name.en}, door ${door.label}` } : name
}
