import { circulationStatuses } from '../../ils.ts'
import { field } from '../codec.ts'
import { checkin, checkout, itemInformation } from '../requests.ts'
import type { Plan } from './step.ts'
import type { Talk } from './talk.ts'

/**
 * With the person's leave only: lends the test item to the test card and takes it back, once each. Neither is
 * ever said twice, and nothing is lent that is not available; whatever is left undone is told.
 */
export function* lendAndTakeBack(talk: Talk): Plan<void> {
  const { facts, given } = talk
  const { patron: card, item: barcode, pin } = given
  if (card === undefined || barcode === undefined || facts.item?.status !== 'available') return
  const done: string[] = []
  const left: string[] = []
  const changes: NonNullable<typeof facts.changes> = { done, left }
  facts.changes = changes
  const lending = yield* talk.ask(
    checkout(talk.scope(), { card, barcode, at: talk.now, ...(pin === undefined ? {} : { pin }) }),
    { once: true },
  )
  if (lending.reaction === 'answer' && lending.parsed?.fixed.ok === '1') {
    done.push('11')
    const due = field(lending.parsed, 'AH')?.trim()
    if (due) facts.dueTexts.push(due)
  } else if (lending.reaction === 'answer' || lending.reaction === '96') return
  const taking = yield* talk.ask(
    checkin(talk.scope(), { barcode, at: talk.now, returnedAt: talk.now, location: given.location }),
    { once: true },
  )
  const taken = taking.reaction === 'answer' && taking.parsed?.fixed.ok === '1'
  if (taken) done.push('09')
  const told = yield* talk.ask(itemInformation(talk.scope(), barcode))
  const now = circulationStatuses[Number(told.parsed?.fixed.circulationStatus ?? 0) - 1] ?? 'unknown'
  changes.now = now
  if (now !== 'available' && !(taken && onItsWay.has(now))) left.push(barcode)
}

/** What a copy may be behind its return: it travels home, waits to be shelved, or for the reader who comes next. */
const onItsWay: ReadonlySet<string> = new Set([
  'in-process',
  'on-hold-shelf',
  'waiting-to-be-reshelved',
  'in-transit',
])
