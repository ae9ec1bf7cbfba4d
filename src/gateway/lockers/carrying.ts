import { type Millis, pause } from '../../kernel/clock.ts'
import type { Problem } from '../../kernel/problem.ts'
import { lineLent } from '../../lockers/lent-driver.ts'
import type { Door } from '../../lockers/locker.ts'
import {
  allAsks,
  answerAsk,
  askById,
  forgetAsk,
  insertAsk,
  isAsked,
  type LineAsk,
  takeAsk,
  withdrawAsk,
} from '../store/locker-lines.ts'
import type { Inside, Station } from './inside.ts'
import type { Opening } from './line.ts'
import type { Desk } from './settling.ts'
import { doorInUse, lineElsewhere } from './words.ts'

/** For so long may the holder of the line begin with what it was asked: whoever asks stands before the door. */
const beginWithin: Millis = 6_000
/** Longer than any opening takes. */
const doneWithin: Millis = 30_000
/** How long the asker may take to write down what came of it. */
const fetchedWithin: Millis = 10_000
/** The asker may be on its way to write down that nothing came of it. */
const grace: Millis = 3_000
const holderLooks: Millis = 150
const askerLooks: Millis = 100

/** An opening by another process; `busy`: that process is opening this very door already. */
export type Carried = Opening | { readonly kind: 'busy'; readonly problem: Problem }

/**
 * Asks the process that holds the line to open the door of a visit, in the transaction in which the visit is
 * written. Undefined where this process speaks on the line itself.
 */
export const askHolder = async (desk: Desk, door: Door, visitId: string): Promise<string | undefined> => {
  if (desk.elsewhere === undefined) return undefined
  const id = desk.ids.next()
  const { board, channel } = door
  const until = desk.now + beginWithin
  await insertAsk(desk.tx, { id, line: desk.elsewhere, key: desk.key, board, channel, visitId, until })
  return id
}

/** Whether some other process has the door of the visit in hand. */
export const inOtherHands = (desk: Desk, visitId: string): Promise<boolean> =>
  isAsked(desk.tx, visitId, desk.now - grace)

/** Waits for what came of it. Nobody begins with it after this has answered. */
export const carried = async (inside: Inside, id: string): Promise<Carried> => {
  const { store, clock } = inside.options
  const atLast = clock.now() + beginWithin + doneWithin
  for (; clock.now() < atLast; await pause(clock, askerLooks)) {
    try {
      const ask = await askById(store.db, id)
      if (!ask) break
      if (ask.state === 'done') return ask.answer as Carried
      if (clock.now() < ask.until) continue
      if (ask.state === 'taken') break
      if (await withdrawAsk(store.db, id)) return { kind: 'not', problem: lineElsewhere }
    } catch (error) {
      inside.log.warn({ problem: String(error) }, 'the answer of another process could not be read')
    }
  }
  return { kind: 'unclear', problem: { ...lineElsewhere, maybeDone: true } }
}

/** The asker has written down what came of it. */
export const fetched = (inside: Inside, id: string): Promise<void> =>
  forgetAsk(inside.options.store.db, id).catch(error =>
    inside.log.warn({ problem: String(error) }, 'an answer of another process stays until it is too old'),
  )

/** Looks at a board, here or by the process that holds the line; why it could not be seen, if so. */
export const lookAt = async (
  inside: Inside,
  station: Station,
  board: number,
): Promise<Problem | undefined> => {
  const { store, ids, clock, lease } = inside.options
  if (!lease || station.speaks()) {
    const answer = await station.line().look(board)
    return answer.ok ? undefined : answer.problem
  }
  const id = ids.next()
  const { key, site } = station
  const until = clock.now() + beginWithin
  await insertAsk(store.db, { id, line: site.line, key, board, channel: null, visitId: null, until })
  const came = await carried(inside, id)
  await fetched(inside, id)
  return 'problem' in came ? came.problem : undefined
}

/** Does what other processes ask for on the lines that this one speaks on. Returns the way to stop. */
export const serveAsks = (inside: Inside): (() => Promise<void>) => {
  const { store, clock } = inside.options
  const running = new Set<Promise<void>>()
  let stopped = false
  let cancel = (): void => {}

  const stationOf = (ask: LineAsk): Station | undefined =>
    inside
      .stations()
      .find(({ key }) => key.lockerId === ask.key.lockerId && key.libraryId === ask.key.libraryId)

  const opening = async (ask: LineAsk, station: Station): Promise<Carried> => {
    const { board, channel, visitId } = ask
    // While the line is being set up nobody stands waiting for what will not come.
    if (station.isLent()) return { kind: 'not', problem: lineLent }
    const line = station.line()
    if (channel === null || visitId === null) {
      const seen = await line.look(board)
      return seen.ok ? { kind: 'open' } : { kind: 'not', problem: seen.problem }
    }
    if (inside.inHand.has(visitId)) return { kind: 'busy', problem: doorInUse }
    station.visits.add(visitId)
    line.hurry(board)
    return line.open({ board, channel })
  }

  const serve = async (ask: LineAsk, station: Station): Promise<void> => {
    const now = clock.now()
    if (!(await takeAsk(store.db, ask.id, now, now + doneWithin))) return
    const answer = await opening(ask, station).catch((error): Carried => {
      inside.log.error({ locker: station.site.id, problem: String(error) }, 'an opening for another failed')
      return { kind: 'unclear', problem: { ...lineElsewhere, maybeDone: true } }
    })
    await answerAsk(store.db, ask.id, answer, clock.now() + fetchedWithin)
  }

  /** Nobody waits for it any more: its visit is settled from the door. */
  const adopt = async (ask: LineAsk, station: Station): Promise<void> => {
    if (ask.visitId !== null) station.visits.add(ask.visitId)
    await forgetAsk(store.db, ask.id)
  }

  const toDo = (ask: LineAsk, station: Station): Promise<void> | undefined => {
    const now = clock.now()
    if (ask.until + grace <= now) return station.speaks() ? adopt(ask, station) : undefined
    const waits = ask.state === 'asked' && ask.until > now
    return waits && (station.speaks() || station.isLent()) ? serve(ask, station) : undefined
  }

  const turn = async (): Promise<void> => {
    if (!inside.stations().some(one => one.speaks() || one.isLent())) return
    for (const ask of await allAsks(store.db)) {
      const station = stationOf(ask)
      const act = station && toDo(ask, station)
      if (!act) continue
      const done = act
        .catch(error => inside.log.warn({ problem: String(error) }, 'what another process asked for waits'))
        .finally(() => running.delete(done))
      running.add(done)
    }
  }
  const begin = (): void => {
    turn()
      .catch(error => inside.log.warn({ problem: String(error) }, 'what others ask for could not be read'))
      .then(() => {
        if (!stopped) cancel = clock.after(holderLooks, begin)
      })
  }
  begin()
  return async () => {
    stopped = true
    cancel()
    await Promise.all(running)
  }
}
