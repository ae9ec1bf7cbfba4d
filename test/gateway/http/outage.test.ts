import { afterEach, beforeEach, expect, it } from 'vitest'
import type { PickupCodeJson } from '../../../src/gateway/http/api/reader.ts'
import { defaultLockerRules } from '../../../src/gateway/lockers/ports.ts'
import { type TestGateway, testGateway, type Who } from './gateway.ts'

let t: TestGateway
let staff: Record<string, string>
let wang: Who
beforeEach(async () => {
  t = await testGateway()
  staff = await t.staff()
  wang = await t.reader('2120500001')
})
afterEach(() => t.close())

const shutDoor = async () => {
  t.hand.open.clear()
  await t.clock.advance(2000)
  await t.idle()
}
const ready = async (title: string) => {
  const one = await t.order(wang, title, { way: 'locker', lockerId: 'guanqian' })
  await t.press(staff, one.lineId, 'found')
  await t.press(staff, one.lineId, 'put-in-locker')
  await shutDoor()
  return one
}
const until = async (id: string) =>
  (await t.ask<PickupCodeJson>(wang.headers, 'GET', `/api/orders/${id}/code`)).collectUntil
const said = async () =>
  (await t.ask<{ items: { title: { en: string } }[] }>(wang.headers, 'GET', '/api/me/messages')).items.map(
    one => one.title.en,
  )
/** Time passes with nobody watching, and then the cabinet is looked at. */
const pass = async (span: number) => {
  await t.clock.advance(span)
  await t.idle()
}

it('a door that jams before a book moves its time, and the reader is told once when staff have mended it', async () => {
  const one = await ready('三体')
  expect(await until(one.id)).toBe('2026-11-26T21:00:00+08:00')
  const { code } = await t.ask<PickupCodeJson>(wang.headers, 'GET', `/api/orders/${one.id}/code`)
  t.hand.jammed.add('1/1')
  const collecting = t.lockers.collect('guanqian', code, 'locker:guanqian')
  await t.clock.advance(5000)
  expect((await collecting).signal).toBe('jammed')
  await t.idle()
  expect((await t.line(one)).timer).toBe(null)
  await pass(600_000)
  t.hand.jammed.clear()
  const settle = { compartmentId: 'A01', reason: '锁舌上了油' }
  await t.ask(staff, 'POST', '/api/staff/lockers/guanqian/alarms/settle', settle)
  await t.idle()
  expect(await until(one.id)).toBe('2026-11-27T21:00:00+08:00')
  expect((await t.line(one)).timer?.what).toBe('pick-up reminder')
  expect((await said()).slice(0, 2)).toEqual(['The door works again', 'The door did not open'])
  expect((await t.lockers.collect('guanqian', code, 'locker:guanqian')).signal).toBe('open')
})

it('a cabinet in maintenance moves the time of what lies inside, and says the new date once', async () => {
  const one = await ready('三体')
  const two = await ready('活着')
  const care = (on: boolean, reason: string) =>
    t.ask(staff, 'POST', '/api/staff/lockers/guanqian/maintenance', { on, reason })
  await care(true, '换锁控板')
  await pass(660_000)
  expect((await t.line(one)).outage?.why).toEqual(['away'])
  await care(false, '换好了')
  await pass(defaultLockerRules.backAfter + 30_000)
  for (const each of [one, two])
    expect((await t.line(each)).collectUntil).toBe(Date.parse('2026-11-27T21:00+08:00'))
  expect((await said()).filter(title => title === 'The locker works again')).toHaveLength(1)
  await pass(60_000)
  expect((await said()).filter(title => title === 'The locker works again')).toHaveLength(1)
})
