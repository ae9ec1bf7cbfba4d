import { toYuan } from '../../../kernel/money.ts'
import { type Answer, misconfigured, no, yes } from '../../../kernel/problem.ts'
import type {
  Act,
  CheckinReceipt,
  CheckoutRequest,
  HoldRequest,
  LoanReceipt,
  RelayAnswer,
  RelayMessage,
} from '../ils.ts'
import { readAmount, screenMessages } from './answers.ts'
import * as truth from './asking.ts'
import { type Field, field, type Message, type Parsed, parseDueDate, parseSipDate } from './codec.ts'
import { noDate, sipDate } from './dates.ts'
import type { Profile } from './dialects.ts'
import { type MessageType, messages } from './messages.ts'
import { arranged, type Scope } from './requests.ts'

/** Dates as `RelayMessage` has them. */
export const relayDate = (at: number): string => `${sipDate(at, 'UTC').replace(' '.repeat(4), '   Z')}`

/** Fields that hold a date of 18 characters. */
const dateFields: ReadonlySet<string> = new Set(['BW', 'CJ', 'CM'])

/** Commands of a link itself: they are never passed on. */
const ownCommands: ReadonlySet<string> = new Set(['93', '97', '99', '96', '94', '98'])

/** The message as this link writes it. */
export const outward = (scope: Scope, { command, fixed, fields }: RelayMessage): Message => {
  const type = messages.get(command)
  if (!type) return { command, fixed, fields, foreign: true }
  const values = new Map(fields)
  const own: Field[] = fields
    .filter(([id]) => id !== 'AC' || scope.settings.terminalPassword !== '' || type.required.includes('AC'))
    .map(([id, value]): Field => [id, ownValue(scope, command, id, value)])
  const missing = [...type.required, ...scope.profile.emptyFields.filter(id => type.order.includes(id))]
    .filter((id, i, all) => !values.has(id) && all.indexOf(id) === i)
    .map((id): Field => [id, ownValue(scope, command, id, '')])
  const ordered = arranged(scope.profile, command, inOrder([...own, ...missing], type))
  return { command, fixed: fixedOutward(scope, type, fixed), fields: ordered }
}

const ownValue = (scope: Scope, command: string, id: string, value: string): string => {
  if (id === 'AO') return scope.institution
  if (id === 'AC') return scope.settings.terminalPassword
  if (id === 'AP' && command === '09' && value === '') return scope.settings.location
  return dateFields.has(id) ? dated(scope, value) : value
}

const fixedOutward = (
  scope: Scope,
  type: MessageType,
  fixed: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(
    type.fixed.map(({ name, kind, length }) => {
      const value = fixed[name] ?? ''
      if (kind !== 'date') return [name, value.padEnd(length).slice(0, length)]
      const written = dated(scope, value)
      return [name, written === '' ? noDate : written]
    }),
  )

const dated = ({ profile }: Scope, value: string): string => {
  const at = parseSipDate(value, 'UTC')
  return at === undefined ? value.trim() : sipDate(at, profile.timeZone, profile.zone)
}

/** In the order of the protocol, as some systems want them; what is not of the protocol stands last. */
const inOrder = (fields: readonly Field[], { order }: MessageType): Field[] =>
  fields.toSorted(([a], [b]) => placeOf(order, a) - placeOf(order, b))

const placeOf = (order: readonly string[], id: string): number => {
  const at = order.indexOf(id)
  return at < 0 ? order.length : at
}

/** The library system's answer in the plain shape. */
export const inward = (parsed: Parsed, profile: Profile): RelayAnswer => {
  const { command } = parsed
  const dueAt = parseDueDate(field(parsed, 'AH') ?? '', profile.dueDateFormats, profile.timeZone)
  return {
    command,
    fixed: fixedInward(parsed, profile),
    fields: fieldsInward(parsed, profile),
    ...(dueAt === undefined ? {} : { dueAt }),
  }
}

const utc = (value: string, profile: Profile): string => {
  const at = parseSipDate(value, profile.timeZone)
  return at === undefined ? value : relayDate(at)
}

const fixedInward = ({ command, fixed }: Parsed, profile: Profile): Record<string, string> => {
  const type = messages.get(command)
  if (!type) return fixed
  const plain = Object.fromEntries(
    type.fixed.map(({ name, kind }) => [
      name,
      kind === 'date' ? utc(fixed[name] ?? '', profile) : (fixed[name] ?? ''),
    ]),
  )
  if (command !== '64' || profile.holdCountMeaning === 'waiting') return plain
  const all = Number(plain.holdCount)
  const ready = Math.max(0, all - Number(plain.unavailableHoldCount))
  return Number.isInteger(ready) ? { ...plain, holdCount: String(ready).padStart(4, '0') } : plain
}

const fieldsInward = (parsed: Parsed, profile: Profile): Field[] => {
  const shown = screenMessages(parsed, profile)
  return parsed.fields.flatMap(([id, value]): Field[] => {
    if (id === 'AF') return shown.includes(value.trim()) ? [[id, value.trim()]] : []
    if (id === 'BV' && profile.negativeFeeMeansOwed) {
      const amount = readAmount(value)
      return [[id, amount === undefined ? value : toYuan(Math.max(0, -amount))]]
    }
    return [[id, dateFields.has(id) ? utc(value, profile) : value]]
  })
}

/** What is asked when the answer to a relayed act was lost, and what follows when asking decides nothing. */
export interface RelayedAct {
  readonly truth: (deadline: number) => Promise<truth.Truth<RelayAnswer>>
  readonly inDoubt: 'person' | 'again'
  readonly lookAfterRefusal?: boolean
}

/** Facts from before an act, so that asking afterwards can tell. */
export interface Before {
  readonly dueAt?: number
  readonly owed?: number
}

/** Whether a command changes anything; the others may be asked again. */
export const isAct = (command: string): boolean =>
  ['01', '09', '11', '15', '19', '25', '29', '37', '65'].includes(command)

/** What changes nothing, and may be sent again. */
export const isQuestion = (command: string): boolean => ['17', '23', '35', '63'].includes(command)

export const mayRelay = ({ command }: RelayMessage): Answer<void> =>
  /^\d\d$/.test(command) && !ownCommands.has(command)
    ? yes(undefined)
    : no(
        misconfigured('sip2-not-relayed', {
          zh: '这种报文不能转发',
          en: `message ${command.slice(0, 2)} is not passed on`,
        }),
      )

/** How the library system is asked about an act of a machine. */
export const relayedAct = (
  message: RelayMessage,
  witness: truth.Witness,
  profile: Profile,
  before: Before,
): RelayedAct => {
  const get = (id: string): string => field(message, id) ?? ''
  const date = (name: string): number => parseSipDate(message.fixed[name] ?? '', 'UTC') ?? 0
  const about = { card: get('AA'), barcode: get('AB'), at: date('date') }
  const told =
    <T>(ask: (deadline: number) => Promise<truth.Truth<T>>, write: (value: T) => Made): RelayedAct['truth'] =>
    async deadline => {
      const found = await ask(deadline)
      return found.is === 'done' ? { is: 'done', value: madeUp(message, write(found.value)) } : found
    }
  switch (message.command) {
    case '11':
      if (get('BI') === 'Y') return { truth: truth.notAsked, inDoubt: 'person' }
      return {
        truth: told(
          deadline => truth.checkoutTruth(witness, profile, about satisfies CheckoutRequest, deadline),
          value => loan(value),
        ),
        inDoubt: 'person',
        lookAfterRefusal: true,
      }
    case '09':
      return {
        truth: told(
          deadline =>
            truth.checkinTruth(
              witness,
              profile,
              { barcode: about.barcode, at: about.at, returnedAt: date('returnDate') || about.at },
              deadline,
            ),
          value => takenBack(value),
        ),
        inDoubt: 'again',
      }
    case '29':
      return {
        truth: told(
          deadline =>
            truth.renewTruth(
              witness,
              { ...about, ...(before.dueAt === undefined ? {} : { dueBefore: before.dueAt }) },
              deadline,
            ),
          value => loan(value),
        ),
        inDoubt: 'person',
      }
    case '15': {
      const wish: HoldRequest = {
        card: about.card,
        at: about.at,
        ...(about.barcode === '' ? {} : { barcode: about.barcode }),
        ...(get('AJ') === '' ? {} : { title: get('AJ') }),
      }
      const { mode } = message.fixed
      if (mode === '+')
        return {
          truth: told(
            deadline => truth.holdTruth(witness, profile, wish, deadline),
            value => ({ fixed: { ok: '1', available: value.available ? 'Y' : 'N' } }),
          ),
          inDoubt: 'person',
        }
      return {
        truth: told(
          deadline => (mode === '-' ? truth.cancelTruth(witness, profile, wish, deadline) : truth.notAsked()),
          () => ({ fixed: { ok: '1', available: 'N' } }),
        ),
        inDoubt: 'again',
      }
    }
    case '37':
      return {
        truth: told(
          deadline =>
            truth.feeTruth(
              witness,
              profile,
              {
                card: about.card,
                at: about.at,
                amount: readAmount(get('BV')) ?? 0,
                ...(get('CG') === '' ? {} : { feeId: get('CG') }),
                ...(before.owed === undefined ? {} : { owedBefore: before.owed }),
              },
              deadline,
            ),
          () => ({ fixed: { paymentAccepted: 'Y' } }),
        ),
        inDoubt: 'person',
      }
    default:
      return { truth: truth.notAsked, inDoubt: message.command === '65' ? 'person' : 'again' }
  }
}

interface Made {
  readonly fixed: Readonly<Record<string, string>>
  readonly fields?: readonly Field[]
  readonly dueAt?: number | undefined
}

const loan = ({ title, dueAt, dueText, wasRenewal }: LoanReceipt): Made => ({
  fixed: {
    ok: '1',
    renewalOk: wasRenewal ? 'Y' : 'N',
    magneticMedia: 'N',
    desensitize: wasRenewal ? 'N' : 'Y',
  },
  fields: [
    ['AJ', title],
    ['AH', dueAt === undefined ? dueText : relayDate(dueAt)],
  ],
  dueAt,
})

const alertCodes = {
  'hold-here': '01',
  'hold-elsewhere': '02',
  'hold-ill': '03',
  'send-elsewhere': '04',
  other: '99',
}

const takenBack = (receipt: CheckinReceipt): Made => ({
  fixed: { ok: '1', resensitize: 'Y', magneticMedia: 'N', alert: receipt.alert ? 'Y' : 'N' },
  fields: [
    ['AQ', receipt.permanentLocation],
    ...(receipt.title ? [['AJ', receipt.title] as const] : []),
    ...(receipt.alertType ? [['CV', alertCodes[receipt.alertType]] as const] : []),
    ...(receipt.destination ? [['CT', receipt.destination] as const] : []),
  ],
})

/** An answer that nobody sent, made up of what was found to be true. */
const madeUp = (request: RelayMessage, made: Made): RelayAnswer => {
  const type = messages.get(messages.get(request.command)?.answers[0] ?? '')!
  const given = new Set((made.fields ?? []).map(([id]) => id))
  const copied = type.required.filter(id => !given.has(id)).map((id): Field => [id, field(request, id) ?? ''])
  return {
    command: type.command,
    fixed: Object.fromEntries(
      type.fixed.map(({ name, length }) => [
        name,
        made.fixed[name] ?? (name === 'date' ? (request.fixed.date ?? noDate) : ' '.repeat(length)),
      ]),
    ),
    fields: inOrder([...copied, ...(made.fields ?? [])], type),
    foundDone: true,
    ...(made.dueAt === undefined ? {} : { dueAt: made.dueAt }),
  }
}

/** What `relayedAct` must know from before; asked for only where nothing else could tell afterwards. */
export const before = async (
  { command, fields }: RelayMessage,
  witness: truth.Witness,
  deadline: number,
): Promise<Before> => {
  const get = (id: string): string => field({ fields }, id) ?? ''
  if (command === '29' && get('AB') !== '') {
    const item = await witness.item(get('AB'), deadline)
    return item.ok && item.value.dueAt !== undefined ? { dueAt: item.value.dueAt } : {}
  }
  if (command === '37') {
    const fines = await witness.list(get('AA'), 'fines', deadline)
    return fines.ok && fines.value.owed !== undefined ? { owed: fines.value.owed } : {}
  }
  return {}
}

export type RelayAct = Act & { readonly within?: number }
