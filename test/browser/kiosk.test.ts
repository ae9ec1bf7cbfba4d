import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { type FakeServer, startFake } from './fake-api.ts'
import { asked, atPhone, kioskRoutes } from './fake-kiosk.ts'
import { keepPicture, landscape, openPage, portrait, type Size, startBrowser } from './harness.ts'
import { inspect } from './pages.ts'

const browser: Browser | undefined = await startBrowser()
let fake: FakeServer
beforeAll(buildPages)
beforeEach(async () => {
  asked.length = 0
  atPhone.served = null
  atPhone.closesAt = null
  fake = await startFake(kioskRoutes)
})
afterEach(() => fake.close())
afterAll(() => browser?.close())

const atScreen = async (size: Size = landscape, stopped = false) => {
  const opened = await openPage(browser!, size)
  if (stopped) await opened.page.clock.install()
  await opened.page.goto(`${fake.url}/kiosk#key=kiosk-key`)
  await opened.page.getByRole('button', { name: /取书/ }).waitFor()
  return opened
}
const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name }).click()
/** As a scanner types: at once, and then Enter. */
const scan = async (page: Page, code: string) => {
  await page.keyboard.type(code)
  await page.keyboard.press('Enter')
}
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).waitFor()
const collect = async (page: Page, code = '482913') => {
  await press(page, /取书/)
  await scan(page, code)
}
/** All of it in one window: nobody scrolls at a cabinet. */
const tallerBy = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollHeight - document.documentElement.clientHeight')
const finger = async (page: Page) => {
  for (const button of await page.locator('button:visible').all()) {
    const box = await button.boundingBox()
    expect(Math.min(box!.width, box!.height), await button.innerText()).toBeGreaterThanOrEqual(72)
  }
}

describe.skipIf(!browser)('the screen of a cabinet', () => {
  it.each([
    ['portrait', portrait],
    ['landscape', landscape],
  ] as const)(
    'shows each step in one window, in both languages, large enough for a finger, %s',
    async (name, size) => {
      const { page, faults } = await atScreen(size)
      const look = async (step: string) => {
        expect(await tallerBy(page), `${name} ${step} scrolls`).toBeLessThanOrEqual(0)
        await finger(page)
        await keepPicture(page, `kiosk-${name}/${step}`, false)
      }
      await heading(page, '用手机扫一扫')
      if (size === portrait) await inspect(page, `kiosk-${name}/home`)
      await look('home')
      await press(page, /取书/)
      await look('code')
      await scan(page, '482913')
      await heading(page, '3 号门开了')
      await look('open')
      await press(page, '这不是我的书')
      await page.getByText('请把书放回去并关好门').waitFor()
      await heading(page, '请关好 3 号门')
      await look('wrong-book')
      await press(page, '演示：替我关上柜门')
      await page.getByText('好了，谢谢').waitFor()
      await press(page, '回首页')
      await collect(page, '11111111')
      await page.getByText('输错次数过多，请在 1 分钟后再试，或用二维码取书。').waitFor()
      if (size === landscape) await inspect(page, `kiosk-${name}/locked`)
      else await look('locked')
      await press(page, '再试一次')
      await heading(page, '请输入取书码')
      await scan(page, '000000')
      await heading(page, '3 号门没有打开')
      await look('jammed')
      await press(page, '叫馆员')
      await page.getByText('已经告诉馆员了').waitFor()
      await press(page, '回首页')
      await press(page, 'English')
      await press(page, 'Larger type')
      await heading(page, 'Scan it with your phone')
      await look('home-large-english')
      await press(page, /Return/)
      await scan(page, 'ST25005193')
      await heading(page, 'Door 3 is open')
      if (size === landscape) await inspect(page, `kiosk-${name}/return-large-english`)
      await look('return-large-english')
      expect(faults).toEqual([])
    },
  )

  it('gives a courier whose parcel does not fit a larger door, and lets it be taken along', async () => {
    const { page, faults } = await atScreen()
    await press(page, /帮助/)
    await press(page, '馆员、快递员存书')
    await scan(page, 'BADGE-1')
    await heading(page, '请扫包裹或书的条码')
    await scan(page, 'P251123-0001')
    await heading(page, '3 号门开了')
    await press(page, '放不下，换大一点的门')
    await heading(page, '5 号门开了')
    await page.getByRole('img', { name: '打开的门: 5 号门' }).waitFor()
    await press(page, '不放了')
    await page.getByText('请把书带走').waitFor()
    expect(asked).toEqual(['other-door', 'nothing-in'])
    expect(faults).toEqual([])
  })

  it('opens the same door once more, and a scan before the thanks begins the next book', async () => {
    const { page } = await atScreen()
    await collect(page)
    await heading(page, '3 号门开了')
    await press(page, '演示：替我关上柜门')
    await page.getByText('好了，谢谢').waitFor()
    await press(page, '再开一次门')
    await heading(page, '3 号门开了')
    expect(asked).toEqual(['same-door'])
    await press(page, '演示：替我关上柜门')
    await page.getByText('好了，谢谢').waitFor()
    await scan(page, 'ST25005193')
    await page.getByText('请把书放进去').waitFor()
  })

  it('takes a scanner’s keys and Enter wherever the focus is, and presses no button with them', async () => {
    const { page } = await atScreen()
    await press(page, /取书/)
    for (const name of ['English', '大字', '返回', '5', '重输']) {
      await page.getByRole('button', { name, exact: true }).focus()
      await scan(page, '22222222')
      await page.getByText('没有这个取书码').waitFor()
      await press(page, '再试一次')
    }
    await heading(page, '请输入取书码')
    // Before an open door a scan is nobody's wish: above all not the button's that has the focus.
    await scan(page, '482913')
    await heading(page, '3 号门开了')
    await page.getByRole('button', { name: '这不是我的书' }).focus()
    await scan(page, 'ST25005193')
    await page.getByRole('button', { name: 'English' }).focus()
    await scan(page, 'ST25005193')
    await heading(page, '3 号门开了')
    expect(asked).toEqual([])
  })

  it('sends nobody away from an open door, and goes home when nobody is there', async () => {
    const { page } = await atScreen(landscape, true)
    const pass = (seconds: number) => page.clock.runFor(seconds * 1000)
    await press(page, /取书/)
    await pass(40)
    await page.getByText('还在吗？').waitFor()
    await press(page, '还在，继续')
    await pass(30)
    await heading(page, '请输入取书码')
    await scan(page, '482913')
    await pass(1)
    await heading(page, '3 号门开了')
    await pass(900)
    await heading(page, '3 号门开了')
    await page.getByText('3 号门还开着，请拿好书，把门关好').waitFor()
    await keepPicture(page, 'kiosk-landscape/still-open', false)
    await press(page, '演示：替我关上柜门')
    await pass(2)
    await page.getByText('好了，谢谢').waitFor()
    await pass(15)
    await page.getByText('好了，谢谢').waitFor()
    await pass(10)
    await page.getByRole('button', { name: /取书/ }).waitFor()
    await press(page, '大字')
    await press(page, /还书/)
    await pass(70)
    await heading(page, '请扫书上的条码')
    await pass(30)
    await page.getByRole('button', { name: '大字', exact: true }).waitFor()
  })

  it('says when the building closes, who is served by phone, and makes way for the next phone', async () => {
    atPhone.closesAt = '2026-11-23T21:00:00+08:00'
    atPhone.served = { label: null, visit: null }
    const { page } = await atScreen()
    await page.getByText('这里 21:00 关门').waitFor()
    await page.getByText('有一位读者正用手机取还书').waitFor()
    await inspect(page, 'kiosk-landscape/served')
    expect(await tallerBy(page)).toBeLessThanOrEqual(0)
    await press(page, '那位已经走了，我要扫码')
    await heading(page, '用手机扫一扫')
  })
})
