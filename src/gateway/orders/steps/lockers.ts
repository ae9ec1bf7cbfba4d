import type { Line, Order } from '../order.ts'
import { again, done, isRefusal, type Step } from './step.ts'

const inParcel = (order: Order, parcelNumber: string): readonly Line[] =>
  order.lines.filter(
    l => l.parcelNumber === parcelNumber && (l.status === 'packed' || l.status === 'shipped'),
  )

/** Keeps a compartment for a parcel before anybody leaves with it. */
export const reserveCompartment: Step<'locker.reserve'> = async ({ payload, order, ports, act }) => {
  const { lockerId, parcelNumber } = payload
  const lines = inParcel(order, parcelNumber)
  if (lines.length === 0) return done()
  const answer = await ports.lockers.reserve({ ...act, lockerId, parcelNumber, items: lines.length })
  if (!answer.ok) {
    if (!isRefusal(answer.problem)) return again(answer.problem)
    return done(
      ...lines.map(l => ({
        ...about(l),
        what: 'no-compartment' as const,
        data: { lockerId, round: l.round },
      })),
    )
  }
  const { compartmentId } = answer.value
  return done(
    ...lines.map(l => ({
      ...about(l),
      what: 'compartment-reserved' as const,
      data: { lockerId, compartmentId, round: l.round },
    })),
  )
}

const about = (line: Line) =>
  ({ source: 'gateway', lineId: line.id, part: line.id, aboutRound: false }) as const

export const releaseCompartment: Step<'locker.release'> = async ({ payload, ports, act }) => {
  const answer = await ports.lockers.release({
    ...act,
    lockerId: payload.lockerId,
    parcelNumber: payload.parcelNumber,
  })
  return answer.ok ? done() : again(answer.problem)
}

export const expireCompartment: Step<'locker.expire'> = async ({ payload, ports, act }) => {
  const answer = await ports.lockers.expire({
    ...act,
    lockerId: payload.lockerId,
    parcelNumber: payload.parcelNumber,
  })
  return answer.ok ? done() : again(answer.problem)
}
