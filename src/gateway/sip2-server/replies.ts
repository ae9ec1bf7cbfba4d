import type { RelayMessage } from '../../adapters/ils/ils.ts'
import type { Field, Message, Parsed } from '../../adapters/ils/sip2/codec.ts'
import { field, parseSipDate, sipDate } from '../../adapters/ils/sip2/codec.ts'
import { noDate } from '../../adapters/ils/sip2/dates.ts'
import { messages } from '../../adapters/ils/sip2/messages.ts'
import type { Millis } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'
import type { Account } from './accounts.ts'
import type { Reply } from './ports.ts'
import { inLanguage } from './words.ts'

/** One request of a machine that has logged in. */
export interface Ask {
  readonly account: Account
  readonly request: Parsed
  readonly now: Millis
  /** Code of the reader's language, or the account's. */
  readonly language: string
  /** IANA zone of the library. */
  readonly zone: string
  /** Milliseconds that the library system may take. */
  readonly within: Millis
}

/** A value of the request; absent and empty are the same. */
export const get = ({ request }: Pick<Ask, 'request'>, id: string): string =>
  (field(request, id) ?? '').trim()

export const valueIn = (reply: { readonly fields: readonly Field[] }, id: string): string =>
  (field(reply, id) ?? '').trim()

/** The reply with these fields in place of its own of the same ids; undefined takes them away. */
export const withFields = (
  reply: Reply,
  changes: Readonly<Record<string, string | readonly string[] | undefined>>,
): Reply => ({
  ...reply,
  fields: [
    ...reply.fields.filter(([id]) => !Object.hasOwn(changes, id)),
    ...Object.entries(changes).flatMap(([id, value]): Field[] =>
      value === undefined ? [] : typeof value === 'string' ? [[id, value]] : value.map(one => [id, one]),
    ),
  ],
})

/** The reply with further lines for the screen, ours first. */
export const saying = (ask: Pick<Ask, 'language'>, reply: Reply, ...told: readonly Words[]): Reply =>
  told.length === 0
    ? reply
    : withFields(reply, {
        AF: [
          ...told.map(say => inLanguage(say, ask.language)),
          ...reply.fields.filter(([id]) => id === 'AF').map(([, value]) => value),
        ],
      })

const negative: Readonly<Record<string, string>> = {
  ok: '0',
  itemPropertiesOk: '0',
  circulationStatus: '01',
  securityMarker: '00',
  feeType: '01',
  version: '2.00',
  patronStatus: ' '.repeat(14),
}

/**
 * A reply to a request, as a refusal unless `fixed` says otherwise: now as date, the request's language, zero
 * counts, required fields as the request has them.
 */
export const replyTo = (
  ask: Pick<Ask, 'request' | 'now'>,
  fixed: Readonly<Record<string, string>> = {},
  fields: readonly Field[] = [],
): Reply => {
  const { request } = ask
  const command = messages.get(request.command)?.answers[0] ?? '96'
  const type = messages.get(command)!
  const given = new Set(fields.map(([id]) => id))
  const required = type.required.filter(id => !given.has(id)).map((id): Field => [id, get(ask, id)])
  return {
    command,
    fixed: Object.fromEntries(
      type.fixed.map(({ name, kind, length }) => [
        name,
        fixed[name] ??
          negative[name] ??
          (kind === 'date'
            ? utcDate(ask.now)
            : name === 'language'
              ? languageOf(request)
              : length === 1
                ? 'N'
                : '0'.repeat(length)),
      ]),
    ),
    fields: [...required, ...fields],
  }
}

const languageOf = ({ fixed }: Parsed): string =>
  /^[!-{}~ ]{3}$/.test(fixed.language ?? '') ? fixed.language! : '000'

/** Whether a reply says yes, where it can say no. */
export const isYes = ({ fixed }: Pick<Reply, 'fixed'>): boolean => {
  const said = fixed.ok ?? fixed.paymentAccepted ?? fixed.endSession ?? fixed.itemPropertiesOk
  return said === undefined || said === '1' || said === 'Y'
}

/** Dates as they are passed on. */
export const utcDate = (at: Millis): string => sipDate(at, 'UTC').replace(' '.repeat(4), '   Z')

const dateFields: ReadonlySet<string> = new Set(['BW', 'CJ', 'CM'])

/** A date of the request: blanks and zones of any length are understood. */
export const dateOf = (text: string, zone: string): Millis | undefined => {
  const match = /^(\d{8})(.{0,4})(\d{6})$/.exec(text.trim())
  return match ? parseSipDate(`${match[1]}${match[2]!.padStart(4)}${match[3]}`, zone) : undefined
}

/** Clocks of machines go wrong: beyond this a live transaction happened now. */
const oddFuture: Millis = 10 * 60_000
const oddPast: Millis = 26 * 3_600_000
/** A book box may have stood unread over long holidays, and a machine without its line. */
const oldestStored: Millis = 31 * 86_400_000

/** When a transaction happened by the machine's clock, and whether that clock can be believed. */
export const happenedAt = (ask: Ask): { readonly at: Millis; readonly off: boolean } => {
  const told = dateOf(ask.request.fixed.date ?? '', ask.zone)
  if (told === undefined) return { at: ask.now, off: false }
  const oldest = ask.request.fixed.noBlock === 'Y' ? oldestStored : oddPast
  const off = told > ask.now + oddFuture || told < ask.now - oldest
  return { at: off ? ask.now : told, off }
}

/** When a returned item was handed in. */
export const returnedAt = (ask: Ask): Millis => {
  const { at } = happenedAt(ask)
  const told = dateOf(ask.request.fixed.returnDate ?? '', ask.zone)
  if (told === undefined || told > ask.now + oddFuture || told < ask.now - oldestStored) return at
  return Math.min(told, ask.now)
}

/** The request as it is passed on: with dates of one form, and those of a wrong clock put right. */
export const passedOn = (ask: Ask): RelayMessage => {
  const { request, account, zone } = ask
  const type = messages.get(request.command)
  if (!type) return { command: request.command, fixed: request.fixed, fields: request.fields }
  const fixed = Object.fromEntries(
    type.fixed.map(({ name, kind }) => {
      if (kind !== 'date') return [name, request.fixed[name] ?? '']
      if (name === 'date') return [name, utcDate(happenedAt(ask).at)]
      if (name === 'returnDate') return [name, utcDate(returnedAt(ask))]
      const at = dateOf(request.fixed[name] ?? '', zone)
      return [name, at === undefined ? noDate : utcDate(at)]
    }),
  )
  const fields = request.fields
    .filter(([id]) => type.order.includes(id) || !ofLogins.has(id))
    .map(([id, value]): Field => {
      if (id === 'AP' && request.command === '09' && value.trim() === '') return [id, account.location]
      const at = dateFields.has(id) ? dateOf(value, zone) : undefined
      return [id, at === undefined ? value : utcDate(at)]
    })
  return { command: request.command, fixed, fields }
}

/** Of a log-in; nowhere else. */
const ofLogins: ReadonlySet<string> = new Set(['CN', 'CO', 'CP'])

/** The reply as this machine is told it: its own institution, its form of dates, fields in the protocol's order. */
export const forMachine = (ask: Ask, reply: Reply): Message => {
  const { account, zone } = ask
  const type = messages.get(reply.command)
  if (!type) return { command: reply.command, fixed: reply.fixed, fields: reply.fields }
  const hidden = (id: string): boolean => (id === 'CY' || id === 'DA') && !account.tellsHolder
  const echoed: Readonly<Record<string, string>> = {
    AO: get(ask, 'AO') || account.institution,
    ...(get(ask, 'AA') === '' || reply.command === '10' ? {} : { AA: get(ask, 'AA') }),
    ...(get(ask, 'AB') === '' ? {} : { AB: get(ask, 'AB') }),
  }
  const have = new Set(reply.fields.map(([id]) => id))
  const fields = [
    ...type.required.filter(id => !have.has(id)).map((id): Field => [id, '']),
    ...(type.order.includes('AO') || !have.has('AO')
      ? reply.fields
      : reply.fields.filter(([id]) => id !== 'AO')),
  ]
    .filter(([id]) => !hidden(id))
    .map(([id, value]): Field => [id, echoed[id] ?? written(ask, reply, id, value)])
  return {
    command: reply.command,
    fixed: Object.fromEntries(
      type.fixed.map(({ name, kind, length }) => {
        const value = reply.fixed[name] ?? ''
        const at = kind === 'date' ? parseSipDate(value, 'UTC') : undefined
        return [
          name,
          clean(at === undefined ? value : sipDate(at, zone), account)
            .padEnd(length)
            .slice(0, length),
        ]
      }),
    ),
    fields: fields.toSorted(([a], [b]) => placeOf(type.order, a) - placeOf(type.order, b)),
  }
}

const clean = (text: string, { speech }: Account): string =>
  text.replaceAll(/[^ -~]/g, ' ').replaceAll(speech.delimiter, ' ')

const written = (ask: Ask, { dueAt }: Reply, id: string, value: string): string => {
  if (id === 'AH') return dueText(ask, dueAt, value)
  const at = dateFields.has(id) ? parseSipDate(value, 'UTC') : undefined
  return at === undefined ? value : sipDate(at, ask.zone)
}

/** AH in the account's form; what the library system wrote where that says more than we could read. */
export const dueText = (
  { account, zone }: Pick<Ask, 'account' | 'zone'>,
  dueAt: Millis | undefined,
  theirs: string,
): string => {
  const made = parseSipDate(theirs, 'UTC')
  const at = dueAt ?? (/ {3}Z/.test(theirs) ? made : undefined)
  if (at === undefined) return theirs
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
  const time = local.toPlainTime().toString({ smallestUnit: 'second' })
  switch (account.dueDates) {
    case 'sip':
      return sipDate(at, zone)
    case 'YYYY-MM-DD':
      return local.toPlainDate().toString()
    case 'YYYY-MM-DD HH:mm:ss':
      return `${local.toPlainDate()} ${time}`
    case 'theirs':
      return theirs === '' || / {3}Z/.test(theirs) ? `${local.toPlainDate()} ${time}` : theirs
  }
}

/** Extensions of a vendor stand before the texts for people. */
const placeOf = (order: readonly string[], id: string): number => {
  const at = order.indexOf(id)
  return at < 0 ? order.length - 2.5 : at
}

/** `2026-12-05`. */
export const dayOf = (at: Millis, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate().toString()
