import type { Problem } from '../../../kernel/problem.ts'
import { blocksOf } from '../eligibility.ts'
import type { LineStatus } from '../order.ts'
import { cardFor, noCard } from './cards.ts'
import {
  again,
  done,
  droppable,
  dropped,
  isRefusal,
  type Outcome,
  type Step,
  type Task,
  textOf,
} from './step.ts'

/** Where a check-out can be owed: the item is in staff's or the reader's hands already. */
const deferrable: readonly LineStatus[] = ['found', 'delivered', 'collected']

/**
 * Charges the item. When the ILS is away the line goes on and the check-out is owed: from then on it is told, with
 * the original date, instead of asked.
 */
export const checkout: Step<'ils.checkout'> = async task => {
  const { payload, ports, order, line, act } = task
  if (droppable(task) && line.status !== 'transferring') return dropped('ils.checkout')
  const card = await cardFor(ports, payload.card, order.libraryId, payload.at)
  if (card === undefined) return { is: 'dead', problem: noCard }
  const answer = await ports.ils(payload.at).checkout({
    ...act,
    card,
    barcode: payload.barcode,
    at: payload.when,
    noBlock: payload.noBlock || line.chargeOwed,
    priority: 'work',
  })
  if (answer.ok) {
    const { dueAt, dueText, foundDone } = answer.value
    return done({
      what: 'checked-out',
      source: 'ils',
      data: {
        dueText: dueText.slice(0, 80),
        ...(dueAt === undefined ? {} : { dueAt }),
        ...(foundDone ? { foundDone } : {}),
      },
    })
  }
  if (!isRefusal(answer.problem)) return later(task, answer.problem)
  const why = await whyRefused(task, card)
  return done({ what: 'checkout-refused', data: { ...textOf(answer.problem), why }, source: 'ils' })
}

const later = (task: Task<'ils.checkout'>, problem: Problem): Outcome => {
  const { line, ports, payload, attempts } = task
  const outcome = { ...again(problem), happened: payload.noBlock || line.chargeOwed }
  const { state } = ports.ils(payload.at).health()
  const away = attempts > 1 || state === 'down' || state === 'closed-hours'
  if (outcome.is !== 'again' || !away || line.chargeOwed || !deferrable.includes(line.status)) return outcome
  const deferred = { what: 'checkout-deferred', data: {}, source: 'ils', part: 'deferred' } as const
  return { ...outcome, evidence: [deferred] }
}

/** The ILS says no in its own words; whether that is about the item or the reader, it is asked. */
const whyRefused = async (
  { payload, ports }: Task<'ils.checkout'>,
  card: string,
): Promise<'patron' | 'item' | 'other'> => {
  const ils = ports.ils(payload.at)
  const patron = await ils.patron({ card, priority: 'work' })
  if (patron.ok && blocksOf(patron.value, false).length > 0) return 'patron'
  const item = await ils.item(payload.barcode)
  if (!item.ok) return item.problem.kind === 'refused' ? 'item' : 'other'
  const { status, holdQueue = 0 } = item.value
  return holdQueue > 0 || !['available', 'other', 'unknown'].includes(status) ? 'item' : 'other'
}
