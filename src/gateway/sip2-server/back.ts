import {
  type BlocksPatrons,
  circulationStatuses,
  type EnablesPatrons,
  type Ils,
  type IlsItem,
  type IlsPatron,
  type LoanReceipt,
  type PatronList,
  type PaysFees,
  patronBlocks,
  type Relays,
} from '../../adapters/ils/ils.ts'
import type { Field } from '../../adapters/ils/sip2/codec.ts'
import type { Millis } from '../../kernel/clock.ts'
import { parseYuan, toYuan } from '../../kernel/money.ts'
import { can } from '../../kernel/power.ts'
import { type Answer, no, type Problem, refused, yes } from '../../kernel/problem.ts'
import type { Reply } from './ports.ts'
import { type Ask, get, happenedAt, passedOn, replyTo, returnedAt, utcDate } from './replies.ts'
import { words } from './words.ts'

/** An act of a machine towards the library system; the same key at every try. */
export interface BackAct {
  readonly key: string
  readonly repeated: boolean
}

/** The library system, however it is reached. A refusal in its own words is a reply. */
export interface Back {
  serves(command: string): boolean
  readonly lists: 'barcode' | 'title'
  readonly holds: 'waiting' | 'all'
  /** Away or closed for the night: nothing can be asked. */
  away(): boolean
  ask(ask: Ask, act: BackAct): Promise<Answer<Reply>>
  readonly ils: Ils
}

const questions: ReadonlySet<string> = new Set(['23', '63', '17'])

/** Passes on where the link can; else, and where a system lacks a question, answers from the contract. */
export const backOf = (ils: Ils, byHand: boolean): Back => {
  const relay = can(ils, 'relay') ? (ils as Ils & Relays) : undefined
  const serves = (command: string): boolean => {
    if (command === '35') return true
    if (relay) return relay.relaying.serves(command) || questions.has(command)
    return byHand ? questions.has(command) : servedByContract(ils, command)
  }
  return {
    ils,
    serves,
    lists: relay?.relaying.lists ?? 'barcode',
    holds: relay?.relaying.holds ?? 'waiting',
    away: () => ['down', 'closed-hours'].includes(ils.health().state),
    ask: async (ask, act) => {
      const { command } = ask.request
      if (relay?.relaying.serves(command))
        return relay.relay(passedOn(ask), { ...act, priority: 'person', within: ask.within })
      return serves(command) ? fromContract(ils, ask, act) : no(notOffered)
    },
  }
}

export const notOffered: Problem = refused('kiosk-not-offered', words.notOffered)

const servedByContract = (ils: Ils, command: string): boolean => {
  if (command === '37') return can(ils, 'payFee')
  if (command === '01') return can(ils, 'block')
  if (command === '25') return can(ils, 'enable')
  return ['23', '63', '17', '11', '09', '29', '15', '35'].includes(command)
}

/** The same messages made of the contract of library systems, for drivers that cannot pass anything on. */
const fromContract = async (ils: Ils, ask: Ask, act: BackAct): Promise<Answer<Reply>> => {
  const { request } = ask
  const who = { ...act, priority: 'person' } as const
  const card = get(ask, 'AA')
  const barcode = get(ask, 'AB')
  const { at } = happenedAt(ask)
  const noBlock = request.fixed.noBlock === 'Y'
  switch (request.command) {
    case '23':
    case '63':
      return patronReply(ils, ask)
    case '17': {
      const item = await ils.item(barcode)
      return item.ok ? yes(itemReply(ask, item.value)) : refusedOr(ask, item.problem)
    }
    case '11': {
      const loan = await ils.checkout({ ...who, card, barcode, at, noBlock, ...pinOf(ask) })
      return loan.ok ? yes(loanReply(ask, loan.value)) : refusedOr(ask, loan.problem)
    }
    case '29': {
      const loan = await ils.renew({ ...who, card, barcode, at, ...titleOf(ask) })
      return loan.ok ? yes(loanReply(ask, loan.value)) : refusedOr(ask, loan.problem)
    }
    case '09': {
      const back = await ils.checkin({
        ...who,
        barcode,
        at,
        returnedAt: returnedAt(ask),
        noBlock,
        cancel: get(ask, 'BI') === 'Y',
        location: get(ask, 'AP') || ask.account.location,
      })
      return back.ok ? yes(takenBackReply(ask, back.value)) : refusedOr(ask, back.problem)
    }
    case '15': {
      const wish = { ...who, card, at, ...pinOf(ask), ...titleOf(ask), ...(barcode ? { barcode } : {}) }
      if (request.fixed.mode === '*') return no(notOffered)
      if (request.fixed.mode === '-') {
        const gone = await ils.cancelHold(wish)
        return gone.ok ? yes(replyTo(ask, { ok: '1' })) : refusedOr(ask, gone.problem)
      }
      const pickup = get(ask, 'BS')
      const held = await ils.placeHold({ ...wish, ...(pickup ? { pickupLocation: pickup } : {}) })
      if (!held.ok) return refusedOr(ask, held.problem)
      const { available, queuePosition, messages } = held.value
      return yes(
        replyTo(ask, { ok: '1', available: available ? 'Y' : 'N' }, [
          ...(queuePosition === undefined ? [] : [['BR', String(queuePosition)] as const]),
          ...screen(messages),
        ]),
      )
    }
    case '37': {
      const amount = parseYuan(get(ask, 'BV'))
      if (amount === undefined) return no(refused('malformed', words.malformed))
      const feeId = get(ask, 'CG')
      const paid = await (ils as Ils & PaysFees).payFee({
        ...who,
        card,
        amount,
        at,
        ...(feeId ? { feeId } : {}),
      })
      if (!paid.ok) return refusedOr(ask, paid.problem)
      const { transaction } = paid.value
      return yes(replyTo(ask, { paymentAccepted: 'Y' }, transaction ? [['BK', transaction]] : []))
    }
    case '01':
      await (ils as Ils & BlocksPatrons).block({ ...who, card, reason: get(ask, 'AL') })
      return patronReply(ils, ask)
    case '25':
      await (ils as Ils & EnablesPatrons).enable({ ...who, card })
      return patronReply(ils, ask)
    default:
      return yes(replyTo(ask, { endSession: 'Y' }))
  }
}

const pinOf = (ask: Ask): { pin?: string } => (get(ask, 'AD') === '' ? {} : { pin: get(ask, 'AD') })
const titleOf = (ask: Ask): { title?: string } => (get(ask, 'AJ') === '' ? {} : { title: get(ask, 'AJ') })
const screen = (texts: readonly string[]): Field[] => texts.map((text): Field => ['AF', text])

/** A clear no is a reply with the library system's own words; anything else is for the caller. */
const refusedOr = (ask: Ask, problem: Problem): Answer<Reply> => {
  if (problem.kind !== 'refused' || problem.maybeDone) return no(problem)
  const chinese = ask.language === '019' || ask.language === '027'
  const text = problem.their?.text ?? (chinese ? problem.say.zh : problem.say.en)
  return yes(replyTo(ask, {}, [['AF', text]]))
}

/** The lists of 63 in the order of its summary, and the fields they come in. */
export const lists: readonly (readonly [PatronList, string])[] = [
  ['holds', 'AS'],
  ['overdue', 'AT'],
  ['charged', 'AU'],
  ['fines', 'AV'],
  ['recalls', 'BU'],
  ['unavailable-holds', 'CD'],
]

/** Which list a 63 asks for: the first Y counts. */
export const listAsked = ({ request }: Pick<Ask, 'request'>): PatronList | undefined =>
  lists[(request.fixed.summary ?? '').slice(0, 6).indexOf('Y')]?.[0]

/** BP and BQ: from 1, both ends included. */
export const pageAsked = (ask: Ask): { readonly from: number; readonly to: number } => {
  const number = (id: string): number | undefined =>
    /^\d{1,6}$/.test(get(ask, id)) ? Number(get(ask, id)) : undefined
  return { from: Math.max(1, number('BP') ?? 1), to: number('BQ') ?? Number.POSITIVE_INFINITY }
}

export const four = (count: number | undefined): string =>
  count === undefined ? '    ' : String(Math.min(9999, Math.max(0, count))).padStart(4, '0')

const patronReply = async (ils: Ils, ask: Ask): Promise<Answer<Reply>> => {
  const list = ask.request.command === '63' ? listAsked(ask) : undefined
  const query = { card: get(ask, 'AA'), ...pinOf(ask), priority: 'person' } as const
  const answer = await ils.patron(list === undefined ? query : { ...query, list })
  if (!answer.ok) return answer
  return yes(writePatron(ask, answer.value, list))
}

const writePatron = (ask: Ask, patron: IlsPatron, list: PatronList | undefined): Reply => {
  const { counts, limits, pinValid } = patron
  const { from, to } = pageAsked(ask)
  const id = lists.find(([name]) => name === list)?.[1]
  return replyTo(
    ask,
    {
      patronStatus: flags(patron.blocks),
      holdCount: four(counts.holds ?? 0),
      overdueCount: four(counts.overdue ?? 0),
      chargedCount: four(counts.charged ?? 0),
      unavailableHoldCount: four(counts.unavailableHolds ?? 0),
    },
    [
      ['AE', patron.name],
      ['BL', patron.valid ? 'Y' : 'N'],
      ...(pinValid === null ? [] : [['CQ', pinValid ? 'Y' : 'N'] as const]),
      ['BH', 'CNY'],
      ['BV', toYuan(patron.owed)],
      ...(limits.holds === undefined ? [] : [['BZ', four(limits.holds)] as const]),
      ...(limits.charged === undefined ? [] : [['CB', four(limits.charged)] as const]),
      ...(id ? patron.items.slice(from - 1, to).map((item): Field => [id, item]) : []),
      ...screen(patron.messages),
    ].filter(([field]) => ask.request.command === '63' || !['BZ', 'CB'].includes(field!)) as Field[],
  )
}

/** The 14 flags with these set. */
export const flags = (blocks: readonly string[], upon = ' '.repeat(14)): string =>
  patronBlocks.map((name, i) => (blocks.includes(name) || upon[i] === 'Y' ? 'Y' : ' ')).join('')

export const itemReply = (ask: Pick<Ask, 'request' | 'now'>, item: IlsItem): Reply => {
  const code = (circulationStatuses as readonly string[]).indexOf(item.status) + 1
  return withDue(
    replyTo(ask, { circulationStatus: String(code || 1).padStart(2, '0') }, [
      ['AJ', item.title],
      ...(item.holdQueue === undefined ? [] : [['CF', String(item.holdQueue)] as const]),
      ...(item.permanentLocation === undefined ? [] : [['AQ', item.permanentLocation] as const]),
      ...(item.location === undefined ? [] : [['AP', item.location] as const]),
      ...(item.callNumber === undefined ? [] : [['CS', item.callNumber] as const]),
      ...screen(item.messages),
    ]),
    item.dueAt,
  )
}

const withDue = (reply: Reply, dueAt: Millis | undefined): Reply =>
  dueAt === undefined ? reply : { ...reply, dueAt, fields: [...reply.fields, ['AH', utcDate(dueAt)]] }

const loanReply = (ask: Ask, loan: LoanReceipt): Reply => {
  const { wasRenewal, title, dueText, dueAt, transaction, messages } = loan
  const reply = replyTo(
    ask,
    { ok: '1', renewalOk: wasRenewal ? 'Y' : 'N', desensitize: wasRenewal ? 'N' : 'Y' },
    [
      ['AJ', title],
      ['AH', dueText],
      ...(transaction ? [['BK', transaction] as const] : []),
      ...screen(messages),
    ],
  )
  return dueAt === undefined ? reply : { ...reply, dueAt }
}

export const alertCodes = {
  'hold-here': '01',
  'hold-elsewhere': '02',
  'hold-ill': '03',
  'send-elsewhere': '04',
  other: '99',
} as const

const takenBackReply = (
  ask: Ask,
  back: {
    permanentLocation: string
    title?: string
    alert: boolean
    alertType?: keyof typeof alertCodes
    destination?: string
    messages: readonly string[]
  },
): Reply =>
  replyTo(ask, { ok: '1', resensitize: 'Y', alert: back.alert ? 'Y' : 'N' }, [
    ['AQ', back.permanentLocation],
    ...(back.title ? [['AJ', back.title] as const] : []),
    ...(back.alertType ? [['CV', alertCodes[back.alertType]] as const] : []),
    ...(back.destination ? [['CT', back.destination] as const] : []),
    ...screen(back.messages),
  ])
