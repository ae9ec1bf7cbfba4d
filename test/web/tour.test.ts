import { describe, expect, it } from 'vitest'
import { lineStatuses } from '../../src/gateway/orders/order.ts'
import { stepsDone, tourOrder, wentWrong } from '../../src/web/guide/tour.ts'
import { firstOrders } from '../browser/fake-town.ts'

const [first] = firstOrders()
const line = first!.lines[0]!

describe('the tour', () => {
  it('knows for every state of a line how many steps are behind it', () => {
    for (const status of lineStatuses) expect(stepsDone({ ...line, status })).toBeGreaterThan(0)
    expect(stepsDone(undefined)).toBe(0)
  })

  it('never goes back on the way of a loan', () => {
    const way = [
      'requested',
      'picking',
      'charged',
      'packed',
      'in_locker',
      'on_loan',
      'return_in_locker',
      'closed',
    ] as const
    const done = way.map(status => stepsDone({ ...line, status }))
    expect(done).toEqual([1, 1, 2, 3, 4, 5, 6, 7])
  })

  it('takes the order that was not there when it began', () => {
    const orders = firstOrders()
    expect(tourOrder(orders, 'bib-1', new Set(['order-1']))).toBeUndefined()
    expect(tourOrder(orders, 'bib-1', new Set())?.id).toBe('order-1')
  })

  it('sees that a book ended in another way than by being given back', () => {
    expect(wentWrong({ ...line, outcome: 'not_supplied' })).toBe(true)
    expect(wentWrong({ ...line, outcome: 'returned' })).toBe(false)
    expect(wentWrong(line)).toBe(false)
  })
})
