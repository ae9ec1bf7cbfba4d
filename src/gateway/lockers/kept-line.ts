import type { Millis } from '../../kernel/clock.ts'
import { can } from '../../kernel/power.ts'
import type {
  CabinetEvent,
  HoldsCodes,
  KeepsPlaces,
  LockerDriver,
  Sleeps,
  TellsEvents,
  TellsSurely,
} from '../../lockers/locker.ts'
import { silentSince, startWatch, type Watch } from '../../lockers/watch.ts'
import { openVisits } from '../store/door-visits.ts'
import { isHeld, keepLease, type Lease, type LeaseKeeper } from '../store/leases.ts'
import { lineLease, saveBoard } from '../store/locker-lines.ts'
import { compartmentsOf, type StoredCompartment } from '../store/lockers.ts'
import { takeEvent } from './cabinet-events.ts'
import { keepCodes } from './held-codes.ts'
import type { Inside, Station } from './inside.ts'
import { type Line, superviseLine } from './line.ts'
import { keepPlaces } from './places.ts'
import { stationsByBoard, takeIn } from './sighting.ts'
import { tellUntold, turnAllAway } from './together.ts'

/** A line of lockers, which this process may speak on always, or only while it holds the lease of the line. */
export interface KeptLine {
  readonly name: string
  line(): Line
  /** This process may speak on it now. */
  speaks(): boolean
  /** This process has given it away, to be set up. */
  isLent(): boolean
  /** Some process may. */
  spoken(): Promise<boolean>
  /**
   * Gives the line away, to be set up: nothing of it is asked and none of its doors opens until it is given back.
   * Undefined where this process may not speak on it, or it is given away already.
   */
  lend(): Promise<LentOut | undefined>
  start(): Promise<void>
  stop(): Promise<void>
}

export interface LentOut {
  /** This process may still give it to anybody. */
  held(): boolean
  lease(): Lease | undefined
  /** Begins anew with what is stored, as if the line had been gained. */
  back(): Promise<void>
}

/** What a cabinet tells later than this is history, or told by a clock that is behind: it is looked at soon. */
const live: Millis = 5_000
/** A pulse may wait so long for its turn on the line. */
const turnTakes: Millis = 3000
/** Until what is stored is asked for again, when a line was gained and the database did not answer. */
const retryAfter: Millis = 1000

/**
 * Whoever gains a line begins with what is stored, not with what it saw when it last had the line, and reads every
 * board before it opens a door: another process may have opened and shut any of them meanwhile.
 */
export const keepLine = (
  inside: Inside,
  name: string,
  driver: LockerDriver,
  here: readonly Station[],
): KeptLine => {
  const { options, rules, log } = inside
  const { store, clock, ids, lease } = options
  const places = can(driver, 'keepPlace')
    ? keepPlaces(inside, here, driver as typeof driver & KeepsPlaces, name)
    : undefined
  const byBoard = stationsByBoard(here)
  let keeper: LeaseKeeper | undefined
  /** Raised whenever the line is gained or lost: what was begun under an older one is over. */
  let turn = 0
  let line = supervised([], -1)
  let ready = false
  let lent = false
  let changing: Promise<void> = Promise.resolve()
  let hush = (): void => {}

  function supervised(doors: readonly StoredCompartment[], mine: number): Line {
    const codes =
      can(driver, 'putCode') && can(driver, 'heldCodes')
        ? keepCodes(inside, here, driver as typeof driver & HoldsCodes)
        : undefined
    const told = new Map<number, Millis | null>()
    return superviseLine({
      name,
      driver,
      boards: [...new Set(doors.map(door => door.board))].sort((a, b) => a - b),
      watch: startWatch(
        doors.map(({ board, channel, door, doorAt }) => ({ board, channel, door, since: doorAt })),
      ),
      clock,
      rules,
      log,
      jitter: ids.fraction,
      seen: async (board, happenings, watch) => {
        await takeIn(inside, byBoard.get(board) ?? [], { board, happenings, watch })
        if (lease) await tellOthers(told, board, watch)
      },
      round: async () => {
        await codes?.().catch(error => log.warn({ line: name, problem: String(error) }, 'codes wait'))
        places?.round()
        await turnAllAway(inside, here)
        await tellUntold(inside, here)
      },
      busy: board => byBoard.get(board)?.some(one => one.visits.size > 0) ?? false,
      held: () => mine === turn && speaks() && isSure(),
    })
  }

  const tellOthers = async (told: Map<number, Millis | null>, board: number, watch: Watch): Promise<void> => {
    const since = silentSince(watch, board)
    if ((since === null && watch.boards.get(board)?.fresh !== true) || told.get(board) === since) return
    await saveBoard(store.db, name, board, since)
    told.set(board, since)
  }

  /** What is told of a door while it happens is looked at at once: only looks settle who has done what. */
  const hear = async (event: CabinetEvent): Promise<void> => {
    await takeEvent(inside, byBoard.get(event.board) ?? [], event)
    if (!('channel' in event.what)) return
    if (event.receivedAt - event.at < live) line.glance(event.board)
    else line.hurry(event.board)
  }

  /** What is sent now leaves while the line is still ours, however long it waits for its turn. */
  const isSure = (): boolean => !lease || (keeper?.held()?.until ?? 0) - clock.now() > turnTakes

  const speaks = (): boolean => ready && (!lease || keeper?.held() !== undefined)

  const take = async (mine: number): Promise<void> => {
    const doors: StoredCompartment[] = []
    const visits = new Map<Station, readonly string[]>()
    for (const station of here) {
      doors.push(...(await compartmentsOf(store.db, station.key)))
      visits.set(
        station,
        (await openVisits(store.db, station.key)).map(visit => visit.id),
      )
    }
    if (mine !== turn || lent) return
    for (const [station, open] of visits) {
      station.visits.clear()
      for (const id of open) station.visits.add(id)
    }
    line = supervised(doors, mine)
    ready = true
    if (can(driver, 'wake')) (driver as typeof driver & Sleeps).wake()
    line.start()
    const stops = places ? [places.hear()] : []
    hush = () => {
      for (const stop of stops.splice(0)) stop()
    }
    if (!can(driver, 'onEvent')) return
    const tells = driver as typeof driver & TellsEvents
    stops.push(tells.onEvent(hear))
    if (!can(driver, 'onPresence')) return
    const surely = driver as typeof driver & TellsSurely
    stops.push(surely.onPresence(board => line.glance(board)))
  }
  const retaken = (mine: number): Promise<void> =>
    take(mine).catch(error => {
      log.warn({ line: name, problem: String(error) }, 'what is stored of a line could not be read')
      if (mine === turn) clock.after(retryAfter, () => gained(mine))
    })
  const gained = (mine: number): void => {
    if (mine !== turn) return
    changing = changing.then(() => retaken(mine))
  }
  const lost = (): void => {
    turn += 1
    ready = false
    hush()
    hush = () => {}
    changing = changing.then(() => line.stop())
  }

  return {
    name,
    line: () => line,
    speaks,
    isLent: () => lent && (!lease || keeper?.held() !== undefined),
    spoken: async () => speaks() || (lease !== undefined && isHeld(store, lineLease(name), clock.now())),
    lend: async () => {
      if (lent || !speaks()) return undefined
      lent = true
      lost()
      await changing
      return {
        held: () => !lease || keeper?.held() !== undefined,
        lease: () => keeper?.held(),
        back: async () => {
          lent = false
          if (lease && keeper?.held() === undefined) return
          turn += 1
          gained(turn)
          await changing
        },
      }
    },
    start: async () => {
      turn += 1
      if (!lease) return take(turn)
      const { owner, duration } = lease
      keeper = keepLease({
        store,
        clock,
        name: lineLease(name),
        owner,
        duration,
        gained: () => {
          turn += 1
          gained(turn)
        },
        lost: () => {
          lost()
          if (can(driver, 'sleep')) void (driver as typeof driver & Sleeps).sleep()
        },
        log,
      })
    },
    stop: async () => {
      await places?.stop()
      hush()
      hush = () => {}
      if (!keeper) return line.stop()
      await keeper.close()
      lost()
      await changing
    },
  }
}
