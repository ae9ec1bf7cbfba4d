import { type Answer, yes } from '../../kernel/problem.ts'
import type { Credit as CreditService } from '../credit/credit.ts'
import type { Fact } from '../credit/facts.ts'
import type { Line } from '../orders/order.ts'
import type { Credit } from '../orders/ports.ts'
import type { Store } from '../store/db.ts'
import { orderById } from '../store/orders.ts'

type Told = Parameters<Credit['record']>[0]

/** The ledger, and the platform that vouched for the reader, as the orders see them. Facts count once for a line. */
export const bindCredit = (store: Store, credit: CreditService): Credit => ({
  record: async told => {
    const order = await orderById(store.db, told.libraryId, told.orderId)
    const line = order?.lines.find(one => one.id === told.lineId)
    if (!order || !line) return yes(undefined)
    const facts = factsOf(told, order.number)
    if (facts.length > 0) await credit.record(told, facts)
    return tell(credit, told, line)
  },
})

const factsOf = ({ fact, lineId, at, dueAt }: Told, evidence: string): readonly Fact[] => {
  const about = { id: `${fact}:${lineId}`, at, evidence, loanId: lineId }
  if (fact === 'returned') return dueAt === null ? [] : [{ ...about, kind: 'returned', dueAt }]
  // What was not collected costs nothing in the published scheme; a pack may say otherwise one day.
  if (fact === 'uncollected') return []
  return [{ ...about, kind: fact }]
}

const tell = async (credit: CreditService, told: Told, line: Line): Promise<Answer<void>> => {
  const dueAt = told.dueAt ?? line.dueAt
  if (line.barcode === null || dueAt === null) return yes(undefined)
  const { libraryId, patronId, lineId } = told
  const loan = {
    libraryId,
    patronId,
    lineId,
    barcode: line.barcode,
    title: line.title,
    borrowedAt: told.at,
    dueAt,
  }
  if (told.fact === 'borrowed') return settled(await credit.tellLoan(loan))
  if (told.fact === 'returned')
    return settled(await credit.tellReturn({ ...loan, borrowedAt: line.times.on_loan ?? told.at }))
  return yes(undefined)
}

const settled = (answer: Answer<unknown>): Answer<void> => (answer.ok ? yes(undefined) : answer)
