import type { Millis } from '../../../kernel/clock.ts'
import type { Answer, Problem } from '../../../kernel/problem.ts'
import type {
  CheckinReceipt,
  CheckinRequest,
  CheckoutRequest,
  FeePayment,
  HoldReceipt,
  HoldRequest,
  IlsItem,
  LoanReceipt,
  PatronList,
  RenewRequest,
} from '../ils.ts'
import { fineLine } from './answers.ts'
import type { Profile } from './profile.ts'

/**
 * What the library system says of an act whose answer was lost.
 * `cannot-tell`: it answered, but what it said decides nothing. `unsafe`: doing it again could undo what somebody
 * else has done since. `failed`: not even asking worked.
 */
export type Truth<T> =
  | { readonly is: 'done'; readonly value: T }
  | { readonly is: 'not-done' }
  | { readonly is: 'cannot-tell' }
  | { readonly is: 'unsafe' }
  | { readonly is: 'failed'; readonly problem: Problem }

/** Reads that never change anything; each on a connection opened after the loss. */
export interface Witness {
  item(barcode: string, deadline: Millis): Promise<Answer<IlsItem>>
  list(card: string, list: PatronList, deadline: Millis): Promise<Answer<ReaderList>>
}
/** One list of a reader. `whole`: it is known that nothing is missing. */
export interface ReaderList {
  readonly items: readonly string[]
  readonly whole: boolean
  /** Owed, fen; undefined when not told. */
  readonly owed: number | undefined
}

const failed = (problem: Problem): { is: 'failed'; problem: Problem } => ({ is: 'failed', problem })
const notDone = { is: 'not-done' } as const
const cannotTell = { is: 'cannot-tell' } as const
const unsafe = { is: 'unsafe' } as const

const charged = new Set<IlsItem['status']>(['charged', 'charged-not-to-be-recalled', 'recalled'])
const vague = new Set<IlsItem['status']>(['other', 'unknown', 'claimed-returned', 'lost'])

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}]+/gu, '')

/** Whether a list speaks of an item: by its barcode, alone or before a colon or blank, or by its title. */
const names = (
  items: readonly string[],
  barcode: string | undefined,
  title: string | undefined,
  profile: Profile,
): boolean => {
  if (
    barcode !== undefined &&
    items.some(item => item === barcode || item.startsWith(`${barcode}:`) || item.startsWith(`${barcode} `))
  )
    return true
  if (profile.itemListContent !== 'title' || title === undefined || plain(title) === '') return false
  return items.some(item => {
    const told = plain(item)
    return told !== '' && (told.startsWith(plain(title)) || plain(title).startsWith(told))
  })
}

/**
 * Was the loan made? It stands in this reader's list of loans; or it cannot have been, because the item is not
 * charged. Lists of titles are believed only of an item that is charged: another copy may be on loan.
 */
export const checkoutTruth = async (
  witness: Witness,
  profile: Profile,
  request: CheckoutRequest,
  deadline: Millis,
): Promise<Truth<LoanReceipt>> => {
  const item = await witness.item(request.barcode, deadline)
  if (!item.ok && item.problem.kind !== 'refused') return failed(item.problem)
  const { status, title, dueAt } = item.ok
    ? item.value
    : { status: 'unknown' as const, title: '', dueAt: undefined }
  const free = !charged.has(status) && !vague.has(status)
  if (free && profile.itemListContent === 'title') return notDone
  const loans = await witness.list(request.card, 'charged', deadline)
  if (!loans.ok)
    return loans.problem.kind === 'refused' ? (free ? notDone : cannotTell) : failed(loans.problem)
  if (!names(loans.value.items, request.barcode, title, profile))
    return free || loans.value.whole ? notDone : cannotTell
  const receipt = {
    barcode: request.barcode,
    title,
    dueText: '',
    wasRenewal: false,
    messages: [],
    foundDone: true,
  }
  return { is: 'done', value: dueAt === undefined ? receipt : { ...receipt, dueAt } }
}

/** Was the item taken back? It is when it is not charged any more, or is charged to somebody else by now. */
export const checkinTruth = async (
  witness: Witness,
  profile: Profile,
  request: CheckinRequest,
  deadline: Millis,
): Promise<Truth<CheckinReceipt>> => {
  const item = await witness.item(request.barcode, deadline)
  if (!item.ok) return item.problem.kind === 'refused' ? cannotTell : failed(item.problem)
  const { status, title, permanentLocation, location } = item.value
  if (charged.has(status)) return whoseLoan(witness, profile, request, item.value, deadline)
  if (vague.has(status)) return cannotTell
  const held = status === 'on-hold-shelf'
  const away = status === 'in-transit'
  return {
    is: 'done',
    value: {
      barcode: request.barcode,
      title,
      permanentLocation: permanentLocation ?? '',
      alert: held || away,
      ...(held ? { alertType: 'hold-here' as const } : {}),
      ...(away ? { alertType: 'other' as const } : {}),
      ...(away && location !== undefined ? { destination: location } : {}),
      messages: [],
      foundDone: true,
    },
  }
}

/** A charged item is taken back from the reader it was with; a newer loan of somebody else is left alone. */
const whoseLoan = async (
  witness: Witness,
  profile: Profile,
  { barcode, card, dueBefore }: CheckinRequest,
  { title, dueAt, permanentLocation }: IlsItem,
  deadline: Millis,
): Promise<Truth<CheckinReceipt>> => {
  const sameDue = dueBefore !== undefined && dueAt !== undefined ? dueBefore === dueAt : undefined
  if (card === undefined) return sameDue === false ? unsafe : notDone
  const loans = await witness.list(card, 'charged', deadline)
  if (!loans.ok && loans.problem.kind !== 'refused') return failed(loans.problem)
  if (loans.ok && names(loans.value.items, barcode, title, profile)) return notDone
  if (!loans.ok || !loans.value.whole) return sameDue === true ? notDone : unsafe
  const messages: readonly string[] = []
  const back = { barcode, title, permanentLocation: permanentLocation ?? '', alert: false, messages }
  return { is: 'done', value: { ...back, foundDone: true, lentSince: true } }
}

/** Was the loan renewed? It is when it falls due later than before. */
export const renewTruth = async (
  witness: Witness,
  request: RenewRequest,
  deadline: Millis,
): Promise<Truth<LoanReceipt>> => {
  const item = await witness.item(request.barcode, deadline)
  if (!item.ok) return item.problem.kind === 'refused' ? cannotTell : failed(item.problem)
  const { dueAt, title } = item.value
  if (request.dueBefore === undefined || dueAt === undefined) return cannotTell
  if (dueAt <= request.dueBefore) return notDone
  const value = {
    barcode: request.barcode,
    title,
    dueAt,
    dueText: '',
    wasRenewal: true,
    messages: [],
    foundDone: true,
  }
  return { is: 'done', value }
}

/** Is there a hold of this reader on the item? */
const holdStands = async (
  witness: Witness,
  profile: Profile,
  request: HoldRequest,
  deadline: Millis,
): Promise<Truth<boolean>> => {
  let title = request.title
  if (profile.itemListContent === 'title' && title === undefined && request.barcode !== undefined) {
    const item = await witness.item(request.barcode, deadline)
    if (!item.ok && item.problem.kind !== 'refused') return failed(item.problem)
    title = item.ok ? item.value.title : undefined
  }
  let whole = true
  for (const list of ['holds', 'unavailable-holds'] as const) {
    const held = await witness.list(request.card, list, deadline)
    if (!held.ok) return held.problem.kind === 'refused' ? cannotTell : failed(held.problem)
    if (names(held.value.items, request.barcode, title, profile))
      return { is: 'done', value: list === 'holds' }
    whole &&= held.value.whole
  }
  return whole ? notDone : cannotTell
}

export const holdTruth = async (
  witness: Witness,
  profile: Profile,
  request: HoldRequest,
  deadline: Millis,
): Promise<Truth<HoldReceipt>> => {
  const stands = await holdStands(witness, profile, request, deadline)
  if (stands.is !== 'done') return stands
  return { is: 'done', value: { available: stands.value, messages: [], foundDone: true } }
}

export const cancelTruth = async (
  witness: Witness,
  profile: Profile,
  request: HoldRequest,
  deadline: Millis,
): Promise<Truth<void>> => {
  const stands = await holdStands(witness, profile, request, deadline)
  if (stands.is === 'done') return notDone
  return stands.is === 'not-done' ? { is: 'done', value: undefined } : stands
}

/** Was the fee paid? Its line is gone, or just the amount less is owed than before. */
export const feeTruth = async (
  witness: Witness,
  profile: Profile,
  request: FeePayment,
  deadline: Millis,
): Promise<Truth<{ transaction?: string }>> => {
  const fines = await witness.list(request.card, 'fines', deadline)
  if (!fines.ok) return fines.problem.kind === 'refused' ? cannotTell : failed(fines.problem)
  const ids = fines.value.items.map(line => fineLine(line, profile.fineFormat).id)
  if (request.feeId !== undefined && ids.includes(request.feeId)) return notDone
  const { owed } = fines.value
  if (request.owedBefore === undefined || owed === undefined) return cannotTell
  if (owed === request.owedBefore) return notDone
  return owed === request.owedBefore - request.amount ? { is: 'done', value: {} } : cannotTell
}

/** For acts that do no harm when they are done twice. */
export const notAsked = async (): Promise<Truth<never>> => cannotTell
