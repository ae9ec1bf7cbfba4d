import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { type FakeServer, startFake } from './fake-api.ts'
import { kioskRoutes } from './fake-kiosk.ts'
import { openedDoors, staffRoutes } from './fake-staff.ts'
import { desktop, openPage, phone, startBrowser } from './harness.ts'
import { inspect, logInAsStaff, sizes } from './pages.ts'

const browser: Browser | undefined = await startBrowser()

let fake: FakeServer
beforeAll(buildPages)
beforeEach(async () => {
  openedDoors.length = 0
  fake = await startFake(staffRoutes, kioskRoutes)
})
afterEach(() => fake.close())
afterAll(() => browser?.close())

const atDesk = async (size: typeof phone, hash: string, heading: string) => {
  const opened = await openPage(browser!, size)
  await logInAsStaff(opened.page, fake.url)
  await opened.page.goto(`${fake.url}/staff#${hash}`)
  await opened.page.getByRole('heading', { name: heading }).first().waitFor()
  return opened
}
const atScreen = async (size: typeof phone) => {
  const opened = await openPage(browser!, size)
  await opened.page.goto(`${fake.url}/kiosk#key=kiosk-key`)
  await opened.page.getByRole('button', { name: /取书/ }).waitFor()
  return opened
}
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

describe.skipIf(!browser)('the drawing of a cabinet', () => {
  it.each(sizes)(
    'shows doors, ages and alarms, and lets an alarm be settled with a reason, %s',
    async (name, size) => {
      const { page, faults } = await atDesk(size, '/lockers', '要处理的事')
      await page.locator('.locker-door.loaded .door-age').first().waitFor()
      await inspect(page, `${name}-staff-lockers-alarms`)
      await press(page, '看过了，没事了：7 号门')
      const settle = page.locator('.with-reason').getByRole('button', { name: '看过了，没事了' })
      expect(await settle.isDisabled()).toBe(true)
      await page.keyboard.type('柜门没问题')
      await page.keyboard.press('Enter')
      await page.getByText('门被强行打开').first().waitFor({ state: 'detached' })
      expect(await page.getByText('2 号板没有回应').count()).toBeGreaterThan(0)
      expect(faults).toEqual([])
    },
  )

  it('tells the history of a door, and takes it out of use', async () => {
    const { page, faults } = await atDesk(desktop, '/lockers', '要处理的事')
    await page.locator('.locker-door').first().click()
    await page.getByText('这个门的经过').click()
    await page.getByText('门被强行打开').last().waitFor()
    await page.getByText('放进了书').waitFor()
    await press(page, '停用这个格口')
    await page.keyboard.type('锁舌松了')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: '恢复使用' }).waitFor()
    await inspect(page, 'desktop-staff-lockers-history')
    expect(openedDoors).toEqual([])
    expect(faults).toEqual([])
  })

  it('begins maintenance, and shows what waits for a second person', async () => {
    const { page, faults } = await atDesk(phone, '/lockers', '要处理的事')
    await page.getByText('staff:other 请求打开 15 个门').waitFor()
    await press(page, '开始维护（读者暂停使用）')
    await page.keyboard.type('换锁控板')
    await page.keyboard.press('Enter')
    await page.getByText('正在维护： 换锁控板').waitFor()
    await inspect(page, 'phone-staff-lockers-care')
    expect(faults).toEqual([])
  })
})

describe.skipIf(!browser)('setting a cabinet up', () => {
  it.each(sizes)(
    'opens a door only at its own press, passes over full ones, and stops, %s',
    async (name, size) => {
      const { page, faults } = await atDesk(size, '/lockers/guanqian', '逐门测试')
      expect(openedDoors).toEqual([])
      await press(page, '我在柜前，开始')
      await page.getByRole('button', { name: '打开 1 号门' }).waitFor()
      expect(openedDoors).toEqual([])
      await press(page, '打开 1 号门')
      await page.getByText('1 号门开着').waitFor()
      await inspect(page, `${name}-staff-locker-test`)
      await press(page, '开了，已关好')
      await page.getByRole('button', { name: '打开 3 号门' }).waitFor()
      expect(await page.locator('.test-results .held').count()).toBe(1)
      await press(page, '跳过')
      await page.getByRole('button', { name: '打开 7 号门' }).waitFor()
      await press(page, '停止')
      await page.getByText('测试完了').waitFor()
      expect(openedDoors).toEqual(['door-1'])
      expect(faults).toEqual([])
    },
  )

  it('writes settings from a changed drawing, and prints labels', async () => {
    const { page, faults } = await atDesk(desktop, '/lockers/guanqian', '柜门图')
    await page.getByLabel('门号 door-1', { exact: true }).fill('A01')
    await page.getByLabel('大小 A01').selectOption('large')
    await page.locator('.locker-door', { hasText: 'A01' }).waitFor()
    await press(page, '写出设置')
    expect(await page.getByLabel('设置（贴进设置文件）').inputValue()).toContain(
      '- { id: door-1, label: A01, size: large }',
    )
    await inspect(page, 'desktop-staff-locker-drawing')
    await page.getByRole('link', { name: '打印门牌' }).click()
    await page.getByRole('heading', { name: '打印门牌' }).waitFor()
    expect(await page.locator('.door-label').count()).toBe(15)
    await inspect(page, 'desktop-staff-door-labels')
    expect(faults).toEqual([])
  })
})

describe.skipIf(!browser)('the locker screen', () => {
  it('takes a scan without a touch: a pick-up from its QR code, a return from any barcode', async () => {
    const { page, faults } = await atScreen(desktop)
    const asked: string[] = []
    page.on('request', request => {
      if (request.method() === 'POST') asked.push(`${new URL(request.url()).pathname} ${request.postData()}`)
    })
    await page.keyboard.type('ST25005193')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '3 号门开了' }).waitFor()
    expect(asked).toEqual(['/api/kiosk/return {"code":"ST25005193"}'])
    await page.getByText('请把书放进去').waitFor()
    expect(faults).toEqual([])
    const other = await atScreen(desktop)
    const collect = other.page.waitForRequest(request => request.url().endsWith('/api/kiosk/collect'))
    await other.page.keyboard.type('SQ1.guanqian.c1.proof')
    await other.page.keyboard.press('Enter')
    expect((await collect).postData()).toBe('{"code":"SQ1.guanqian.c1.proof"}')
  })

  it.each(sizes)('in large type, in English, with what may not be as it should, %s', async (name, size) => {
    const { page, faults } = await atScreen(size)
    await press(page, '大字')
    await press(page, 'English')
    await inspect(page, `${name}-kiosk-home-large-english`)
    await page.getByRole('button', { name: /Return/ }).click()
    await page.keyboard.type('ST25005193')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Does not fit: a larger door' }).waitFor()
    await page.getByRole('button', { name: 'I put nothing in' }).waitFor()
    await inspect(page, `${name}-kiosk-open-large-english`)
    for (const button of await page.locator('button:visible').all()) {
      const box = await button.boundingBox()
      expect(Math.min(box!.width, box!.height), await button.innerText()).toBeGreaterThanOrEqual(72)
    }
    await page.getByRole('button', { name: 'I put nothing in' }).click()
    await page.getByRole('status').first().waitFor()
    expect(faults).toEqual([])
  })

  it('goes back to plain type for the next person', async () => {
    const { page } = await atScreen(desktop)
    await press(page, '大字')
    await page.getByRole('button', { name: /帮助/ }).click()
    await press(page, '返回')
    await page.getByRole('button', { name: '大字' }).waitFor()
  })
})
