import type { CheckinReceipt } from '../../../adapters/ils/ils.ts'
import type { DataOf } from '../evidence.ts'
import { cardFor } from './cards.ts'
import { again, done, dropped, isRefusal, type Step, type Task, textOf } from './step.ts'

/** Beyond this the ILS is told of the past rather than asked about the present. */
const longAgo = 3_600_000

/** Discharges the item, as of the moment the reader handed it in. */
export const checkin: Step<'ils.checkin'> = async task => {
  const { payload, ports, order, line, act, clock } = task
  if (!payload.loose && !line.charged && !line.chargeOwed) return dropped('ils.checkin')
  const now = clock.now()
  const location = locationAt(task)
  const card = payload.card && (await cardFor(ports, payload.card, order.libraryId, payload.at))
  const noBlock = now - payload.returnedAt > longAgo
  const answer = await ports.ils(payload.at).checkin({
    key: act.key,
    // What may never have been charged, or may be lent to somebody else by now, is asked about before it is undone.
    repeated: act.repeated || payload.loose || noBlock,
    barcode: payload.barcode,
    returnedAt: payload.returnedAt,
    at: noBlock ? payload.returnedAt : now,
    noBlock,
    cancel: payload.cancel,
    priority: 'work',
    ...(location === undefined ? {} : { location }),
    ...(card === undefined ? {} : { card }),
    ...(typeof payload.dueBefore === 'number' ? { dueBefore: payload.dueBefore } : {}),
  })
  if (!answer.ok) {
    if (!isRefusal(answer.problem)) return { ...again(answer.problem), happened: !payload.cancel }
    if (payload.loose) return { is: 'dead', problem: answer.problem }
    return done({ what: 'checkin-refused', data: textOf(answer.problem), source: 'ils' })
  }
  if (payload.loose) return done()
  return done({ what: 'checked-in', data: receiptData(task, answer.value), source: 'ils' })
}

const locationAt = ({ payload, ports }: Task<'ils.checkin'>): string | undefined => {
  if (payload.branchId === null) return undefined
  const branch = ports.libraries.branch(payload.branchId)
  return branch.libraryId === payload.at ? branch.locations[0] : undefined
}

/** What the ILS wants done with the item; another library's goes home, whatever its own system says. */
const receiptData = (
  { payload, ports, line }: Task<'ils.checkin'>,
  receipt: CheckinReceipt,
): DataOf<'checked-in'> => {
  const done = receipt.foundDone ? { foundDone: true } : {}
  // It never left the library; an alert would be about the hold that the undoing brought back.
  if (payload.cancel) return { ...done, alert: false }
  if (receipt.alert)
    return {
      ...done,
      alert: true,
      ...(receipt.alertType === undefined ? {} : { alertType: receipt.alertType }),
      ...(receipt.destination === undefined ? {} : { destination: receipt.destination.slice(0, 80) }),
    }
  const away =
    payload.branchId !== null && ports.libraries.branch(payload.branchId).libraryId !== line.supplierId
  return away
    ? { ...done, alert: true, alertType: 'send-elsewhere', destination: line.supplierId }
    : { ...done, alert: false }
}
