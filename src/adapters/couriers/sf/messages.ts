import { parseBeijing, toBeijing } from '../../../kernel/beijing-time.ts'
import {
  type Answer,
  garbled,
  misconfigured,
  no,
  type Problem,
  refused,
  unreachable,
  yes,
} from '../../../kernel/problem.ts'
import type { Contact, Parcel, Sighting } from '../courier.ts'
import { kindOf } from './statuses.ts'

export interface SfSettings {
  readonly partnerId: string
  readonly checkWord: string
  /** `https://bspgw.sf-express.com/std/service`, its sandbox, or ours. */
  readonly endpoint: string
  /** Settles the freight by the month. */
  readonly monthlyCard?: string
  /** 1 the sender pays, 2 the receiver, 3 a third party; by default whichever of the two is the library. */
  readonly payMethod?: 1 | 2 | 3
  readonly expressType?: number
}

export interface Call {
  readonly service: string
  readonly data: Readonly<Record<string, unknown>>
}

export const createOrder = (parcel: Parcel, settings: SfSettings): Call => ({
  service: 'EXP_RECE_CREATE_ORDER',
  data: {
    language: 'zh-CN',
    orderId: parcel.number,
    cargoDetails: parcel.contents.map(({ name, count }) => ({ name: name.slice(0, 128), count, unit: '本' })),
    contactInfoList: [contact(1, parcel.from), contact(2, parcel.to)],
    ...(settings.monthlyCard === undefined ? {} : { monthlyCard: settings.monthlyCard }),
    payMethod: settings.payMethod ?? (parcel.callForPickup ? 2 : 1),
    expressTypeId: settings.expressType ?? 2,
    parcelQty: 1,
    totalWeight: Math.max(1, parcel.weightGrams) / 1000,
    isDocall: parcel.callForPickup ? 1 : 0,
    ...(parcel.pickupFrom === undefined ? {} : { sendStartTm: toBeijing(parcel.pickupFrom) }),
    isReturnRoutelabel: 1,
  },
})

const contact = (contactType: 1 | 2, person: Contact) => ({
  contactType,
  contact: person.name,
  mobile: person.phone,
  country: 'CN',
  province: person.province,
  city: person.city,
  county: person.district,
  address: person.address.slice(0, 200),
})

export const searchOrder = (parcelNumber: string): Call => ({
  service: 'EXP_RECE_SEARCH_ORDER_RESP',
  data: { searchType: '1', orderId: parcelNumber, language: 'zh-CN' },
})

export const cancelOrder = (parcelNumber: string): Call => ({
  service: 'EXP_RECE_UPDATE_ORDER',
  data: { orderId: parcelNumber, dealType: 2 },
})

export const searchRoutes = (waybill: string, phoneTail: string): Call => ({
  service: 'EXP_RECE_SEARCH_ROUTES',
  data: {
    language: 'zh-CN',
    trackingType: '1',
    trackingNumber: [waybill],
    methodType: '1',
    checkPhoneNo: phoneTail.slice(-4),
  },
})

/** The mother waybill of an order; a refusal where the carrier does not deliver to the address. */
export const readOrder = (data: Data): Answer<string> => {
  if (data.filterResult === 3 || data.filterResult === '3') return no(outOfRange)
  const main = list(data.waybillNoInfoList).find(entry => String(entry.waybillType) === '1')
  const waybill = main === undefined ? '' : String(main.waybillNo ?? '')
  return /^[A-Za-z0-9]{6,40}$/.test(waybill) ? yes(waybill) : no(unreadable)
}

export const readCancel = (data: Data): Answer<void> =>
  String(data.resStatus) === '2' ? yes(undefined) : no(refused('courier-refused-cancel', words.cancel))

export const readRoutes = (data: Data): Answer<readonly Sighting[]> => {
  const sightings: Sighting[] = []
  for (const response of list(data.routeResps).slice(0, 20))
    for (const route of list(response.routes).slice(0, 500)) {
      const sighting = readRoute({ ...route, mailno: response.mailNo })
      if (!sighting) return no(unreadable)
      sightings.push(sighting)
    }
  return yes(sightings)
}

/** JSON form of the route push: up to 10 nodes, in any order, each perhaps not for the first time. */
export const readPush = (body: string): Answer<readonly Sighting[]> => {
  const pushed = parse(body)?.Body
  const routes = pushed === undefined ? undefined : (pushed as Data)?.WaybillRoute
  if (!Array.isArray(routes) || routes.length > 100) return no(unreadable)
  const sightings = list(routes).map(readRoute)
  return sightings.every(sighting => sighting !== undefined) ? yes(sightings) : no(unreadable)
}

/**
 * The id is made of the waybill, the time and the code: a node that is pushed and also asked for is one event,
 * although only the push carries an id of the carrier.
 */
const readRoute = (route: Data): Sighting | undefined => {
  const waybill = String(route.mailno ?? '')
  const code = String(route.opCode ?? '')
  const at = parseBeijing(String(route.acceptTime ?? ''))
  if (at === undefined || !/^[A-Za-z0-9]{6,40}$/.test(waybill) || !/^[\w-]{0,20}$/.test(code))
    return undefined
  const number = String(route.orderid ?? '')
  return {
    id: `${waybill}:${at}:${code}`,
    waybill,
    kind: kindOf(code),
    at,
    their: {
      code,
      text: String(route.remark ?? '')
        .replace(/\d{7,}/g, '***')
        .slice(0, 200),
    },
    ...(/^[A-Za-z0-9-]{1,64}$/.test(number) ? { parcelNumber: number } : {}),
  }
}

export type Data = Readonly<Record<string, unknown>>

/** Opens the envelope: the outer code, then `apiResultData`, a JSON text (or, in old documents, an object). */
export const readReply = (body: string): Answer<Data> => {
  const outer = parse(body)
  if (!outer) return no(unreadable)
  const code = String(outer.apiResultCode ?? '')
  if (code !== 'A1000') return no(gatewayProblem(code))
  const inner =
    typeof outer.apiResultData === 'string'
      ? parse(outer.apiResultData)
      : (outer.apiResultData as Data | undefined)
  if (!inner || typeof inner !== 'object') return no(unreadable)
  if (inner.success === true || inner.success === 'true')
    return yes(typeof inner.msgData === 'object' && inner.msgData !== null ? (inner.msgData as Data) : {})
  return no(refused('courier-refused', words.refused, { their: { code: String(inner.errorCode ?? '') } }))
}

/** Throttled, expired, told too soon again, or broken on their side: these pass. The rest is our settings. */
const passing = new Set(['A1002', 'A1005', 'A1007', 'A1009', 'A1099'])
const gatewayProblem = (code: string): Problem =>
  passing.has(code)
    ? unreachable('courier-busy', words.busy, { their: { code }, maybeDone: true })
    : misconfigured('courier-misconfigured', words.misconfigured, { their: { code } })

const parse = (text: string): Data | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : undefined
  } catch {
    return undefined
  }
}
const list = (value: unknown): readonly Data[] =>
  Array.isArray(value) ? value.filter(entry => typeof entry === 'object' && entry !== null) : []

const words = {
  busy: { zh: '快递公司系统繁忙，稍后自动重试。', en: 'The courier is busy; we shall try again.' },
  refused: {
    zh: '快递公司没有受理，请工作人员处理。',
    en: 'The courier did not accept this; staff must look.',
  },
  cancel: { zh: '快递公司没有取消这个包裹。', en: 'The courier did not cancel this parcel.' },
  misconfigured: {
    zh: '与快递公司的接口设置有误，请联系技术人员。',
    en: 'Our settings for the courier are wrong; a technician must look at them.',
  },
}
const outOfRange = refused('courier-out-of-range', {
  zh: '快递公司不派送到这个地址，可改为到馆或到柜取书。',
  en: 'The courier does not deliver to this address; a branch or a locker will do.',
})
const unreadable = garbled('courier-unreadable', {
  zh: '快递公司的消息无法识别。',
  en: 'The courier’s message could not be read.',
})
