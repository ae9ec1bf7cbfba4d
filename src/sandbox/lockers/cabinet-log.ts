import type { Clock, Millis } from '../../kernel/clock.ts'
import type { CabinetEventMessage } from '../../lockers/vendors/mqtt-cabinet-messages.ts'

export type CabinetOccasion = CabinetEventMessage extends infer E
  ? E extends CabinetEventMessage
    ? Omit<E, 'v' | 'log' | 'seq' | 'after' | 'now' | 'at' | 'timed'>
    : never
  : never

/** A cabinet's store of events: it outlasts power cuts, and lets go of an event when it has been taken in. */
export interface CabinetLog {
  readonly unkept: number
  add(what: CabinetOccasion, at: Millis, timed: boolean): void
  /** The gateway has taken in events up to `seq`; `again`: tell those that follow once more. */
  kept(log: string, seq: number, again: boolean): void
  /** Tells everything anew that is not taken in. */
  again(): void
  close(): void
}

interface Kept {
  readonly seq: number
  readonly at: Millis
  readonly timed: boolean
  readonly what: CabinetOccasion
}

/** Events said and not yet taken in. */
const window = 32
const saysAgain: Millis = 60_000

export const createCabinetLog = (
  log: string,
  room: number,
  clock: Clock,
  now: () => Millis,
  say: (event: CabinetEventMessage) => boolean,
): CabinetLog => {
  let events: Kept[] = []
  let last = 0
  let kept = 0
  let said = 0
  let cancel: (() => void) | undefined

  const tell = (): void => {
    for (const { seq, at, timed, what } of events) {
      if (seq <= said || seq > kept + window) continue
      if (!say({ v: 1, log, seq, after: kept, now: now(), at, timed, ...what } as CabinetEventMessage)) break
      said = seq
    }
    cancel?.()
    cancel = events.length === 0 ? undefined : clock.after(saysAgain, () => tellFrom(kept))
  }
  const tellFrom = (seq: number): void => {
    said = Math.max(kept, seq)
    tell()
  }
  /** The oldest goes, and the one after it becomes the word of how many are gone. */
  const makeRoom = (): void => {
    const [first, second, ...rest] = events
    if (!first || !second) return
    kept = first.seq
    events = [{ ...second, what: { kind: 'events-lost', count: lostIn(first) + lostIn(second) } }, ...rest]
  }

  return {
    get unkept() {
      return events.length
    },
    add: (what, at, timed) => {
      last += 1
      events.push({ seq: last, at, timed, what })
      if (events.length > room) makeRoom()
      tell()
    },
    kept: (of, seq, again) => {
      if (of === log && seq > kept) {
        kept = Math.min(seq, last)
        events = events.filter(one => one.seq > kept)
      }
      if (again) tellFrom(of === log ? seq : kept)
      else tell()
    },
    again: () => tellFrom(kept),
    close: () => cancel?.(),
  }
}

const lostIn = ({ what }: Kept): number => (what.kind === 'events-lost' ? what.count : 1)
