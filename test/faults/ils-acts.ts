import type { Act } from '../../src/adapters/ils/ils.ts'
import type { Sip2Ils } from '../../src/adapters/ils/sip2/sip2.ts'
import { type Clock, type ManualClock, pause } from '../../src/kernel/clock.ts'
import type { Answer } from '../../src/kernel/problem.ts'
import type { IlsState } from '../../src/sandbox/ils/state.ts'
import { at } from '../sandbox/ils/library.ts'

/** An act, how the books stand before it, and how often it shows in the books afterwards. */
export interface Deed {
  readonly name: string
  /** Command of the request. */
  readonly command: string
  prepare(state: IlsState, clock: ManualClock): void
  perform(ils: Sip2Ils, act: Act): Promise<Answer<unknown>>
  /** How often it was done, as everything it changes tells together; NaN when the books contradict each other. */
  done(state: IlsState): number
}

const moment = at('2026-10-15T09:30:00')
const loanOf = (state: IlsState, barcode: string) =>
  state.snapshot().loans.find(loan => loan.barcode === barcode)
const agree = (...counts: readonly number[]): number =>
  counts.every(count => count === counts[0]) ? (counts[0] ?? Number.NaN) : Number.NaN

export const checkout: Deed = {
  name: 'checkout',
  command: '11',
  prepare: () => {},
  perform: (ils, act) => ils.checkout({ ...act, card: 'R0001', barcode: 'B1001', at: moment }),
  done: state => {
    const loan = loanOf(state, 'B1001')
    return agree(loan ? 1 + loan.renewals : 0, state.counts().checkout.done)
  },
}

export const renew: Deed = {
  name: 'renew',
  command: '29',
  prepare: state => {
    state.desk.lend('R0002', 'B2001')
  },
  perform: (ils, act) =>
    ils.renew({
      ...act,
      card: 'R0002',
      barcode: 'B2001',
      at: moment,
      dueBefore: at('2026-11-14T23:59:59'),
    }),
  done: state => agree(loanOf(state, 'B2001')?.renewals ?? Number.NaN, state.counts().renew.done),
}

export const checkin: Deed = {
  name: 'checkin',
  command: '09',
  prepare: state => {
    state.desk.lend('R0006', 'M030', at('2026-08-29T10:00:00'))
  },
  perform: (ils, act) =>
    ils.checkin({
      ...act,
      barcode: 'M030',
      location: 'GSQ',
      returnedAt: at('2026-10-01T08:00:00'),
      at: moment,
    }),
  done: state =>
    agree(
      loanOf(state, 'M030') ? 0 : 1,
      (state.snapshot().owed.R0006 ?? 0) / 30,
      state.counts().checkin.done,
    ),
}

export const placeHold: Deed = {
  name: 'hold',
  command: '15',
  prepare: () => {},
  perform: (ils, act) =>
    ils.placeHold({ ...act, card: 'R0001', barcode: 'M031', pickupLocation: 'PJL', at: moment }),
  done: state =>
    agree(
      state.snapshot().holds.filter(hold => hold.bibId === 'm031').length,
      state.counts()['hold-add'].done,
    ),
}

export const cancelHold: Deed = {
  name: 'cancelled hold',
  command: '15',
  prepare: state => {
    state.desk.hold({ card: 'R0002', barcode: 'M032', pickup: 'PJL' })
  },
  perform: (ils, act) => ils.cancelHold({ ...act, card: 'R0002', barcode: 'M032', at: moment }),
  done: state =>
    agree(
      state.snapshot().holds.some(hold => hold.bibId === 'm032') ? 0 : 1,
      state.counts()['hold-delete'].done,
    ),
}

export const payFee: Deed = {
  name: 'fee',
  command: '37',
  prepare: () => {},
  perform: (ils, act) => ils.payFee({ ...act, card: 'R0005', amount: 500, owedBefore: 1200, at: moment }),
  done: state =>
    agree(
      (1200 - (state.snapshot().owed.R0005 ?? 0)) / 500,
      state.snapshot().paid.length,
      state.counts()['fee-paid'].done,
    ),
}

export const deeds: readonly Deed[] = [checkout, checkin, renew, placeHold, cancelHold, payFee]

/** What became of an act: the last answer, and how often it was tried. */
export interface Outcome {
  readonly answer: Answer<unknown>
  readonly tries: number
}

/** Tries as the gateway does: again after a while, said to be repeated, until the answer is final. */
export const persist = async (
  deed: Deed,
  ils: Sip2Ils,
  clock: Clock,
  key: string,
  wait = 90_000,
): Promise<Outcome> => {
  for (let tries = 1; ; tries++) {
    const answer = await deed.perform(ils, { key, repeated: tries > 1 })
    if (answer.ok || answer.problem.retry === 'never' || tries === 60) return { answer, tries }
    await pause(clock, wait)
  }
}
