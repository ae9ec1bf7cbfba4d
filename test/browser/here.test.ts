import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { type FakeServer, startFake } from './fake-api.ts'
import { hereNow, hereRoutes, standing, visitOf } from './fake-here.ts'
import { keepPicture, openPage, phone, startBrowser } from './harness.ts'
import { inspect, logInAsReader } from './pages.ts'

const browser: Browser | undefined = await startBrowser()
let fake: FakeServer
beforeAll(buildPages)
beforeEach(async () => {
  Object.assign(standing, { here: null, next: null, answer: {}, asked: [] })
  fake = await startFake(hereRoutes)
})
afterEach(() => fake.close())
afterAll(() => browser?.close())

const atLocker = async (hash: string) => {
  const opened = await openPage(browser!, phone)
  await logInAsReader(opened.page, fake.url)
  await opened.page.goto(`${fake.url}/#/${hash}`)
  return opened
}
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click()
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).waitFor()
const noConflicts = (faults: readonly string[]) => faults.filter(one => !one.includes('409'))

describe.skipIf(!browser)('the page of a reader before a cabinet', () => {
  it('offers the own parcels and loans, and speaks plainly of a door that jams, in both languages', async () => {
    const { page, faults } = await atLocker('here/fresh')
    await heading(page, '柜里有你的书')
    await inspect(page, 'here/inside')
    standing.next = visitOf('jammed')
    await press(page, '打开 3 号门')
    await heading(page, '3 号门没有打开')
    await page.getByText('取件码仍然有效').waitFor()
    expect(await page.getByRole('button', { name: '打开 7 号门' }).count()).toBe(0)
    await keepPicture(page, 'here/jammed')
    await press(page, 'English')
    await heading(page, 'Door 3 did not open')
    await inspect(page, 'here/jammed-english')
    standing.next = visitOf('unclear')
    await press(page, 'Try again')
    await heading(page, 'The door may or may not have opened')
    standing.next = visitOf('open')
    await press(page, 'Open the door once more')
    await heading(page, 'Door 3 is open')
    await press(page, 'These are not my books')
    await expect.poll(() => standing.asked).toEqual(['open', 'same-door', 'same-door', 'wrong-item'])
    expect(faults).toEqual([])
  })

  it('says in words what was refused, and where to go when the cabinet is full', async () => {
    const { page, faults } = await atLocker('here/fresh')
    standing.answer = {
      signal: 'no',
      say: {
        zh: '书柜没有合适的空格口。最近的另一处：松陵馆柜（松陵大道 8 号，1.2 公里）；也可交到任何一个分馆的柜台。',
        en: 'Full.',
      },
    }
    await press(page, '还这本：《万历十五年：一五八七，无关紧要的一年》')
    await page.getByText('最近的另一处：松陵馆柜').waitFor()
    await keepPicture(page, 'here/full')
    expect(faults).toEqual([])
  })

  it('tells who scanned too late, or while another is served, how to go on, and opens nothing', async () => {
    const { page, faults } = await atLocker('here/old')
    await page.getByText('半分钟一换，这一个已经过时').waitFor()
    await page.getByText('或在屏幕上输取书码').waitFor()
    await keepPicture(page, 'here/too-late')
    await page.goto(`${fake.url}/#/here/busy`)
    await page.getByText('前面一位读者正用手机取还书').waitFor()
    await page.goto(`${fake.url}/#/at/guanqian`)
    await page.getByRole('link', { name: '看我的取书码' }).waitFor()
    expect(await page.getByRole('button', { name: /^打开/ }).count()).toBe(0)
    expect(standing.asked).toEqual([])
    expect(noConflicts(faults)).toEqual([])
  })

  it('fits a phone in large type with a long list, and lets the next one come', async () => {
    standing.here = hereNow({
      loans: Array.from({ length: 12 }, (_, i) => ({
        orderId: `o${i}`,
        lineId: `l${i}`,
        title: `平凡的世界（第${i + 1}部）`,
      })),
      visit: visitOf('over', { done: true, endedAt: '2026-11-23T12:00:00+08:00' }),
    })
    const { page, faults } = await atLocker('here')
    await heading(page, '还到这个柜')
    await press(page, '大字版')
    await inspect(page, 'here/large')
    await press(page, '我好了，让下一位用')
    await heading(page, '你的书')
    expect(faults).toEqual([])
  })
})
