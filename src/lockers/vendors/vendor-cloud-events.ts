import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Answer } from '../../kernel/problem.ts'
import type { CabinetEvent, CabinetHappening, PlaceTold, TellsEvents } from '../locker.ts'
import type { EventMessage } from './vendor-cloud-messages.ts'

/** What a cloud tells of its cabinets: in order for each, nothing left out, nothing told twice that was taken in. */
export interface CloudEvents extends TellsEvents {
  /** Takes a push or a look back in. False: not all of it could be told, so it must come again. */
  take(events: readonly EventMessage[]): Promise<boolean>
  /** A look at the cabinet has shown that its newest event has this number: what is missing is fetched. */
  seen(board: number, seq: number): Promise<void>
  /** Hears at once whatever comes, whether or not the listener can take it; for openings that wait. */
  watch(board: number, hear: (event: EventMessage) => void): () => void
}

/** Events that a cabinet told before this program was there to hear them are asked for so far back. */
const lookBack = 200
const remembered = 4096
/** A clock so far ahead of ours was not set. */
const aheadOfUs: Millis = 300_000

/** `fetch`: the events of a cabinet after a number, the oldest first. */
export const createCloudEvents = (parts: {
  readonly clock: Pick<Clock, 'now'>
  /** By the cloud's name of the cabinet. */
  readonly boards: ReadonlyMap<string, number>
  fetch(board: number, after: number): Promise<Answer<readonly EventMessage[]>>
  /** What is told of a place; false when it could not be. */
  place(board: number, told: PlaceTold): Promise<boolean>
}): CloudEvents => {
  const { clock, boards } = parts
  const latest = new Map<number, number>()
  const taken = new Set<string>()
  const watchers = new Set<{ readonly board: number; hear(event: EventMessage): void }>()
  let listener: ((event: CabinetEvent) => Promise<void>) | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const done = turn.then(act)
    turn = done.catch(() => {})
    return done
  }
  const remember = (id: string): void => {
    taken.add(id)
    if (taken.size > remembered) taken.delete(taken.values().next().value!)
  }
  const tell = async (event: CabinetEvent): Promise<boolean> => {
    if (!listener) return false
    try {
      await listener(event)
      return true
    } catch {
      return false
    }
  }

  /** Tells one event; false when it could not be. */
  const tellOne = async (board: number, event: EventMessage): Promise<boolean> => {
    if (!taken.has(event.id)) {
      const what = happeningOf(event)
      if (what && !(await tell(dated(board, event, what, clock.now())))) return false
      const told = placeIn(event)
      if (told && !(await parts.place(board, told))) return false
      remember(event.id)
    }
    latest.set(board, Math.max(latest.get(board) ?? 0, event.seq))
    return true
  }
  /** What the cloud has no more of is told as lost: then only the doors themselves tell the truth. */
  const tellLost = async (board: number, from: number, to: number): Promise<boolean> => {
    const now = clock.now()
    const count = to - from - 1
    if (count <= 0) return true
    const id = `lost:${board}:${from + 1}-${to - 1}`
    const what = { kind: 'events-lost', count } as const
    return tell({ id, board, seq: null, at: now, timed: 'arrival', receivedAt: now, what })
  }

  /** Everything after the last that was told, up to but without `until`. */
  const catchUp = async (board: number, until: number): Promise<boolean> => {
    const known = latest.get(board)
    let after = known ?? Math.max(0, until - 1 - lookBack)
    while (after < until - 1) {
      const page = await parts.fetch(board, after)
      if (!page.ok) return false
      const next = page.value.filter(one => one.seq > after && one.seq < until).sort((a, b) => a.seq - b.seq)
      if (next.length === 0) return tellLost(board, after, until)
      for (const event of next) {
        if (!(await tellLost(board, after, event.seq)) || !(await tellOne(board, event))) return false
        after = event.seq
      }
    }
    return true
  }

  const takeOne = async (event: EventMessage): Promise<boolean> => {
    const board = boards.get(event.cabinet)
    if (board === undefined) return true
    for (const one of watchers) if (one.board === board) one.hear(event)
    return (await catchUp(board, event.seq)) && (await tellOne(board, event))
  }

  return {
    take: events =>
      inTurn(async () => {
        let all = true
        for (const event of [...events].sort((a, b) => a.seq - b.seq)) all = (await takeOne(event)) && all
        return all
      }),
    seen: async (board, seq) => {
      if (seq <= (latest.get(board) ?? -1) || !listener) return
      await inTurn(async () => {
        if (await catchUp(board, seq + 1)) latest.set(board, Math.max(latest.get(board) ?? 0, seq))
      })
    },
    watch: (board, hear) => {
      const one = { board, hear }
      watchers.add(one)
      return () => watchers.delete(one)
    },
    onEvent: next => {
      listener = next
      return () => {
        if (listener === next) listener = undefined
      }
    },
  }
}

const dated = (board: number, event: EventMessage, what: CabinetHappening, now: Millis): CabinetEvent => ({
  id: event.id,
  board,
  seq: event.seq,
  at: event.at,
  timed: event.at > now + aheadOfUs ? 'doubtful' : 'cabinet',
  receivedAt: now,
  what,
})

const plain = {
  'cabinet.online': 'online',
  'cabinet.offline': 'offline',
  'power.lost': 'power-lost',
  'power.restored': 'power-back',
  tamper: 'tamper',
  'code.locked_out': 'code-locked-out',
} as const

const placeStates = { 'place.kept': 'kept', 'place.refused': 'refused', 'place.gone': 'gone' } as const

const placeIn = ({ type, reference, compartment }: EventMessage): PlaceTold | undefined =>
  reference !== undefined && Object.hasOwn(placeStates, type)
    ? {
        state: placeStates[type as keyof typeof placeStates],
        reference,
        ...(compartment === undefined ? {} : { channel: compartment }),
      }
    : undefined

/** Undefined for what is no business of ours, or is told to the opening that waits for it. */
const happeningOf = ({ type, compartment, item, code }: EventMessage): CabinetHappening | undefined => {
  if (type === 'door.opened' || type === 'door.closed')
    return compartment === undefined
      ? undefined
      : {
          kind: type === 'door.opened' ? 'door-opened' : 'door-closed',
          channel: compartment,
          ...(item === undefined || item === 'unknown' ? {} : { occupied: item === 'present' }),
          ...(code === undefined ? {} : { codeId: code }),
        }
  return Object.hasOwn(plain, type) ? { kind: plain[type as keyof typeof plain] } : undefined
}
