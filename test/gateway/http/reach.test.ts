import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestGateway, testGateway } from './gateway.ts'

let t: TestGateway
beforeEach(async () => {
  t = await testGateway()
})
afterEach(() => t.close())

it('who asks for doors within reach gets one from the next parcel on, and leaves it to others afterwards', async () => {
  const staff = await t.staff()
  const wang = await t.reader('2120500001')
  const li = await t.reader('2120500002')
  const lie = async (who: typeof wang, title: string) => {
    const one = await t.order(who, title, { way: 'locker', lockerId: 'guanqian' })
    await t.press(staff, one.lineId, 'found')
    await t.press(staff, one.lineId, 'put-in-locker')
    t.hand.open.clear()
    await t.clock.advance(2000)
    await t.idle()
    return (await t.line(one)).compartmentId
  }
  const within = ['A04', 'A05', 'A06']
  const wish = (withinReach: boolean) => t.ask(wang.headers, 'PATCH', '/api/me', { withinReach })
  expect(within).not.toContain(await lie(li, '三体'))
  await wish(true)
  expect(within).toContain(await lie(wang, '活着'))
  await wish(false)
  expect(within).not.toContain(await lie(wang, '平凡的世界'))
})
