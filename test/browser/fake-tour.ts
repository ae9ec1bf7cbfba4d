/** One book that goes all the way: what the scanner and the cabinet do moves the order, as in the real town. */
import type { Hono } from 'hono'
import { demo } from '../../src/gateway/http/api/demo.ts'
import type { LineJson } from '../../src/gateway/http/api/reader.ts'
import {
  kioskAnswer,
  kioskCollect,
  kioskReturn,
  scanInput,
  scanResult,
} from '../../src/gateway/http/api/staff.ts'
import { answer, type FakeWorld } from './fake-api.ts'

const both = (zh: string, en: string) => ({ zh, en })
const barcode = 'ST25005193'

export const tourRoutes = (app: Hono, world: FakeWorld): void => {
  let visits = 0
  let errand: LineJson['status'] = 'in_locker'
  const newest = () => world.orders[0]!
  const move = (changes: Partial<LineJson>, hasCode = false) => {
    const order = newest()
    Object.assign(order.lines[0]!, changes)
    Object.assign(order, { hasCode, version: order.version + 1 })
    world.tell('order', { orderId: order.id, version: order.version })
  }
  const said = (zh: string) => ({ signal: 'yes' as const, say: both(zh, zh), row: null, next: null })
  app.get('/api/demo', c =>
    answer(c, demo, {
      reader: { library: 'sucheng', card: '2512000000017', pin: '123456' },
      staff: { user: 'librarian', password: 'demo', badge: 'STAFF-1' },
      kiosks: [{ lockerId: 'guanqian', key: 'kiosk-key' }],
      book: { recordId: 'bib-1', title: '三体' },
    }),
  )
  app.post('/api/staff/scan', async (c, next) => {
    const { code } = scanInput.parse(await c.req.json())
    const line = newest().lines[0]!
    if (line.recordId !== 'bib-1' || code !== barcode) return next()
    if (line.status === 'picking') move({ status: 'charged', barcode, statusName: both('已找到', 'Found') })
    else if (line.status === 'return_in_locker') move({ status: 'closed', outcome: 'returned' })
    return answer(c, scanResult, said('记下了。'))
  })
  app.post('/api/staff/lines/:line/pack', c => {
    move({ status: 'packed' })
    return answer(c, scanResult, said('装好了。'))
  })
  const open = (status: LineJson['status']) => {
    errand = status
    return {
      signal: 'open' as const,
      say: both('门开了', 'Open'),
      compartment: { id: 'door-3', label: '3', row: 3, column: 1 },
      titles: ['三体'],
      visit: `tour-${++visits}`,
    }
  }
  app.post('/api/kiosk/deposit', c => answer(c, kioskAnswer, open('in_locker')))
  app.post('/api/kiosk/collect', async c => {
    kioskCollect.parse(await c.req.json())
    return answer(c, kioskAnswer, open('on_loan'))
  })
  app.post('/api/kiosk/return', async c => {
    kioskReturn.parse(await c.req.json())
    return answer(c, kioskAnswer, open('return_in_locker'))
  })
  app.post('/api/demo/hand', async (_, next) => {
    move({ status: errand }, errand === 'in_locker')
    return next()
  })
}
