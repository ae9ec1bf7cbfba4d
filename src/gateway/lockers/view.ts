import type { Millis } from '../../kernel/clock.ts'
import { answers, doorNow, silentSince } from '../../lockers/watch.ts'
import { boardsOf } from '../store/locker-lines.ts'
import type { StoredCompartment } from '../store/lockers.ts'
import type { Inside, Station } from './inside.ts'

/** What is known of a cabinet's doors: by looking, or by what the process that looks has written down. */
export interface View {
  /** Every board of it answers. */
  readonly online: boolean
  silentSince(board: number): Millis | null
  door(compartment: StoredCompartment): 'open' | 'closed' | 'unknown'
}

export const viewOf = async (inside: Inside, station: Station): Promise<View> => {
  const boards = [...new Set(station.site.compartments.map(one => one.board))]
  if (station.speaks() || !inside.options.lease) {
    const watch = station.line().watch()
    return {
      // A line that is being set up answers, and no door of it opens.
      online: station.speaks() && boards.every(board => answers(watch, board)),
      silentSince: board => silentSince(watch, board),
      door: compartment => doorNow(watch, compartment).door,
    }
  }
  const seen: ReadonlyMap<number, Millis | null> = (await station.spoken())
    ? await boardsOf(inside.options.store.db, station.site.line)
    : new Map()
  return {
    online: boards.every(board => seen.get(board) === null),
    silentSince: board => seen.get(board) ?? null,
    // A door that has never been seen open is not written down until it is.
    door: ({ board, door }) => (seen.get(board) !== null ? 'unknown' : door === 'open' ? 'open' : 'closed'),
  }
}
