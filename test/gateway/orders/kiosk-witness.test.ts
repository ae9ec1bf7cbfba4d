import { describe, expect, it } from 'vitest'
import type { Order } from '../../../src/gateway/orders/order.ts'
import { orThrow } from '../../../src/kernel/problem.ts'
import { worlds } from './begin.ts'
import { expectStatus, toBranch, type World, walk } from './world.ts'

const begin = worlds()

let number = 0
const says = async (w: World, order: Order, what: string, data: Record<string, unknown>) => {
  const { id: lineId } = await w.line(order)
  const at = w.clock.now()
  const witness = {
    libraryId: 'home',
    orderId: order.id,
    lineId,
    source: 'kiosk',
    at,
    receivedAt: at,
  } as const
  orThrow(
    await w.orders.ingest([
      { ...witness, id: `kiosk:${++number}`, what, data: { ...data, actor: 'kiosk:hall' } },
    ]),
  )
  await w.idle()
  return w.line(order)
}
const acts = async (w: World): Promise<readonly string[]> =>
  (await w.store.db.selectFrom('outbox').select('kind').orderBy('id').execute())
    .map(row => row.kind)
    .filter(kind => ['ils.checkout', 'ils.checkin', 'ils.cancel-hold'].includes(kind))

describe('what a machine of the library has done', () => {
  it('is not done again when it has charged the book at hand-over', async () => {
    const w = await begin({ policy: { chargeAt: 'collect' } })
    const order = await w.place({ delivery: toBranch })
    expect((await walk(w, order, 'ready')).charged).toBe(false)
    const dueAt = w.clock.now() + 30 * 86_400_000
    const line = await says(w, order, 'collected', { branchId: 'home-main', charged: { dueAt } })
    expectStatus(line, 'on_loan')
    expect([line.charged, line.held, line.chargeOwed, line.dueAt]).toEqual([true, false, false, dueAt])
    expect(await acts(w)).toEqual([])
  })

  it('is charged after it where the machine could not', async () => {
    const w = await begin({ policy: { chargeAt: 'collect' } })
    const order = await w.place({ delivery: toBranch })
    await walk(w, order, 'ready')
    expectStatus(await says(w, order, 'collected', { branchId: 'home-main' }), 'on_loan')
    expect(await acts(w)).toEqual(['ils.checkout'])
  })

  it('is not discharged again when it has taken the book back', async () => {
    const w = await begin()
    const order = await w.place({ delivery: toBranch })
    await walk(w, order, 'on_loan')
    await says(w, order, 'returned-at-branch', { branchId: 'home-east' })
    const line = await says(w, order, 'received', { branchId: 'home-east', checkedIn: { alert: false } })
    expectStatus(line, 'closed')
    expect([line.outcome, line.charged]).toEqual(['returned', false])
    expect(await acts(w)).toEqual(['ils.checkout'])
  })

  it('leaves open what must be sent on, until it has arrived', async () => {
    const w = await begin()
    const order = await w.place({ delivery: toBranch })
    await walk(w, order, 'on_loan')
    await says(w, order, 'returned-at-branch', { branchId: 'home-east' })
    const checkedIn = { alert: true, alertType: 'send-elsewhere', destination: 'MAIN' }
    const line = await says(w, order, 'received', { branchId: 'home-east', checkedIn })
    expectStatus(line, 'discharged')
    expect(line.routing).toEqual({ type: 'send-elsewhere', destination: 'MAIN' })
    expectStatus(await says(w, order, 'routed', {}), 'closed')
  })

  it('ends a loan that nobody fetched', async () => {
    const w = await begin()
    const order = await w.place({ delivery: toBranch })
    await walk(w, order, 'ready')
    await w.tell(order, 'timer', 'pickup-expired')
    const line = await says(w, order, 'recovered', { checkedIn: { alert: false } })
    expectStatus(line, 'closed')
    expect(line.outcome).toBe('uncollected')
    expect(await acts(w)).toEqual(['ils.checkout'])
  })
})
