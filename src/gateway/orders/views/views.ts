import { orderById, ordersOfPatron } from '../../store/orders.ts'
import type { Orders, OrdersOptions } from '../service.ts'
import { ordersView } from './order-json.ts'
import { todayView } from './today.ts'
import { workRows } from './work.ts'

/** What people are shown of orders. */
export const createViews = ({
  store,
  clock,
  ports,
}: Pick<OrdersOptions, 'store' | 'clock' | 'ports'>): Pick<Orders, 'view' | 'page' | 'work' | 'today'> => {
  const { db } = store
  const { libraries } = ports
  return {
    view: async ({ libraryId, orderId, patronId }) => {
      const order = await orderById(db, libraryId, orderId)
      if (!order || (patronId !== undefined && order.patronId !== patronId)) return undefined
      return (await ordersView(db, libraries, [order]))[0]
    },
    page: async (who, { state, cursor, limit }) => {
      const orders = await ordersOfPatron(db, who, {
        state,
        limit: limit + 1,
        ...(cursor === undefined ? {} : { before: cursor }),
      })
      const shown = orders.slice(0, limit)
      const items = [...(await ordersView(db, libraries, shown))]
      return { items, next: orders.length > limit ? (shown.at(-1)?.id ?? null) : null }
    },
    work: (list, ask) => workRows({ db, ports, now: clock.now() }, list, ask),
    today: ask => todayView({ db, ports, now: clock.now() }, ask),
  }
}
