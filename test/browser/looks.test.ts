import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { type FakeServer, startFake } from './fake-api.ts'
import { kioskRoutes } from './fake-kiosk.ts'
import { staffRoutes } from './fake-staff.ts'
import { desktop, openPage, phone, startBrowser } from './harness.ts'
import { fillBasket, inspect, logInAsReader, logInAsStaff, sizes } from './pages.ts'

const browser: Browser | undefined = await startBrowser()

let fake: FakeServer
beforeAll(buildPages)
beforeEach(async () => {
  fake = await startFake(staffRoutes, kioskRoutes)
})
afterEach(() => fake.close())
afterAll(() => browser?.close())

/** Address, and something that is there only once the page has all it shows. */
type Visit = readonly [name: string, hash: string, sign: string]

const openVisits: readonly Visit[] = [
  ['home-visitor', '#/', '按分类逛'],
  ['search', '#/search?clc=I', '找到 3 种'],
  ['search-nothing', '#/search?q=zzz', '没有找到这样的书'],
  ['book', '#/book/bib-1', '馆藏 2 馆 3 册'],
  ['book-missing', '#/book/none', '换个词再找'],
  ['join-visitor', '#/join', '用读者证登录后开通'],
  ['rules', '#/rules', '规则包 jincheng'],
  ['places', '#/places', '时代广场柜'],
  ['login', '#/login', '没有读者证？看看怎么开通'],
  ['basket-empty', '#/basket', '借阅单是空的'],
  ['not-here', '#/nowhere', '回首页看看'],
]

const ownVisits: readonly Visit[] = [
  ['home', '#/', '还有 2 天'],
  ['basket', '#/basket', '提交 2 本'],
  ['orders', '#/orders', '在观前街柜等您'],
  ['order', '#/order/order-1', '看取书码'],
  ['order-of-two', '#/order/order-2', '转借给别人'],
  ['code', '#/order/order-1/code', '482 913'],
  ['return', '#/order/order-2/line/line-2/return', '就这样还'],
  ['transfer', '#/order/order-2/line/line-2/transfer', '对方的密码'],
  ['credit', '#/credit', '我有异议'],
  ['messages', '#/messages', '《三体》到了'],
  ['me', '#/me', '退出登录'],
  ['join', '#/join', '请先看授权说明'],
  ['address', '#/address', '用这个地址'],
]

const staffVisits: readonly Visit[] = [
  ['staff-today', '#/today', '今天的流转'],
  ['staff-find', '#/find', '万历十五年'],
  ['staff-send', '#/send', 'P2611220004'],
  ['staff-exceptions', '#/exceptions', '系统说读者欠费'],
  ['staff-recover', '#/recover', '没有过期未取的书'],
  ['staff-lockers', '#/lockers', '板没有回应'],
  ['staff-links', '#/links', '等着告诉系统的'],
  ['staff-report', '#/report', '一天中的忙闲'],
  ['staff-undone', '#/undone', '图书馆系统没有回话。'],
  ['staff-audit', '#/audit', 'locker-opened'],
  ['staff-pick-list', '#/print/pick', '二楼 文学'],
  ['staff-labels', '#/print/labels/send', 'P2611220003'],
]

const only = (visits: readonly Visit[], ...names: string[]): readonly Visit[] =>
  visits.filter(([name]) => names.includes(name))

/** Looks at every frame, for a second; who only waits for the locator looks again after half of one. */
const soon = (page: Page, sign: string): Promise<void> =>
  page.evaluate(`new Promise(done => {
    let frames = 60
    const look = () =>
      document.body.textContent.includes(${JSON.stringify(sign)}) || frames-- === 0 ? done() : requestAnimationFrame(look)
    look()
  })`)

const walk = async (page: Page, path: string, visits: readonly Visit[], prefix: string): Promise<void> => {
  for (const [name, hash, sign] of visits) {
    await page.goto(`${fake.url}${path}${hash}`)
    await soon(page, sign)
    await page.getByText(sign).first().waitFor()
    await page.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')
    await inspect(page, `${prefix}-${name}`)
  }
}

describe.skipIf(!browser)('every page fits its window, pleases axe and stays quiet', () => {
  it.each(sizes)('what a visitor sees, %s', async (name, size) => {
    const { page, faults } = await openPage(browser!, size)
    await walk(page, '/', openVisits, name)
    expect(faults.filter(fault => !fault.includes('404'))).toEqual([])
  })

  it.each(sizes)('what a reader sees, %s', async (name, size) => {
    const { page, faults } = await openPage(browser!, size)
    await logInAsReader(page, fake.url)
    await fillBasket(page)
    await page.reload()
    await walk(page, '/', ownVisits, name)
    expect(faults).toEqual([])
  })

  it.each(sizes)('what a librarian sees, %s', async (name, size) => {
    const { page, faults } = await openPage(browser!, size)
    await logInAsStaff(page, fake.url)
    await walk(page, '/staff', staffVisits, name)
    expect(faults).toEqual([])
  })

  it('in the dark', async () => {
    const { page, faults } = await openPage(browser!, { ...phone, colorScheme: 'dark' })
    await walk(page, '/', only(openVisits, 'home-visitor', 'book', 'join-visitor', 'places'), 'dark-phone')
    await logInAsReader(page, fake.url)
    await fillBasket(page)
    await page.reload()
    await walk(
      page,
      '/',
      only(ownVisits, 'home', 'basket', 'order', 'order-of-two', 'credit', 'join'),
      'dark-phone',
    )
    const desk = await openPage(browser!, { ...desktop, colorScheme: 'dark' })
    await logInAsStaff(desk.page, fake.url)
    await walk(
      desk.page,
      '/staff',
      only(staffVisits, 'staff-today', 'staff-find', 'staff-lockers', 'staff-report'),
      'dark-desktop',
    )
    expect([...faults, ...desk.faults]).toEqual([])
  })

  it('in large type', async () => {
    const { page } = await openPage(browser!, phone)
    await page.goto(fake.url)
    await page.getByRole('button', { name: '大字版' }).click()
    await logInAsReader(page, fake.url)
    await fillBasket(page)
    await page.reload()
    expect(await page.evaluate('getComputedStyle(document.body).fontSize')).toBe('20px')
    await walk(page, '/', only(openVisits, 'search', 'book'), 'large-phone')
    await walk(page, '/', only(ownVisits, 'home', 'basket', 'order', 'code', 'me'), 'large-phone')
  })

  it('in English, with not one Chinese sentence of our own left', async () => {
    const { page } = await openPage(browser!, phone)
    await page.goto(`${fake.url}/#/search?q=`)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'Find a book' }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    const own = await page.locator('.heading, .filters label, .empty').allInnerTexts()
    expect(own.join(' ')).not.toMatch(/[一-鿿]/)
    await inspect(page, 'phone-english-search')
  })
})
