import type { Clock, Millis } from '../../kernel/clock.ts'
import { isFresh } from '../../lockers/watch.ts'
import type { Store } from '../store/db.ts'
import { type Cared, lockersCaredFor } from '../store/locker-care.ts'
import { lockersWithUntold } from '../store/locker-events.ts'
import { turnAway } from './away.ts'
import type { Inside, Station } from './inside.ts'

/** What the rounds of all lines ask the database, once for all of them. Lockers go by `library/locker`. */
export interface Together {
  /** Lockers with something that has not been told. */
  untold(): Promise<ReadonlySet<string>>
  /** Lockers in maintenance, and those that have been turned away. `anew`: it may have changed just now. */
  cared(anew?: boolean): Promise<ReadonlyMap<string, Cared>>
}

/** An answer is good for so long. */
const life: Millis = 1000
/** Whether a cabinet has come or gone is asked no oftener than this. */
const awayEvery: Millis = 15_000

export const askTogether = (store: Pick<Store, 'db'>, clock: Clock): Together => ({
  untold: shared(clock, () => lockersWithUntold(store.db)),
  cared: shared(clock, () => lockersCaredFor(store.db)),
})

/** The same answer for all who ask within its life; a question that failed is asked again by the next. */
const shared = <T>(clock: Clock, ask: () => Promise<T>): ((anew?: boolean) => Promise<T>) => {
  let answer: Promise<T> | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  return (anew = false) => {
    const now = clock.now()
    if (answer && !anew && now - askedAt < life) return answer
    const asked = ask()
    asked.catch(() => {
      if (answer === asked) answer = undefined
    })
    answer = asked
    askedAt = now
    return asked
  }
}

export const nameOf = ({ key }: Pick<Station, 'key'>): string => `${key.libraryId}/${key.lockerId}`

/** Most cabinets are neither silent nor in maintenance nor turned away, and need not be looked up one by one. */
export const turnAllAway = async (inside: Inside, stations: readonly Station[]): Promise<void> => {
  const now = inside.options.clock.now()
  const due = stations.filter(({ away }) => away.turned === undefined || now - away.askedAt >= awayEvery)
  if (due.length === 0) return
  const cared = await inside.together.cared()
  for (const station of due) {
    if (cared.has(nameOf(station)) || !isThere(station)) await turnAway(inside, station)
    else {
      station.away.askedAt = now
      station.away.turned = false
    }
  }
}

const isThere = ({ site, line }: Station): boolean =>
  site.compartments.every(({ board }) => isFresh(line().watch(), board))

/** Another process may have died between writing something down and telling it. */
export const tellUntold = async (inside: Inside, stations: readonly Station[]): Promise<void> => {
  const untold = await inside.together.untold()
  if (untold.size === 0) return
  for (const station of stations) if (untold.has(nameOf(station))) await inside.tell(station)
}
