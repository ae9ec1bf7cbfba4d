import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { type FakeServer, startFake } from './fake-api.ts'
import { staffRoutes } from './fake-staff.ts'
import { desktop, openPage, phone, startBrowser } from './harness.ts'
import { inspect, logInAsStaff } from './pages.ts'

const browser: Browser | undefined = await startBrowser()

let fake: FakeServer
beforeAll(buildPages)
beforeEach(async () => {
  fake = await startFake(staffRoutes)
})
afterEach(() => fake.close())
afterAll(() => browser?.close())

const open = async (size: typeof phone) => {
  const opened = await openPage(browser!, size)
  await logInAsStaff(opened.page, fake.url)
  await opened.page.goto(`${fake.url}/staff#/links`)
  await opened.page.getByRole('heading', { name: /要核对的/ }).waitFor()
  return opened
}

describe.skipIf(!browser)('the page of library systems', () => {
  it('lets a conflict be settled by hand, with a reason, without a mouse', async () => {
    const { page, faults } = await open(desktop)
    await page.getByRole('button', { name: '已在系统里补办 《三体》' }).focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('在系统里怎么补办的？').waitFor()
    expect(await page.evaluate('document.activeElement.tagName')).toBe('INPUT')
    const done = page.locator('.conflict').getByRole('button', { name: '已在系统里补办' })
    expect(await done.isDisabled()).toBe(true)
    await page.keyboard.type('已补借')
    await inspect(page, 'desktop-staff-links-settling')
    await page.keyboard.press('Enter')
    await page.locator('.conflict', { hasText: 'ST25005193' }).waitFor({ state: 'detached' })
    expect(await page.locator('.conflict', { hasText: 'ST25005200' }).count()).toBe(1)
    expect(faults).toEqual([])
  })

  it('writes down a return at the desk, and shows the last words, on a phone', async () => {
    const { page, faults } = await open(phone)
    await page.getByText('柜台补记一笔借还').click()
    await page.getByLabel('书的条码').fill('ST25005300')
    await page.getByRole('button', { name: '记下' }).click()
    await page.getByText('ST25005300 已记下').waitFor()
    await page.getByRole('radio', { name: '借出' }).check()
    await page.getByLabel('书的条码').fill('ST25005301')
    expect(await page.getByRole('button', { name: '记下' }).isDisabled()).toBe(true)
    await page.getByText('最后说的话').first().click()
    await inspect(page, 'phone-staff-links-open')
    expect(faults).toEqual([])
  })

  it('says all this in English', async () => {
    const { page, faults } = await open(desktop)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { name: /To be looked at/ }).waitFor()
    await inspect(page, 'desktop-staff-links-english')
    expect(faults).toEqual([])
  })
})
