import type { Contact, Parcel } from '../../../adapters/couriers/courier.ts'
import { misconfigured, type Problem } from '../../../kernel/problem.ts'
import { insertParcel } from '../../store/parcels.ts'
import type { Line } from '../order.ts'
import { again, done, type Outcome, type Step, type Task } from './step.ts'

/** Grams of an ordinary book with its wrapping. */
const bookWeight = 450

const noAddress: Problem = misconfigured('no-address', {
  zh: '这位读者的地址已经不在了，请联系读者。',
  en: 'The reader’s address is no longer on record; please ask the reader.',
})

/** The carrier needs to know that there are books, not which. */
const parcel = (number: string, from: Contact, to: Contact, items: number, call: boolean): Parcel => ({
  number,
  from,
  to,
  contents: [{ name: '图书', count: items }],
  weightGrams: bookWeight * items,
  callForPickup: call,
})

type Booking = Task<'courier.book'> | Task<'courier.book-return'>

const book = async (task: Booking, lines: readonly Line[], direction: 'out' | 'return'): Promise<Outcome> => {
  const { payload, order, ports, clock } = task
  if (lines.length === 0) return done()
  const reader = await ports.readers.address(order.libraryId, order.patronId, payload.addressId)
  if (!reader) return { is: 'dead', problem: noAddress }
  const library = ports.sender(lines[0]!.branchId)
  const wanted =
    direction === 'out'
      ? parcel(payload.parcelNumber, library, reader, lines.length, false)
      : parcel(payload.parcelNumber, reader, library, lines.length, true)
  const answer = await ports.couriers.get(payload.courier).book(wanted)
  if (!answer.ok) return again(answer.problem)
  const { waybill } = answer.value
  return {
    is: 'done',
    evidence: lines.map(line => ({
      what: 'courier-booked',
      data: { parcelNumber: payload.parcelNumber, waybill },
      source: 'gateway',
      lineId: line.id,
      part: line.id,
      aboutRound: false,
    })),
    within: async tx => {
      await insertParcel(tx, {
        library_id: order.libraryId,
        number: payload.parcelNumber,
        order_id: order.id,
        courier: payload.courier,
        waybill,
        direction,
        created_at: clock.now(),
      })
      return []
    },
  }
}

export const bookCourier: Step<'courier.book'> = task =>
  book(
    task,
    task.order.lines.filter(l => l.parcelNumber === task.payload.parcelNumber && l.status === 'packed'),
    'out',
  )

export const bookReturn: Step<'courier.book-return'> = task =>
  book(
    task,
    task.order.lines.filter(l => l.returnParcelNumber === task.payload.parcelNumber),
    'return',
  )

const cancel = async (task: Task<'courier.cancel'> | Task<'courier.cancel-return'>): Promise<Outcome> => {
  const answer = await task.ports.couriers.get(task.payload.courier).cancel(task.payload.parcelNumber)
  return answer.ok ? done() : again(answer.problem)
}
export const cancelCourier: Step<'courier.cancel'> = cancel
export const cancelReturn: Step<'courier.cancel-return'> = cancel
