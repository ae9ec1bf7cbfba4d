import type { LineJson } from '../../http/api/reader.ts'
import type { Delivery, Line, LineStatus } from '../order.ts'
import type { OrderPolicy } from '../policy.ts'
import type { StaffAction } from '../staff-actions.ts'
import { edgesOf } from '../states.ts'
import { unrecorded } from '../words.ts'

type ReaderCan = LineJson['can'][number]

const returns: readonly ReaderCan[] = ['return-courier', 'return-branch', 'return-locker']

/** What a reader may do with a line now: the same table and the same limits that decide when it is asked for. */
export const readerCan = (line: Line, policy: OrderPolicy): readonly ReaderCan[] => {
  const cancel = edgesOf(line.status, 'cancel-requested').some(e => !e.when?.includes('not by the reader'))
  const can: ReaderCan[] = cancel ? ['cancel'] : []
  if (line.status === 'return_requested') return [...can, ...returns, 'cancel-return']
  if (line.status !== 'on_loan') return can
  if (line.renewals < policy.renewals && line.charged && !line.pending.includes('ils.renew'))
    can.push('renew')
  can.push(...returns)
  if (line.transfers < policy.transfersPerLoan && line.charged && line.supplierId === line.libraryId)
    can.push('transfer')
  return can
}

const carrier: readonly StaffAction[] = ['sent-back', 'carrier-lost', 'refused-damaged', 'delivered']
const fetched: readonly StaffAction[] = ['recover', 'hand-over']
const back: readonly StaffAction[] = ['receive', 'damaged', 'claimed-returned']

/** The buttons of a row, the next action first; those of a parcel on its way hang on how it goes. */
const buttons: { readonly [S in LineStatus]?: readonly StaffAction[] } = {
  requested: ['cancel'],
  confirmed: ['found', 'not-found', 'cancel'],
  picking: ['found', 'not-found', 'cancel'],
  seeking: ['cancel'],
  found: ['pack', 'not-found', 'damaged', 'cancel'],
  checkout_refused: ['retry-checkout', 'cancel'],
  charged: ['pack', 'not-found', 'damaged', 'cancel'],
  in_locker: ['at-branch', 'cancel', 'wrong-item'],
  at_branch: ['hand-over', 'cancel', 'wrong-item'],
  expired: fetched,
  recovered: ['retry-checkin', 'settled-by-hand'],
  delivered: ['retry-checkout', 'wrong-item'],
  collected: ['retry-checkout', 'wrong-item'],
  on_loan: ['receive', 'lost', 'claimed-returned', 'wrong-item'],
  return_requested: ['receive', 'picked-up', 'lost', 'claimed-returned'],
  return_shipped: ['receive', 'damaged', 'carrier-lost'],
  return_in_locker: back,
  return_at_branch: back,
  received: ['retry-checkin', 'settled-by-hand'],
  cancelling: ['retry-checkin', 'settled-by-hand'],
  missing: ['receive', 'lost-paid', 'found-with-reader', 'found-in-library'],
  discharged: ['routed'],
}

const onlyInTrouble: readonly StaffAction[] = ['retry-checkin', 'settled-by-hand', 'retry-checkout']

/** How a packed book leaves: by the courier, into the locker, or to the desk that may be the one it lies at. */
const leaving = (line: Line, delivery: Delivery): readonly StaffAction[] => {
  if (delivery.way === 'home') return ['send']
  if (delivery.way === 'locker') return ['send', 'put-in-locker', 'at-branch']
  return delivery.branchId === line.branchId ? ['at-branch', 'send'] : ['send', 'at-branch']
}

const buttonsOf = (line: Line, delivery: Delivery): readonly StaffAction[] => {
  if (line.status === 'packed') return [...leaving(line, delivery), 'cancel']
  if (line.status !== 'shipped') return buttons[line.status] ?? []
  return [...leaving(line, delivery).filter(action => action !== 'send'), ...carrier]
}

/** What staff may do with a line now, the next action first. */
export const staffCan = (
  line: Line,
  delivery: Delivery,
  chargeAt: OrderPolicy['chargeAt'],
): readonly StaffAction[] => {
  const own = buttonsOf(line, delivery).filter(action => {
    if (action === 'pack' && line.status === 'found') return chargeAt === 'collect'
    if (line.status === 'checkout_refused') return true
    return line.trouble !== null || !onlyInTrouble.includes(action)
  })
  if (line.trouble?.code === 'effect-failed') return ['retry', ...own]
  if (!unrecorded.includes(line.trouble?.code ?? '')) return own
  return [...new Set<StaffAction>(['retry-checkout', 'settled-by-hand', ...own])]
}
