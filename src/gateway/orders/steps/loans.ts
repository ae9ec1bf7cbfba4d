import type { CirculationStatus } from '../../../adapters/ils/ils.ts'
import { cardFor, noCard } from './cards.ts'
import { again, done, isRefusal, type Step, textOf } from './step.ts'

export const renew: Step<'ils.renew'> = async ({ payload, ports, order, act }) => {
  const card = await cardFor(ports, payload.card, order.libraryId, payload.at)
  if (card === undefined) return { is: 'dead', problem: noCard }
  const answer = await ports.ils(payload.at).renew({
    ...act,
    card,
    barcode: payload.barcode,
    at: payload.when,
    priority: 'person',
    ...(payload.dueBefore === null ? {} : { dueBefore: payload.dueBefore }),
  })
  if (!answer.ok) {
    if (!isRefusal(answer.problem)) return again(answer.problem)
    return done({ what: 'renewal-refused', data: textOf(answer.problem), source: 'ils' })
  }
  const { dueAt, dueText } = answer.value
  return done({
    what: 'renewed',
    data: { dueText: dueText.slice(0, 80), ...(dueAt === undefined ? {} : { dueAt }) },
    source: 'ils',
  })
}

/** First half of passing a loan on: refused when somebody waits for the item, else checked in for the other reader. */
export const transfer: Step<'ils.transfer'> = async ({ payload, ports, act }) => {
  const ils = ports.ils(payload.at)
  if (!act.repeated) {
    const item = await ils.item(payload.barcode)
    if (!item.ok && !isRefusal(item.problem)) return again(item.problem)
    if (!item.ok || (item.value.holdQueue ?? 0) > 0) {
      const data = item.ok ? { code: 'has-hold', text: '有读者在预约这本书' } : textOf(item.problem)
      return done({ what: 'transfer-refused', data, source: 'ils' })
    }
  }
  const answer = await ils.checkin({
    ...act,
    barcode: payload.barcode,
    returnedAt: payload.when,
    at: payload.when,
    priority: 'person',
  })
  if (answer.ok) return done({ what: 'checked-in', data: { alert: false }, source: 'ils' })
  if (!isRefusal(answer.problem)) return again(answer.problem)
  return done({ what: 'transfer-refused', data: textOf(answer.problem), source: 'ils' })
}

const out: readonly CirculationStatus[] = [
  'charged',
  'charged-not-to-be-recalled',
  'recalled',
  'claimed-returned',
  'lost',
]

/** Whether a loan still stands in the ILS: it may have ended or been prolonged at a desk that never told us. */
export const recheck: Step<'ils.recheck'> = async ({ payload, ports }) => {
  const item = await ports.ils(payload.at).item(payload.barcode)
  if (!item.ok) return isRefusal(item.problem) ? done() : again(item.problem)
  const { status, dueAt } = item.value
  if (status === 'unknown' || status === 'other') return done()
  return out.includes(status)
    ? done({ what: 'seen-lent', data: dueAt === undefined ? {} : { dueAt }, source: 'ils' })
    : done({ what: 'seen-returned', data: {}, source: 'ils' })
}
