import type { Tx } from '../../store/db.ts'
import type { Line, Order } from '../order.ts'
import { done, type Step, type Witnessed } from './step.ts'

const inParcel = (order: Order, parcelNumber: string): readonly Line[] =>
  order.lines.filter(
    l => l.parcelNumber === parcelNumber && (l.status === 'packed' || l.status === 'shipped'),
  )

/** Keeps a compartment for a parcel before anybody leaves with it. */
export const reserveCompartment: Step<'locker.reserve'> = async ({ payload, order, ports }) => {
  const { lockerId, parcelNumber } = payload
  const lines = inParcel(order, parcelNumber)
  if (lines.length === 0) return done()
  const reserve = async (tx: Tx): Promise<readonly Witnessed[]> => {
    const answer = await ports.lockers.reserve(tx, {
      lockerId,
      libraryId: order.libraryId,
      orderId: order.id,
      parcel: parcelNumber,
      lineIds: lines.map(l => l.id),
    })
    return lines.map(line => {
      const about = { source: 'gateway', lineId: line.id, part: line.id, aboutRound: false } as const
      if (!answer.ok && answer.problem.code === 'locker-offline') {
        const deskId = ports.lockers.deskFor(lockerId)
        return {
          ...about,
          what: 'locker-offline',
          data: { lockerId, ...(deskId === undefined ? {} : { deskId }) },
        }
      }
      return answer.ok
        ? {
            ...about,
            what: 'compartment-reserved',
            data: { lockerId, compartmentId: answer.value.compartmentId },
          }
        : { ...about, what: 'no-compartment', data: { lockerId } }
    })
  }
  return { is: 'done', evidence: [], within: reserve }
}

export const releaseCompartment: Step<'locker.release'> = async ({ payload, order, ports }) => ({
  is: 'done',
  evidence: [],
  within: async tx => {
    await ports.lockers.release(tx, order.libraryId, payload.parcelNumber)
    return []
  },
})

export const expireCompartment: Step<'locker.expire'> = async ({ payload, order, ports }) => ({
  is: 'done',
  evidence: [],
  within: async tx => {
    await ports.lockers.expire(tx, order.libraryId, payload.parcelNumber)
    return []
  },
})
