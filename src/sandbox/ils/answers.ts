import type { Field } from '../../adapters/ils/sip2/codec.ts'
import { field, type Message, type Parsed, sipDate } from '../../adapters/ils/sip2/codec.ts'
import { fields as fieldTable } from '../../adapters/ils/sip2/fields.ts'
import { messages } from '../../adapters/ils/sip2/messages.ts'
import type { Millis } from '../../kernel/clock.ts'
import { type Fen, toYuan } from '../../kernel/money.ts'
import type { Words } from '../../kernel/problem.ts'
import type { Dialect } from './dialect.ts'
import type { IlsState } from './state.ts'
import { lines, type Reason, type Remark, reasons, remarks } from './words.ts'

/** What a handler knows besides the request. */
export interface Desk {
  readonly state: IlsState
  readonly dialect: Dialect
  readonly now: Millis
  /** Branch the terminal stands in, as its login says. */
  readonly branch: string | undefined
  /** BX as it is told now. */
  readonly claimed: string
}
export type Handler = (request: Parsed, desk: Desk) => Message

export const institution = (desk: Desk): string =>
  (desk.dialect.institution ?? desk.state.institution) + ' '.repeat(desk.dialect.institutionBlanks)

/** BV, of something owed. */
export const owing = (desk: Desk, amount: Fen): string =>
  toYuan(desk.dialect.negativeFees && amount > 0 ? -amount : amount)

/** A value of the request; absent and empty are the same. */
export const get = (request: Parsed, id: string): string => field(request, id) ?? ''

export const local = (desk: Desk, at: Millis): string =>
  sipDate(at, desk.state.timeZone, desk.dialect.dateZone)

/** AH in the way of the dialect. */
export const dueText = (desk: Desk, dueAt: Millis): string => {
  const due = Temporal.Instant.fromEpochMilliseconds(dueAt).toZonedDateTimeISO(desk.state.timeZone)
  const time = due.toPlainTime().toString({ smallestUnit: 'second' })
  switch (desk.dialect.dueDateFormat) {
    case 'sip':
      return sipDate(dueAt, desk.state.timeZone)
    case 'date':
      return due.toPlainDate().toString()
    case 'date-time':
      return `${due.toPlainDate()} ${time}`
    case 'iso':
      return due.toString({ smallestUnit: 'second', timeZoneName: 'never' })
    case 'iii':
      return `${due.month}/${due.day}/${due.year},${time.slice(0, 5)}`
  }
}

export const screen = (words: readonly Words[]): Field[] =>
  words.flatMap(w => lines(w).map((line): Field => ['AF', line]))
export const say = (told: readonly Remark[]): Field[] => screen(told.map(r => remarks[r]))
export const why = (reason: Reason): Field[] => screen([reasons[reason]])

/** Fields with a value; those without are left out. */
export const optional = (...fields: readonly (readonly [string, string | undefined])[]): Field[] =>
  fields.flatMap(([id, value]): Field[] => (value === undefined || value === '' ? [] : [[id, value]]))

const negative: Readonly<Record<string, string>> = {
  ok: '0',
  itemPropertiesOk: '0',
  circulationStatus: '01',
  securityMarker: '00',
  feeType: '01',
  version: '2.00',
  timeout: '600',
  retries: '003',
  patronStatus: ' '.repeat(14),
}

/**
 * The answer to a request, as a refusal unless `fixed` says otherwise: now as date, the request's language,
 * zero counts, and the protocol's required fields copied from the request where `fields` does not give them.
 */
export const answer = (
  request: Parsed,
  desk: Desk,
  fixed: Readonly<Record<string, string>>,
  fields: readonly Field[],
): Message => {
  const command = messages.get(request.command)?.answers[0] ?? '96'
  const type = messages.get(command)!
  const given = new Set(fields.map(([id]) => id))
  const { emptyFields, nameless, wordMark } = desk.dialect
  const copied = (id: string): string =>
    nameless.includes(command) && (id === 'AO' || id === 'AA')
      ? ''
      : id === 'AO'
        ? get(request, 'AO') || institution(desk)
        : get(request, id)
  const required = type.required.filter(id => !given.has(id)).map((id): Field => [id, copied(id)])
  const empty = (emptyFields ? type.order : [])
    .filter(id => !given.has(id) && !type.required.includes(id) && fieldTable.get(id)?.length === undefined)
    .filter(id => fieldTable.get(id)?.repeatable !== true)
    .map((id): Field => [id, ''])
  const marked = fields.map(([id, value]): Field => [id, id === 'AF' ? wordMark + value : value])
  return {
    command,
    fixed: Object.fromEntries(
      type.fixed.map(part => [
        part.name,
        fixed[part.name] ??
          negative[part.name] ??
          (part.kind === 'date'
            ? local(desk, desk.now)
            : part.name === 'language'
              ? (request.fixed.language ?? '000').padStart(3, '0')
              : part.length === 1
                ? 'N'
                : '0'.repeat(part.length)),
      ]),
    ),
    fields: inOrder([...required, ...marked, ...empty], type.order),
    sequence: request.sequence,
  }
}

/** In the order of the protocol; extensions before the texts for people. */
const inOrder = (fields: readonly Field[], order: readonly string[]): Field[] => {
  const place = (id: string): number => {
    const at = order.indexOf(id)
    return at < 0 ? order.length - 2.5 : at
  }
  return [...fields].sort(([a], [b]) => place(a) - place(b))
}

/** Whether the PIN of the request stands against it: wrong, or missing where the dialect wants one. */
export const pinProblem = (request: Parsed, desk: Desk): Reason | undefined => {
  const pin = get(request, 'AD')
  if (pin === '' && !desk.dialect.patronPasswordNeeded) return undefined
  const view = desk.state.patron(get(request, 'AA'), pin)
  return view && desk.dialect.checksPin && !(pin !== '' && view.pinMatches) ? 'wrong-pin' : undefined
}
