import type { Db } from '../store/db.ts'
import { openVisits, type Visit, visitById } from '../store/door-visits.ts'
import type { PatronKey, Presence } from '../store/locker-presence.ts'
import type { Here } from './here.ts'
import { sayOf } from './visiting.ts'
import { jammedInside, lookingForDoor, unclearWords, waitingForDoor } from './words.ts'

/** A reader with a phone, as visits name them. */
export const actorOf = ({ patronId }: PatronKey): string => `reader:${patronId}`

/** The last door that was opened for who stands there; one of theirs that is open, or on its way, before any other. */
export const visitOf = async (db: Db, { key, patron, visitId }: Presence): Promise<Visit | undefined> => {
  const last = visitId === null ? undefined : await visitById(db, key, visitId)
  if (isGoing(last)) return last
  const theirs = (one: Visit): boolean =>
    one.actor === actorOf(patron) && one.contents?.libraryId === patron.libraryId
  return (await openVisits(db, key)).findLast(one => isGoing(one) && theirs(one)) ?? last
}

/** Somebody is at a door, as far as anyone can tell; before one that has jammed nobody need stay. */
export const isGoing = (visit: Visit | undefined): visit is Visit =>
  visit !== undefined && visit.settledAt === null && visit.state !== 'jammed'

type Shown = Pick<NonNullable<Here['visit']>, 'state' | 'done' | 'say'>

/** A visit, as the phone of its reader shows it. */
export const stateOf = (visit: Visit, label: string): Shown => {
  switch (visit.state) {
    case 'intended':
      return { state: 'opening', done: false, say: lookingForDoor }
    case 'open':
      return { state: 'open', done: false, say: waitingForDoor }
    case 'unclear':
      return { state: 'unclear', done: false, say: unclearWords(label) }
    case 'jammed':
      return { state: 'jammed', done: false, say: jammedInside(label) }
    case 'failed':
      return { state: 'over', done: false, say: sayOf(visit) }
    case 'done':
      return { state: 'over', done: true, say: sayOf(visit) }
  }
}
