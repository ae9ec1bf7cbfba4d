import { type Fen, parseYuan } from '../../../kernel/money.ts'
import { type Answer, no, yes } from '../../../kernel/problem.ts'
import {
  type CheckinReceipt,
  circulationStatuses,
  type HoldReceipt,
  type IlsItem,
  type IlsPatron,
  type LoanReceipt,
  type PatronList,
  patronBlocks,
} from '../ils.ts'
import { field, fieldsOf, type Parsed, parseDueDate } from './codec.ts'
import { maskWithin, personalOf } from './masking.ts'
import { control } from './message.ts'
import type { Profile } from './profile.ts'
import { type Refusal, refusal, unreadable } from './words.ts'

const controls = new RegExp(control, 'g')

/** AF, as a person may read it: no control characters, no empty lines, none of the profile's empty phrases. */
export const screenMessages = (parsed: Parsed, profile: Profile): string[] =>
  fieldsOf(parsed, 'AF')
    .map(text => trimmed(text.replaceAll(controls, ' '), profile).trim())
    .filter(
      text => text !== '' && !profile.ignoreMessages.some(pattern => new RegExp(pattern, 'u').test(text)),
    )

const trimmed = (text: string, profile: Profile): string =>
  profile.trimMessages.reduce((rest, pattern) => rest.replaceAll(new RegExp(pattern, 'gu'), ''), text)

/**
 * The library system's own words for staff, without what stands in the answer's own fields. What the request
 * held is masked by the exchange (`masked`), which knows it.
 */
const theirWords = (parsed: Parsed, profile: Profile): string =>
  maskWithin(screenMessages(parsed, profile).join(' '), personalOf(parsed.fields))

/** The first fixed part says yes or no; anything else cannot be told. */
const decision = (parsed: Parsed, name: string): boolean | undefined => {
  const value = parsed.fixed[name]
  if (value === '1' || value === 'Y') return true
  return value === '0' || value === 'N' ? false : undefined
}

const decided = <T>(
  parsed: Parsed,
  profile: Profile,
  name: string,
  code: Refusal,
  receipt: () => T,
): Answer<T> => {
  const said = decision(parsed, name)
  if (said === undefined) return no(unreadable(`${parsed.command} says neither yes nor no`))
  return said ? yes(receipt()) : no(refusal(code, theirWords(parsed, profile)))
}

const text = (parsed: Parsed, id: string): string | undefined => {
  const value = field(parsed, id)?.replaceAll(controls, ' ').trim()
  return value === '' ? undefined : value
}

const count = (value: string | undefined): number | undefined =>
  value !== undefined && /^\s*\d{1,9}\s*$/.test(value) ? Number(value) : undefined

/** Leaves out what is undefined. */
type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
const known = <T extends object>(values: T): Known<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Known<T>

/** `1.00`, `1,00` (servers that follow their machine's locale), `-75`. */
export const readAmount = (value: string | undefined): Fen | undefined =>
  value === undefined ? undefined : parseYuan(value.trim().replace(/^([+-]?\d+),(\d{1,2})$/, '$1.$2'))

const owed = (parsed: Parsed, profile: Profile): Fen | undefined => {
  const amount = readAmount(field(parsed, 'BV'))
  if (amount === undefined) return undefined
  return Math.max(0, profile.negativeFeeMeansOwed ? -amount : amount)
}

const listFields: Readonly<Record<PatronList, string>> = {
  holds: 'AS',
  overdue: 'AT',
  charged: 'AU',
  fines: 'AV',
  recalls: 'BU',
  'unavailable-holds': 'CD',
}
const listCounts: Readonly<Record<PatronList, string>> = {
  holds: 'holdCount',
  overdue: 'overdueCount',
  charged: 'chargedCount',
  fines: 'fineCount',
  recalls: 'recallCount',
  'unavailable-holds': 'unavailableHoldCount',
}

/** What one page of 64 brings of a list, and how long the list is where that is told. */
export const readList = (
  parsed: Parsed,
  profile: Profile,
  list: PatronList,
): { items: string[]; total: number | undefined } => {
  const items = fieldsOf(parsed, listFields[list])
    .map(value => value.trim())
    .filter(value => value !== '')
  if (list === 'holds') return { items, total: waitingHolds(parsed, profile) }
  return { items, total: count(parsed.fixed[listCounts[list]]) }
}

const waitingHolds = (parsed: Parsed, profile: Profile): number | undefined => {
  const holds = count(parsed.fixed.holdCount)
  if (holds === undefined || profile.holdCountMeaning === 'waiting') return holds
  return Math.max(0, holds - (count(parsed.fixed.unavailableHoldCount) ?? 0))
}

/** A patron, and whether BV was there, and was an amount. */
export interface PatronAnswer extends IlsPatron {
  readonly owedTold: boolean
  readonly amountUnread: boolean
}

/**
 * Reads 64, 24 or 26. The PIN counts as checked only when one that is not empty was sent, the card is known and
 * the library system said Y; `null` when it does not tell.
 */
export const readPatron = (
  parsed: Parsed,
  profile: Profile,
  asked: { readonly card: string; readonly pin?: string | undefined; readonly items?: readonly string[] },
): PatronAnswer => {
  const valid = field(parsed, 'BL') === 'Y'
  const told = field(parsed, 'CQ')
  const pinAsked = asked.pin !== undefined && asked.pin !== '' && profile.checksPin
  const flags = parsed.fixed.patronStatus ?? ''
  const owes = owed(parsed, profile)
  return {
    card: text(parsed, 'AA') ?? asked.card,
    name: text(parsed, 'AE') ?? '',
    valid,
    pinValid: pinAsked && (told === 'Y' || told === 'N') ? valid && told === 'Y' : null,
    blocks: patronBlocks.filter((_, i) => flags[i] === 'Y'),
    counts: known({
      holds: waitingHolds(parsed, profile),
      overdue: count(parsed.fixed.overdueCount),
      charged: count(parsed.fixed.chargedCount),
      unavailableHolds: count(parsed.fixed.unavailableHoldCount),
    }),
    limits: known({
      holds: count(field(parsed, 'BZ')),
      overdue: count(field(parsed, 'CA')),
      charged: count(field(parsed, 'CB')),
    }),
    owed: owes ?? 0,
    owedTold: owes !== undefined,
    amountUnread: owes === undefined && text(parsed, 'BV') !== undefined,
    items: asked.items ?? [],
    itemsAre: profile.itemListContent,
    ...known({ email: text(parsed, 'BE'), phone: text(parsed, 'BF'), homeLibrary: text(parsed, 'AQ') }),
    messages: screenMessages(parsed, profile),
  }
}

/** Reads 18; `item-unknown` for the status `other` without a title, as servers answer for a foreign barcode. */
export const readItem = (parsed: Parsed, profile: Profile, barcode: string): Answer<IlsItem> => {
  const code = count(parsed.fixed.circulationStatus)
  if (code === undefined) return no(unreadable('18 without a circulation status'))
  const title = text(parsed, 'AJ')
  if (title === undefined && code <= 1) return no(refusal('item-unknown', theirWords(parsed, profile)))
  return yes({
    barcode: text(parsed, 'AB') ?? barcode,
    title: title ?? '',
    status: circulationStatuses[code - 1] ?? 'unknown',
    ...known({
      dueAt: due(parsed, profile),
      holdQueue: count(field(parsed, 'CF')),
      location: text(parsed, 'AP'),
      permanentLocation: text(parsed, 'AQ'),
      callNumber: text(parsed, 'CS') ?? text(parsed, 'KC'),
    }),
    messages: screenMessages(parsed, profile),
  })
}

const due = (parsed: Parsed, profile: Profile): number | undefined =>
  parseDueDate(field(parsed, 'AH') ?? '', profile.dueDateFormats, profile.timeZone)

/** Reads 12 and 30. */
export const readLoan = (
  parsed: Parsed,
  profile: Profile,
  barcode: string,
  code: 'checkout-refused' | 'renewal-refused',
): Answer<LoanReceipt> =>
  decided(parsed, profile, 'ok', code, () => ({
    barcode: text(parsed, 'AB') ?? barcode,
    title: text(parsed, 'AJ') ?? '',
    dueText: text(parsed, 'AH') ?? '',
    wasRenewal: parsed.fixed.renewalOk === 'Y',
    ...known({ dueAt: due(parsed, profile), transaction: text(parsed, 'BK') }),
    messages: screenMessages(parsed, profile),
  }))

/** CV of 10. */
const alertTypes = {
  '01': 'hold-here',
  '02': 'hold-elsewhere',
  '03': 'hold-ill',
  '04': 'send-elsewhere',
} as const

/** Reads 10. */
export const readCheckin = (parsed: Parsed, profile: Profile, barcode: string): Answer<CheckinReceipt> =>
  decided(parsed, profile, 'ok', 'checkin-refused', () => {
    const alert = parsed.fixed.alert === 'Y'
    const type = text(parsed, 'CV')
    const alertType =
      type === undefined ? undefined : (alertTypes[type as keyof typeof alertTypes] ?? 'other')
    return {
      barcode: text(parsed, 'AB') ?? barcode,
      permanentLocation: text(parsed, 'AQ') ?? '',
      alert,
      ...known({
        title: text(parsed, 'AJ'),
        card: text(parsed, 'AA'),
        alertType: alert ? alertType : undefined,
        destination: text(parsed, 'CT'),
      }),
      messages: screenMessages(parsed, profile),
    }
  })

/** Reads 16. */
export const readHold = (
  parsed: Parsed,
  profile: Profile,
  code: 'hold-refused' | 'hold-cancel-refused',
): Answer<HoldReceipt> =>
  decided(parsed, profile, 'ok', code, () => ({
    available: parsed.fixed.available === 'Y',
    ...known({ queuePosition: count(field(parsed, 'BR')) }),
    messages: screenMessages(parsed, profile),
  }))

/** Reads 38. */
export const readFee = (parsed: Parsed, profile: Profile): Answer<{ transaction?: string }> =>
  decided(parsed, profile, 'paymentAccepted', 'fee-refused', () => known({ transaction: text(parsed, 'BK') }))

/** Reads the 24 that answers 01: refused only when the card is not known. */
export const readBlock = (parsed: Parsed, profile: Profile): Answer<void> =>
  field(parsed, 'BL') === 'N' ? no(refusal('block-refused', theirWords(parsed, profile))) : yes(undefined)

/** Reads 26: refused when the card is not known or still may not borrow. */
export const readEnable = (parsed: Parsed, profile: Profile): Answer<void> =>
  field(parsed, 'BL') === 'N' || parsed.fixed.patronStatus?.[0] === 'Y'
    ? no(refusal('enable-refused', theirWords(parsed, profile)))
    : yes(undefined)

/**
 * A line of AV, in the forms met: `12.00 BOOK Title` (eg_legacy), `id $12.00 "BOOK" Title` (3m),
 * `Charge-Number: id, Amount-Due: 12.00, ...` (swyer_b), `id:12.00` (id-amount). Only what the form tells.
 */
export const fineLine = (line: string, format: Profile['fineFormat']): { id?: string; amount?: Fen } => {
  const pattern = finePatterns[format]
  const groups = pattern?.exec(line)?.groups
  return known({ id: groups?.id, amount: readAmount(groups?.amount) })
}

const finePatterns: Readonly<Record<Profile['fineFormat'], RegExp | undefined>> = {
  plain: undefined,
  eg_legacy: /^(?<amount>\d+(?:\.\d+)?) /,
  '3m': /^(?<id>\S+) \$?(?<amount>\d+(?:\.\d+)?) /,
  swyer_b: /^Charge-Number: (?<id>[^,]+), Amount-Due: (?<amount>[\d.]+)/,
  'id-amount': /^(?<id>[^:]+):(?<amount>[\d.]+)$/,
}
