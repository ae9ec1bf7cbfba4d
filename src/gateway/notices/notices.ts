import type { Millis } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'
import type { Libraries } from '../libraries.ts'
import type { Line, Order } from '../orders/order.ts'
import { type NoticeFacts, type NoticeName, noticeWords } from './words.ts'

/** A moment as people say it, in the library's own time. */
export const momentWords = (at: Millis, zone: string): Words => {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
  const clock = `${local.hour}:${String(local.minute).padStart(2, '0')}`
  return {
    zh: `${local.month}月${local.day}日 ${clock}`,
    en: `${local.day} ${months[local.month - 1]} ${clock}`,
  }
}

/** A day as people say it. */
export const dayWords = (at: Millis, zone: string): Words => {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
  return { zh: `${local.month}月${local.day}日`, en: `${local.day} ${months[local.month - 1]}` }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const placeOf = (line: Line, order: Order, libraries: Libraries): Words | null => {
  if (line.lockerId !== null) return libraries.locker(line.lockerId).name
  if (line.deskId !== null) return libraries.branch(line.deskId).name
  if (order.delivery.way === 'locker') return libraries.locker(order.delivery.lockerId).name
  return order.delivery.way === 'branch' ? libraries.branch(order.delivery.branchId).name : null
}

/** What a notice about a line says, in both languages. `reason`: the other side's own words, masked. */
export const noticeFor = (
  name: NoticeName,
  line: Line,
  order: Order,
  libraries: Libraries,
  reason: string | null,
): { title: Words; body: Words } => {
  const { zone } = libraries.get(order.libraryId)
  const facts: NoticeFacts = {
    title: line.title,
    place: placeOf(line, order, libraries),
    until: line.collectUntil === null ? null : momentWords(line.collectUntil, zone),
    due: line.dueAt === null ? null : dayWords(line.dueAt, zone),
    supplier: line.supplierId === line.libraryId ? null : libraries.get(line.supplierId).name,
    reason,
  }
  return noticeWords(name, facts)
}
