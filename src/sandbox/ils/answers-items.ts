import { circulationStatuses } from '../../adapters/ils/ils.ts'
import type { Field } from '../../adapters/ils/sip2/codec.ts'
import { type Message, type Parsed, parseSipDate } from '../../adapters/ils/sip2/codec.ts'
import {
  answer,
  type Desk,
  dueText,
  get,
  type Handler,
  local,
  optional,
  owing,
  pinProblem,
  say,
  why,
} from './answers.ts'
import type { Lent, TakenBack } from './loans.ts'
import type { Ruling } from './ruling.ts'

const dateOf = (request: Parsed, part: string, desk: Desk): number | undefined =>
  parseSipDate(request.fixed[part] ?? '', desk.state.timeZone)

const known = (desk: Desk, barcode: string): Field[] => {
  const view = desk.state.item(barcode)
  return view
    ? [['AJ', view.title], ['CK', view.item.mediaType], ...optional(['CH', view.item.properties])]
    : []
}

/** Fields of a fee that must be acknowledged first. */
const fee = (desk: Desk, barcode: string): Field[] => {
  const amount = desk.state.item(barcode)?.item.loanFee ?? 0
  return amount === 0
    ? []
    : [
        ['BT', '06'],
        ['BH', 'CNY'],
        ['BV', owing(desk, amount)],
      ]
}

/** When it happened and until when, of a loan made while we were away. */
const ownDates = (request: Parsed, desk: Desk) => {
  if (request.fixed.noBlock !== 'Y') return {}
  const at = dateOf(request, 'date', desk)
  const dueAt = dateOf(request, 'nbDueDate', desk)
  return {
    noBlock: true,
    ...(at === undefined ? {} : { at }),
    ...(dueAt === undefined ? {} : { dueAt }),
  }
}

const checkout: Handler = (request, desk) => {
  const barcode = get(request, 'AB')
  const wrong = pinProblem(request, desk)
  if (wrong) return loanAnswer(request, desk, barcode, { ok: false, reason: wrong })
  if (get(request, 'BI') === 'Y') {
    const undone = desk.state.checkin({ barcode, here: desk.branch ?? '', cancel: true })
    return answer(
      request,
      desk,
      { ok: undone.ok ? '1' : '0', renewalOk: 'N', magneticMedia: 'N', desensitize: 'N' },
      [...known(desk, barcode), ...(undone.ok ? say(undone.remarks) : why(undone.reason))],
    )
  }
  return loanAnswer(
    request,
    desk,
    barcode,
    desk.state.checkout({
      card: get(request, 'AA'),
      barcode,
      feeAcknowledged: get(request, 'BO') === 'Y',
      noRenewal: request.fixed.scRenewalPolicy === 'N' && desk.dialect.renewsByCheckout === 'as-asked',
      ...ownDates(request, desk),
    }),
  )
}

const renew: Handler = (request, desk) => {
  const card = get(request, 'AA')
  const barcode = get(request, 'AB') || desk.state.loanByTitle(card, get(request, 'AJ'))?.barcode || ''
  const blank = desk.dialect.renewalNeedsDue && dateOf(request, 'nbDueDate', desk) === undefined
  const wrong = blank ? 'not-served' : pinProblem(request, desk)
  const ruling: Ruling<Lent> = wrong
    ? { ok: false, reason: wrong }
    : desk.state.renew({ card, barcode, ...ownDates(request, desk) })
  return loanAnswer(request, desk, barcode, ruling)
}

const loanAnswer = (request: Parsed, desk: Desk, barcode: string, ruling: Ruling<Lent>): Message => {
  if (!ruling.ok)
    return answer(request, desk, {}, [
      ['AB', barcode],
      ...known(desk, barcode),
      ...(ruling.reason === 'fee-first' ? fee(desk, barcode) : []),
      ...why(ruling.reason),
    ])
  const { loan, renewed } = ruling.value
  return answer(
    request,
    desk,
    { ok: '1', renewalOk: renewed ? 'Y' : 'N', magneticMedia: 'N', desensitize: renewed ? 'N' : 'Y' },
    [
      ['AB', barcode],
      ['AH', dueText(desk, loan.dueAt)],
      ['BK', `L${loan.number}`],
      ...known(desk, barcode),
      ...fee(desk, barcode),
      ...say(ruling.remarks),
    ],
  )
}

const checkin: Handler = (request, desk) => {
  const barcode = get(request, 'AB')
  const returnedAt = dateOf(request, 'returnDate', desk)
  const ruling = desk.state.checkin({
    barcode,
    here: get(request, 'AP') || desk.branch || '',
    noBlock: request.fixed.noBlock === 'Y',
    cancel: get(request, 'BI') === 'Y',
    ...(returnedAt === undefined ? {} : { returnedAt }),
  })
  if (!ruling.ok)
    return answer(request, desk, { resensitize: 'N' }, [
      ['AQ', desk.state.item(barcode)?.item.permanentLocation ?? ''],
      ...why(ruling.reason),
    ])
  const wasIn = ruling.remarks.includes('was-not-on-loan')
  const { value } = ruling
  return answer(
    request,
    desk,
    {
      ok: wasIn && !desk.dialect.checkedInOk ? '0' : '1',
      resensitize: 'Y',
      alert: value.alert ? 'Y' : 'N',
    },
    [
      ['AQ', value.item.permanentLocation],
      ...known(desk, barcode),
      ...optional(['AA', value.card]),
      ...(desk.dialect.extensions ? sorting(value, desk) : []),
      ...say(ruling.remarks),
    ],
  )
}

const sorting = (value: TakenBack, desk: Desk): Field[] =>
  optional(
    ['CS', value.item.callNumber],
    ['CV', value.alert],
    ['CT', value.destination],
    ['CY', value.hold?.card],
    ['DA', value.hold && desk.state.patron(value.hold.card)?.patron.name],
  )

const renewAll: Handler = (request, desk) => {
  const ruling = desk.state.renewAll(get(request, 'AA'))
  if (!ruling.ok) return answer(request, desk, {}, why(ruling.reason))
  const { renewed, unrenewed } = ruling.value
  const four = (list: readonly string[]): string => String(list.length).padStart(4, '0')
  return answer(request, desk, { ok: '1', renewedCount: four(renewed), unrenewedCount: four(unrenewed) }, [
    ...renewed.map((barcode): Field => ['BM', barcode]),
    ...unrenewed.map((barcode): Field => ['BN', barcode]),
  ])
}

const hold: Handler = (request, desk) => {
  const wrong = pinProblem(request, desk)
  const barcode = get(request, 'AB')
  const title = get(request, 'AJ')
  const pickup = get(request, 'BS')
  const expiresAt = parseSipDate(get(request, 'BW'), desk.state.timeZone)
  const order = {
    card: get(request, 'AA'),
    ...(barcode ? { barcode } : {}),
    ...(title ? { title } : {}),
    ...(pickup ? { pickup } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    thisCopy: get(request, 'BY') === '3',
  }
  const { state } = desk
  const act = {
    '+': () => state.addHold(order),
    '-': () => state.deleteHold(order),
    '*': () => state.changeHold(order),
  }[request.fixed.mode ?? '']
  const ruling = wrong || !act ? ({ ok: false, reason: wrong ?? 'not-served' } as const) : act()
  const subject = optional(['AB', barcode], ['AJ', title])
  if (!ruling.ok) return answer(request, desk, {}, [...subject, ...why(ruling.reason)])
  const { value } = ruling
  return answer(request, desk, { ok: '1', available: value.available ? 'Y' : 'N' }, [
    ...optional(
      ['BW', value.hold.expiresAt === undefined ? undefined : local(desk, value.hold.expiresAt)],
      ['BR', value.position > 0 ? String(value.position) : undefined],
      ['BS', value.hold.pickup],
      ['AB', barcode],
      ['AJ', value.title],
    ),
  ])
}

const itemInformation: Handler = (request, desk) => {
  const view = desk.state.item(get(request, 'AB'))
  if (!view) return answer(request, desk, {}, [['AJ', ''], ...why('unknown-item')])
  const { item, loan, queue } = view
  const shelved = queue.find(h => h.copy === item.barcode && h.shelfUntil !== undefined)
  const code = String(circulationStatuses.indexOf(item.status) + 1).padStart(2, '0')
  return answer(request, desk, { circulationStatus: code, feeType: item.loanFee ? '06' : '01' }, [
    ['CF', String(queue.length)],
    ['AJ', view.title],
    ['BG', desk.state.institution],
    ['CK', item.mediaType],
    ['AQ', item.permanentLocation],
    ['AP', item.currentLocation],
    ...optional(
      ['AH', loan && dueText(desk, loan.dueAt)],
      ['CM', shelved?.shelfUntil === undefined ? undefined : local(desk, shelved.shelfUntil)],
      ['CH', item.properties],
      ['BH', item.loanFee ? 'CNY' : undefined],
      ['BV', item.loanFee ? owing(desk, item.loanFee) : undefined],
      ['CS', desk.dialect.extensions ? item.callNumber : undefined],
    ),
  ])
}

const itemStatusUpdate: Handler = (request, desk) => {
  const barcode = get(request, 'AB')
  const ruling = desk.state.updateItem(barcode, get(request, 'CH'))
  return ruling.ok
    ? answer(
        request,
        desk,
        { itemPropertiesOk: '1' },
        known(desk, barcode).filter(([id]) => id !== 'CK'),
      )
    : answer(request, desk, {}, why(ruling.reason))
}

export const itemHandlers: Readonly<Record<string, Handler>> = {
  '11': checkout,
  '09': checkin,
  '29': renew,
  '65': renewAll,
  '15': hold,
  '17': itemInformation,
  '19': itemStatusUpdate,
}
