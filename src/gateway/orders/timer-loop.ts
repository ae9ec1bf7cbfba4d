import type { Millis } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { type DueTimer, dueTimers, lineTimer, putOffTimer } from '../store/orders.ts'
import { timerEvidenceId } from './evidence.ts'
import { Killed, type PerformDeps } from './perform.ts'
import { timerSays } from './timers.ts'

const batch = 50
/** A line whose timer stumbles is left alone for so long, so that it holds up no other. */
const respite = 600_000

/** Lets everything that is due by now happen; how many timers there were. */
export const fireTimers = async (deps: PerformDeps, now: Millis, log: Log): Promise<number> => {
  const due = await dueTimers(deps.store.db, now, batch)
  for (const timer of due) {
    await deps.boundary(`before timer ${timer.what}`)
    try {
      await fire(deps, timer, now)
    } catch (thrown) {
      if (thrown instanceof Killed) throw thrown
      log.error({ line: timer.lineId, problem: String(thrown) }, 'a timer stumbled')
      await putOffTimer(deps.store.db, timer.lineId, now + respite)
    }
    await deps.boundary(`fired ${timer.what}`)
  }
  return due.length
}

const fire = (deps: PerformDeps, { libraryId, orderId, lineId }: DueTimer, now: Millis): Promise<void> =>
  deps.store.tx(async (tx, after) => {
    const line = await lineTimer(tx, lineId)
    // Something else has happened since it was read.
    if (!line || line.timer === null || line.timer.at > now) return
    const says = timerSays(line.timer.what)
    if (!says) throw new Error(`line ${lineId} has a timer that nobody knows: ${line.timer.what}`)
    await deps.ingest(tx, after, [
      {
        id: timerEvidenceId(lineId, line.timer.what, line.moves),
        libraryId,
        orderId,
        lineId,
        source: 'timer',
        what: says.what,
        at: Math.min(Math.max(line.timer.at, line.movedAt), now),
        receivedAt: now,
        data: says.data,
      },
    ])
    await deps.boundary(`in timer ${line.timer.what}`)
  })
