import { toBeijing } from '../../kernel/beijing-time.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'

export type Data = Readonly<Record<string, unknown>>
export type Inner =
  | { readonly ok: true; readonly data: Data }
  | { readonly ok: false; readonly errorCode: string; readonly errorMsg: string }

export interface Route {
  readonly id: string
  readonly mailno: string
  readonly orderid: string
  readonly acceptTime: string
  readonly acceptAddress: string
  readonly remark: string
  readonly opCode: string
}
export interface ParcelView {
  readonly orderId: string
  readonly waybill: string
  readonly cancelled: boolean
  readonly callForPickup: boolean
  readonly opCodes: readonly string[]
}
export interface Order {
  readonly orderId: string
  readonly waybill: string
  readonly phoneTails: readonly string[]
  readonly callForPickup: boolean
  readonly city: string
  cancelled: boolean
  routes: readonly Route[]
}

/** The carrier's books, to be kept between two runs. */
export interface SavedOrders {
  readonly orders: readonly Order[]
  readonly waybills: number
  readonly routes: number
}

/** Addresses that contain this are not served: `filterResult` 3. */
export const unservedAddress = '无法派送'

const fail = (errorCode: string, errorMsg: string): Inner => ({ ok: false, errorCode, errorMsg })
const pickedUp = new Set(['50', '54'])

const remarks: Readonly<Record<string, string>> = {
  '50': '已收取快件',
  '30': '快件在分拣中心装车，准备发往下一站',
  '31': '快件到达分拣中心',
  '36': '快件在运输途中',
  '44': '正在派送途中，请您准备签收',
  '33': '派件不成功，将再次派送',
  '80': '已签收，感谢使用',
  '99': '应客户要求，快件正在退回',
}

/** The carrier's books: orders, waybills and where each parcel was seen. */
export const createOrders = (
  clock: Pick<Clock, 'now'>,
  repeatedOrder: '8016' | 'first-waybill',
  booked: (waybill: string) => void = () => {},
  saved: SavedOrders = { orders: [], waybills: 0, routes: 0 },
) => {
  const orders = new Map(saved.orders.map(order => [order.orderId, { ...order }]))
  let { waybills, routes } = saved

  const answer = (order: Order): Inner => ({
    ok: true,
    data: {
      orderId: order.orderId,
      originCode: '512',
      destCode: '512',
      filterResult: 2,
      waybillNoInfoList: [{ waybillType: 1, waybillNo: order.waybill }],
    },
  })
  const create = (data: Data): Inner => {
    const orderId = String(data.orderId ?? '')
    const known = orders.get(orderId)
    if (known) return repeatedOrder === '8016' ? fail('8016', '重复下单') : answer(known)
    const fault = orderFault(data)
    if (fault) return fail(fault, '下单参数不完整')
    const [from, to] = contacts(data)
    if (String(to?.address).includes(unservedAddress))
      return { ok: true, data: { orderId, filterResult: 3, remark: '超出派送范围', waybillNoInfoList: [] } }
    const order: Order = {
      orderId,
      waybill: `SF7444400${String(++waybills).padStart(6, '0')}`,
      phoneTails: [from, to].map(contact => String(contact?.mobile ?? contact?.tel ?? '').slice(-4)),
      callForPickup: data.isDocall === 1,
      city: String(from?.city ?? ''),
      cancelled: false,
      routes: [],
    }
    orders.set(orderId, order)
    booked(order.waybill)
    return answer(order)
  }
  const search = (data: Data): Inner => {
    const order = orders.get(String(data.orderId))
    return order ? answer(order) : fail('8017', '订单不存在')
  }
  const update = (data: Data): Inner => {
    const order = orders.get(String(data.orderId))
    if (!order) return fail('8017', '订单不存在')
    if (String(data.dealType) !== '2') return fail('8018', '不支持的操作类型')
    if (order.cancelled) return fail('8037', '订单已消单')
    if (order.routes.some(route => pickedUp.has(route.opCode))) return fail('8114', '快件已收取，不能消单')
    order.cancelled = true
    return { ok: true, data: { orderId: order.orderId, resStatus: 2 } }
  }
  const track = (data: Data): Inner => {
    const numbers = (Array.isArray(data.trackingNumber) ? data.trackingNumber : []).map(String)
    const tails = String(data.checkPhoneNo ?? '').split(',')
    return {
      ok: true,
      data: {
        routeResps: numbers.map(mailNo => {
          const order = byWaybill(mailNo)
          const allowed = order?.phoneTails.some(tail => tails.includes(tail)) ?? false
          return {
            mailNo,
            routes: allowed ? order!.routes.map(({ mailno: _, orderid: __, ...rest }) => rest) : [],
          }
        }),
      },
    }
  }
  const byWaybill = (waybill: string): Order | undefined =>
    [...orders.values()].find(order => order.waybill === waybill)

  const services: Readonly<Record<string, (data: Data) => Inner>> = {
    EXP_RECE_CREATE_ORDER: create,
    EXP_RECE_SEARCH_ORDER_RESP: search,
    EXP_RECE_UPDATE_ORDER: update,
    EXP_RECE_SEARCH_ROUTES: track,
  }
  return {
    services,
    isCancelled: (waybill: string): boolean => byWaybill(waybill)?.cancelled ?? true,
    /** Writes a route node; undefined for a waybill nobody booked. */
    move: (waybill: string, opCode: string, at: Millis = clock.now()): Route | undefined => {
      const order = byWaybill(waybill)
      if (!order) return undefined
      const route: Route = {
        id: String(16_100_000_000 + ++routes),
        mailno: waybill,
        orderid: order.orderId,
        acceptTime: toBeijing(at),
        acceptAddress: order.city,
        remark: remarks[opCode] ?? '快件处理中',
        opCode,
      }
      order.routes = [...order.routes, route]
      return route
    },
    toJSON: (): SavedOrders => ({ orders: [...orders.values()], waybills, routes }),
    view: (): readonly ParcelView[] =>
      [...orders.values()].map(({ orderId, waybill, cancelled, callForPickup, routes: seen }) => ({
        orderId,
        waybill,
        cancelled,
        callForPickup,
        opCodes: seen.map(route => route.opCode),
      })),
  }
}

const contacts = (data: Data): readonly (Data | undefined)[] => {
  const list = Array.isArray(data.contactInfoList) ? (data.contactInfoList as Data[]) : []
  return [1, 2].map(type => list.find(contact => contact.contactType === type))
}

const orderFault = (data: Data): string | undefined => {
  const [from, to] = contacts(data)
  if (!/^[\w-]{1,64}$/.test(String(data.orderId ?? ''))) return '1028'
  for (const [contact, address, name, phone] of [
    [from, '1010', '1011', '1012'],
    [to, '1014', '1015', '1016'],
  ] as const) {
    if (!contact?.address) return address
    if (!contact.contact) return name
    if (!contact.mobile && !contact.tel) return phone
  }
  const cargo = Array.isArray(data.cargoDetails) ? (data.cargoDetails as Data[]) : []
  return cargo.length === 0 || cargo.some(item => !item.name) ? '1023' : undefined
}
