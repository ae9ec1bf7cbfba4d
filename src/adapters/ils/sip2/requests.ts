import type { Millis } from '../../../kernel/clock.ts'
import { toYuan } from '../../../kernel/money.ts'
import type {
  CheckinRequest,
  CheckoutRequest,
  FeePayment,
  HoldRequest,
  PatronList,
  RenewRequest,
} from '../ils.ts'
import type { Field, Message } from './codec.ts'
import { noDate, sipDate } from './dates.ts'
import { messages } from './messages.ts'
import type { Profile } from './profile.ts'
import type { Sip2Settings } from './settings.ts'

/** What a message needs beside what it is about. */
export interface Scope {
  readonly settings: Pick<Sip2Settings, 'terminalPassword' | 'language' | 'currency' | 'location'>
  readonly profile: Profile
  /** AO. */
  readonly institution: string
  readonly now: Millis
}

type Values = Readonly<Record<string, string | undefined>>

/** The lists of 63 in the order of its summary. */
export const lists: readonly PatronList[] = [
  'holds',
  'overdue',
  'charged',
  'fines',
  'recalls',
  'unavailable-holds',
]

const date = (scope: Scope, at: Millis): string => sipDate(at, scope.profile.timeZone, scope.profile.zone)

/** Puts the values into the order wanted; required fields are sent even when empty. */
const make = (
  scope: Scope,
  command: string,
  fixed: Readonly<Record<string, string>>,
  values: Values,
): Message => {
  const type = messages.get(command)
  const all: Values = { AO: scope.institution, AC: scope.settings.terminalPassword || undefined, ...values }
  const fields: Field[] = []
  for (const id of type?.order ?? []) {
    const sent = type?.required.includes(id) || scope.profile.emptyFields.includes(id)
    const value = all[id] ?? (sent ? '' : undefined)
    if (value !== undefined) fields.push([id, value])
  }
  return { command, fixed, fields: arranged(scope.profile, command, fields) }
}

/** Without the fields a library system does not take, those it wants first in front. */
export const arranged = (profile: Profile, command: string, fields: readonly Field[]): Field[] => {
  const wanted = profile.fieldOrder[command] ?? []
  const place = (id: string): number => (wanted.includes(id) ? wanted.indexOf(id) : wanted.length)
  return fields.filter(([id]) => !profile.omitFields.includes(id)).sort(([a], [b]) => place(a) - place(b))
}

export const patronStatusRequest = (scope: Scope, card: string, pin?: string): Message =>
  make(
    scope,
    '23',
    { language: scope.settings.language, date: date(scope, scope.now) },
    { AA: card, AD: pin },
  )

/** 63; a page counts from 1 and includes both ends. */
export const patronInformation = (
  scope: Scope,
  asked: {
    card: string
    pin?: string | undefined
    list?: PatronList | undefined
    page?: { from: number; to: number } | undefined
  },
): Message => {
  const at = asked.list === undefined ? -1 : lists.indexOf(asked.list)
  const summary = Array.from({ length: 10 }, (_, i) => (i === at ? 'Y' : ' ')).join('')
  return make(
    scope,
    '63',
    { language: scope.settings.language, date: date(scope, scope.now), summary },
    {
      AA: asked.card,
      AD: asked.pin,
      BP: asked.page === undefined ? undefined : String(asked.page.from),
      BQ: asked.page === undefined ? undefined : String(asked.page.to),
    },
  )
}

export const endPatronSession = (scope: Scope, card: string): Message =>
  make(scope, '35', { date: date(scope, scope.now) }, { AA: card })

export const itemInformation = (scope: Scope, barcode: string): Message =>
  make(scope, '17', { date: date(scope, scope.now) }, { AB: barcode })

/**
 * The renewal policy is always N: the library system must refuse a loan that the reader has already rather than
 * renew it, so that a repeated loan cannot lengthen itself.
 */
export const checkout = (scope: Scope, request: CheckoutRequest): Message =>
  make(
    scope,
    '11',
    {
      scRenewalPolicy: 'N',
      noBlock: request.noBlock ? 'Y' : 'N',
      date: date(scope, request.at),
      nbDueDate: request.noBlock && request.dueAt !== undefined ? date(scope, request.dueAt) : noDate,
    },
    { AA: request.card, AB: request.barcode, AD: request.pin },
  )

export const checkin = (scope: Scope, request: CheckinRequest): Message =>
  make(
    scope,
    '09',
    {
      noBlock: request.noBlock ? 'Y' : 'N',
      date: date(scope, request.at),
      returnDate: date(scope, request.returnedAt),
    },
    {
      AP: request.location ?? scope.settings.location,
      AB: request.barcode,
      BI: request.cancel ? 'Y' : undefined,
    },
  )

export const renew = (scope: Scope, request: RenewRequest): Message =>
  make(
    scope,
    '29',
    {
      thirdPartyAllowed: 'N',
      noBlock: request.noBlock ? 'Y' : 'N',
      date: date(scope, request.at),
      nbDueDate: renewalDue(scope, request),
    },
    { AA: request.card, AB: request.barcode, AJ: request.title },
  )

const renewalDue = (scope: Scope, { noBlock, dueAt, dueBefore, at }: RenewRequest): string => {
  if (noBlock && dueAt !== undefined) return date(scope, dueAt)
  return scope.profile.dueDateInRenewal ? date(scope, dueBefore ?? at) : noDate
}

/** Hold type 3 is one copy, 2 any copy of a title. */
export const hold = (scope: Scope, mode: '+' | '-', request: HoldRequest): Message =>
  make(
    scope,
    '15',
    { mode, date: date(scope, request.at) },
    {
      BW: request.expiresAt === undefined ? undefined : date(scope, request.expiresAt),
      BS: request.pickupLocation,
      BY: mode === '-' ? undefined : request.barcode === undefined ? '2' : '3',
      AA: request.card,
      AD: request.pin,
      AB: request.barcode,
      AJ: request.title,
    },
  )

/** BK carries our key, the same at every try, for library systems that know a payment by it. */
export const feePaid = (scope: Scope, request: FeePayment & { readonly key: string }): Message =>
  make(
    scope,
    '37',
    {
      date: date(scope, request.at),
      feeType: scope.profile.feeType,
      paymentType: scope.profile.paymentType,
      currency: scope.settings.currency,
    },
    { BV: toYuan(request.amount), AA: request.card, CG: request.feeId, BK: request.key },
  )

export const blockPatron = (scope: Scope, card: string, reason: string): Message =>
  make(scope, '01', { cardRetained: 'N', date: date(scope, scope.now) }, { AL: reason, AA: card })

export const patronEnable = (scope: Scope, card: string): Message =>
  make(scope, '25', { date: date(scope, scope.now) }, { AA: card })
