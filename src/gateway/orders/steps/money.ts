import type { Answer } from '../../../kernel/problem.ts'
import { again, done, type Outcome, type Step } from './step.ts'

const settled = (answer: Answer<void>): Outcome => (answer.ok ? done() : again(answer.problem))

export const settleFee: Step<'fee.settle'> = async ({ payload, order, ports, act }) =>
  settled(await ports.fees.settle({ ...act, order, items: payload.items, itemsAsked: payload.itemsAsked }))

export const refundFee: Step<'fee.refund'> = async ({ payload, order, ports, act }) =>
  settled(await ports.fees.refund({ ...act, order, reason: payload.reason }))

export const releaseQuota: Step<'quota.release'> = async ({ order, ports, act }) =>
  settled(await ports.fees.releaseQuota({ ...act, order }))

export const recordCredit: Step<'credit.record'> = async ({ payload, order, line, ports, act }) =>
  settled(
    await ports.credit.record({
      ...act,
      libraryId: order.libraryId,
      patronId: payload.patronId,
      orderId: order.id,
      lineId: line.id,
      fact: payload.fact,
      at: payload.when,
      dueAt: payload.dueAt,
    }),
  )
