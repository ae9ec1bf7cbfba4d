import type { Line, LineStatus, Order } from './order.ts'

const onTheWay: readonly LineStatus[] = ['packed', 'shipped', 'in_locker', 'expired']

/** Other lines of the order that are still in, or on their way in, the same parcel. */
export const linesTogether = (order: Order, line: Line): readonly Line[] =>
  line.parcelNumber === null
    ? []
    : order.lines.filter(
        l => l.id !== line.id && l.parcelNumber === line.parcelNumber && onTheWay.includes(l.status),
      )

const safe = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '').slice(0, 16)

/**
 * The label of the parcel a line belongs into: the one that is being packed for this part of the order, or a new
 * one, unique for ever. Letters, digits and hyphens, at most 64 characters, as couriers take it.
 */
export const parcelNumberOf = (order: Order, line: Line): string => {
  const open = order.lines.find(
    l =>
      l.id !== line.id && l.status === 'packed' && l.parcel === line.parcel && l.branchId === line.branchId,
  )
  if (open?.parcelNumber) return open.parcelNumber
  const tries = line.round + line.parcelsBack.length
  const again = tries === 0 ? '' : `R${tries}`
  return `${safe(order.libraryId)}-${order.number}-${line.parcel}-${line.position + 1}${again}`
}

/** The label of a courier return; a new one for each booking. */
export const returnParcelNumberOf = (order: Order, line: Line): string =>
  `${safe(order.libraryId)}-${order.number}-B${line.position + 1}T${line.acts + 1}`
