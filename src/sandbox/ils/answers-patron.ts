import type { Field, Message, Parsed } from '../../adapters/ils/sip2/codec.ts'
import { parseYuan, toYuan } from '../../kernel/money.ts'
import {
  answer,
  type Desk,
  get,
  type Handler,
  institution,
  optional,
  owing,
  pinProblem,
  why,
} from './answers.ts'
import type { Fine, Hold } from './model.ts'
import type { PatronView } from './state.ts'

const four = (count: number): string => String(Math.min(count, 9999)).padStart(4, '0')

/** BL and CQ: whether the card is known, and whether its PIN was right. */
const validity = (view: PatronView | undefined, pin: string, desk: Desk): Field[] => {
  if (!view) return [['BL', 'N']]
  const { blankPin, checksPin } = desk.dialect
  if (!checksPin)
    return [
      ['BL', 'Y'],
      ['CQ', 'Y'],
    ]
  if (pin === '' && blankPin === 'not-told') return [['BL', 'Y']]
  const matches = pin === '' ? blankPin === 'Y' : view.pinMatches
  return [
    ['BL', 'Y'],
    ['CQ', matches ? 'Y' : 'N'],
  ]
}

const about = (view: PatronView | undefined, desk: Desk): Field[] => {
  if (!view) return [['AE', ''], ...why('unknown-card')]
  const { allIsWell } = desk.dialect
  return [
    ['AE', view.patron.name],
    ['BH', 'CNY'],
    ['BV', owing(desk, view.owed)],
    ...(view.why ? why(view.why) : optional(['AF', allIsWell])),
  ]
}

/** The 14 flags. */
const flags = (view: PatronView | undefined, pin: string, desk: Desk): string => {
  if (!view) return 'YYYY          '
  return desk.dialect.allFlagsOnWrongPin && pin !== '' && !view.pinMatches ? 'Y'.repeat(14) : view.status
}

const patronStatus: Handler = (request, desk) => {
  const view = desk.state.patron(get(request, 'AA'), get(request, 'AD'))
  return answer(request, desk, { patronStatus: flags(view, get(request, 'AD'), desk) }, [
    ...about(view, desk),
    ...validity(view, get(request, 'AD'), desk),
  ])
}

const patronInformation: Handler = (request, desk) => {
  const view = desk.state.patron(get(request, 'AA'), get(request, 'AD'))
  if (!view)
    return answer(request, desk, { patronStatus: flags(undefined, '', desk) }, [
      ...about(undefined, desk),
      ...validity(undefined, '', desk),
    ])
  const category = desk.state.category(view.patron.card)
  const waiting = view.holds.filter(h => h.state === 'on-shelf')
  const counted = desk.dialect.holdCountMeaning === 'waiting' ? waiting : view.holds
  return answer(
    request,
    desk,
    {
      patronStatus: flags(view, get(request, 'AD'), desk),
      holdCount: four(counted.length),
      overdueCount: four(view.overdue.length),
      chargedCount: four(view.loans.length),
      fineCount: four(view.fines.length),
      recallCount: four(0),
      unavailableHoldCount: four(view.holds.length - waiting.length),
    },
    [
      ...about(view, desk),
      ...validity(view, get(request, 'AD'), desk),
      ['BZ', four(category?.maxHolds ?? 0)],
      ['CA', four(category?.maxOverdue ?? 0)],
      ['CB', four(category?.maxLoans ?? 0)],
      ['CC', toYuan(category?.maxOwed ?? 0)],
      ...list(request.fixed.summary ?? '', view, counted, desk, get(request, 'BP'), get(request, 'BQ')),
      ...optional(['BD', view.patron.address], ['BE', view.patron.email], ['BF', view.patron.phone]),
      ...(desk.dialect.extensions
        ? optional(['AQ', view.patron.homeBranch], ['PC', view.patron.category], ['PA', expiry(view, desk)])
        : []),
    ],
  )
}

const expiry = (view: PatronView, desk: Desk): string =>
  Temporal.Instant.fromEpochMilliseconds(view.patron.expiresAt)
    .toZonedDateTimeISO(desk.state.timeZone)
    .toPlainDate()
    .toString()
    .replaceAll('-', '')

/** The one list the summary asks for: the first Y counts. */
const list = (
  summary: string,
  view: PatronView,
  counted: readonly Hold[],
  desk: Desk,
  start: string,
  end: string,
): Field[] => {
  const loanEntry = (barcode: string): string =>
    desk.dialect.itemListContent === 'title' ? (desk.state.item(barcode)?.title ?? '') : barcode
  const holdEntry = (hold: Hold): string =>
    desk.dialect.itemListContent === 'title' ? desk.state.title(hold.bibId) : desk.state.copyFor(hold)
  const lists: readonly (readonly [string, () => readonly string[]])[] = [
    ['AS', () => counted.map(holdEntry)],
    ['AT', () => view.overdue.map(loanEntry)],
    ['AU', () => view.loans.map(l => loanEntry(l.barcode))],
    ['AV', () => view.fines.map(fine => fineLine(fine, desk))],
    ['BU', () => []],
    ['CD', () => view.holds.filter(h => h.state !== 'on-shelf').map(holdEntry)],
  ]
  const wanted = lists[summary.slice(0, 6).indexOf('Y')]
  if (!wanted) return []
  const all = wanted[1]()
  const from = /^\d{1,6}$/.test(start) ? Math.max(1, Number(start)) : 1
  const to = /^\d{1,6}$/.test(end) ? Number(end) : all.length
  const page = desk.dialect.listPages === 'honoured' ? all.slice(from - 1, to) : all
  return page.map((entry): Field => [wanted[0], entry])
}

const fineLine = ({ id, amount, paid, type, note }: Fine, desk: Desk): string => {
  const left = toYuan(amount - paid)
  switch (desk.dialect.fineFormat) {
    case 'eg_legacy':
      return `${left} ${type} ${note}`
    case '3m':
      return `${id} ${left} "${type}" ${note}`
    case 'swyer_b':
      return `Charge-Number: ${id}, Amount-Due: ${left}, Fine-Type: ${type}, Title: ${note}`
    case 'id-amount':
      return `${id}:${left}`
  }
}

const feePaid: Handler = (request, desk) => {
  const wrong = pinProblem(request, desk)
  if (wrong) return answer(request, desk, {}, why(wrong))
  const fineId = get(request, 'CG')
  const transaction = get(request, 'BK')
  const paid = desk.state.payFee({
    card: get(request, 'AA'),
    amount: parseYuan(get(request, 'BV')),
    ...(fineId ? { fineId } : {}),
    ...(transaction ? { transaction } : {}),
  })
  return paid.ok
    ? answer(request, desk, { paymentAccepted: 'Y' }, [['BK', paid.value.transaction]])
    : answer(request, desk, {}, why(paid.reason))
}

const endSession: Handler = (request, desk) => answer(request, desk, { endSession: 'Y' }, [])

const enable: Handler = (request, desk) => {
  desk.state.enable(get(request, 'AA'))
  return patronStatus(request, desk)
}

const block: Handler = (request, desk) => {
  desk.state.block(get(request, 'AA'), get(request, 'AL') || '自助设备停用')
  return patronStatus(request, desk)
}

const scStatus: Handler = (request, desk) => status(request, desk, true)

/** 98, in answer to 99 and, when the library system is not on-line, to anything else. */
export const status = (request: Parsed, desk: Desk, online: boolean): Message => {
  const yesNo = online ? 'Y' : 'N'
  return answer(
    { ...request, command: '99' },
    desk,
    {
      onlineStatus: yesNo,
      checkinOk: yesNo,
      checkoutOk: yesNo,
      renewalPolicy: 'Y',
      statusUpdateOk: 'Y',
      offlineOk: 'Y',
      version: desk.dialect.version,
      timeout: desk.dialect.timeout,
      retries: desk.dialect.retries,
    },
    [
      ['AO', institution(desk)],
      ['AM', desk.state.libraryName],
      ['BX', desk.claimed],
      ...optional(['AN', desk.branch]),
      ...(online ? [] : why('closed')),
    ],
  )
}

export const patronHandlers: Readonly<Record<string, Handler>> = {
  '99': scStatus,
  '23': patronStatus,
  '63': patronInformation,
  '37': feePaid,
  '35': endSession,
  '25': enable,
  '01': block,
}
