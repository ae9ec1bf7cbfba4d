import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { type FakeServer, startFake } from './fake-api.ts'
import { kioskRoutes } from './fake-kiosk.ts'
import { staffRoutes } from './fake-staff.ts'
import { tourRoutes } from './fake-tour.ts'
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

describe.skipIf(!browser)('the first view', () => {
  it('needs at most 150 KB of gzipped script', async () => {
    const { page } = await openPage(browser!, phone)
    const scripts: Promise<number>[] = []
    page.on('response', response => {
      if (response.url().endsWith('.js')) scripts.push(response.body().then(body => gzipSync(body).length))
    })
    await page.goto(fake.url)
    await page.getByText('按分类逛').waitFor()
    await page.waitForLoadState('networkidle')
    const bytes = (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0)
    console.log(
      `first view of the reader: ${(bytes / 1024).toFixed(1)} KB of gzipped script in ${scripts.length} files`,
    )
    expect(bytes).toBeLessThanOrEqual(150 * 1024)
  })

  it('works under a policy that allows neither inline script nor inline style', async () => {
    const { page, faults } = await openPage(browser!, phone)
    const answer = await page.goto(fake.url)
    expect(answer?.headers()['content-security-policy']).toContain("script-src 'self'; style-src 'self';")
    await page.getByText('按分类逛').waitFor()
    expect(faults).toEqual([])
  })
})

describe.skipIf(!browser)('a reader', () => {
  it('finds a book, orders it to a locker and sees the order, with two clicks making one order', async () => {
    const { page } = await openPage(browser!, phone)
    await logInAsReader(page, fake.url)
    await page.getByRole('searchbox').fill('乡土')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: /乡土中国/ }).click()
    await page.getByRole('button', { name: '加入借阅单' }).click()
    await page.getByRole('button', { name: '去借阅单（1 本）' }).click()
    await page.getByText('明天 17:00 可取').waitFor()
    await page.getByRole('button', { name: '提交 1 本' }).dblclick()
    await page.getByRole('heading', { name: '订单 20261122-0007' }).waitFor()
    expect(fake.world.orderKeys).toHaveLength(1)
    await page.getByLabel('经过').getByText('馆员在找').waitFor()
    await page.getByRole('link', { name: '借阅单', exact: true }).waitFor()
  })

  it('sees what delivery to the door costs, and why, before ordering', async () => {
    fake.world.addresses.push({ id: 'address-1', label: '沈** 十梓街' })
    const { page } = await openPage(browser!, phone)
    await logInAsReader(page, fake.url)
    await fillBasket(page)
    await page.goto(`${fake.url}/#/basket`)
    await page.reload()
    await page.getByText('送上门').click()
    await page.getByText('¥4.00').first().waitFor()
    await page.getByText('为什么？').click()
    await page.getByText('“守信”等级减 20%').waitFor()
  })

  it('sees the order move by itself when the server says so', async () => {
    const { page } = await openPage(browser!, phone)
    await logInAsReader(page, fake.url)
    await page.goto(`${fake.url}/#/order/order-1`)
    await page.getByText('在观前街柜等您').waitFor()
    const order = fake.world.orders.find(one => one.id === 'order-1')!
    Object.assign(order.lines[0]!, { status: 'on_loan', statusName: { zh: '在你手上', en: 'With you' } })
    fake.world.tell('order', { orderId: 'order-1', version: 7 })
    await page.getByText('在你手上').waitFor()
  })

  it('is told in plain words why a book cannot be renewed, and what to do', async () => {
    const { page } = await openPage(browser!, phone)
    await logInAsReader(page, fake.url)
    await page.goto(`${fake.url}/#/order/order-2`)
    await page.getByRole('button', { name: '续借' }).first().click()
    await page.getByRole('group', { name: '续借' }).getByRole('button', { name: '续借' }).click()
    await page.getByText('有人在等这本书，不能续借。').waitFor()
    await page.getByText('到期前还上就好。').waitFor()
  })

  it('with a wrong PIN is told so and stays where he is', async () => {
    const { page } = await openPage(browser!, phone)
    await page.goto(`${fake.url}/#/login`)
    await page.getByLabel('读者证号').fill('1')
    await page.getByLabel('密码').fill('0')
    await page.getByRole('button', { name: '登录' }).click()
    await page.getByRole('alert').getByText('证号或密码不对').waitFor()
    expect(page.url()).toContain('#/login')
  })

  it('reads threshold, tiers and fees before joining, and finds another way when one gives no answer', async () => {
    fake.world.joined = false
    const { page } = await openPage(browser!, phone)
    await page.goto(`${fake.url}/#/join`)
    await page.getByText('600', { exact: true }).waitFor()
    await page.getByText('每单 ¥5.00').first().waitFor()
    await page.getByRole('link', { name: '用读者证登录后开通' }).click()
    await page.getByLabel('读者证号').fill('2512000000017')
    await page.getByLabel('密码').fill('123456')
    await page.getByRole('button', { name: '登录' }).click()
    await page.getByLabel('姓名').fill('沈书桥')
    await page.getByLabel('身份证号').fill('320500199001011234')
    expect(await page.getByRole('button', { name: '开通', exact: true }).isDisabled()).toBe(true)
    await page.getByText('我看过了，同意').click()
    await page.getByRole('button', { name: '开通', exact: true }).click()
    await page.getByText('芝麻信用这次没有给出结果，这不算拒绝。').waitFor()
    await page.getByRole('button', { name: '改用读者证' }).click()
    await page.getByRole('button', { name: '开通', exact: true }).click()
    await page.getByText('开通了').waitFor()
  })

  it('does it all with the keyboard', async () => {
    const { page } = await openPage(browser!, desktop)
    await page.goto(fake.url)
    await page.getByText('按分类逛').waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.className')).toBe('skip')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.type('三体')
    await page.keyboard.press('Enter')
    await page.getByText('找到 1 种').waitFor()
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
  })
})

describe.skipIf(!browser)('a librarian', () => {
  it('scans without ever reaching for the mouse: yes, look and no', async () => {
    const { page } = await openPage(browser!, desktop)
    await logInAsStaff(page, fake.url)
    const scan = async (code: string) => {
      await page.keyboard.type(code)
      await page.keyboard.press('Enter')
    }
    await page.keyboard.press('Alt+Digit2')
    await page.getByRole('heading', { name: '找书' }).waitFor()
    await scan('ST25005193')
    await page.getByText('找到了，已借出。').waitFor()
    await scan('ST25005214')
    await page.locator('.signal.look').waitFor()
    await scan('nothing')
    await page.locator('.signal.no').getByText('放回架上。').waitFor()
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('扫码框')
  })

  it('does a row with arrow keys and Enter, and is asked only for what is not known', async () => {
    const { page } = await openPage(browser!, desktop)
    await logInAsStaff(page, fake.url)
    await page.goto(`${fake.url}/staff#/find`)
    await page.getByText('万历十五年').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByText('记下了。').waitFor()
    await page.getByText('三体', { exact: true }).nth(1).waitFor({ state: 'detached' })
    await page
      .getByRole('row', { name: /物种起源/ })
      .getByRole('button', { name: '找到' })
      .click()
    await page.getByPlaceholder('书的条码').waitFor()
  })

  it('gets the focus back in the scan box after any click', async () => {
    const { page } = await openPage(browser!, desktop)
    await logInAsStaff(page, fake.url)
    await page.getByRole('heading', { name: '今天', exact: true }).click()
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('扫码框')
  })

  it('opens a door from afar only with a reason', async () => {
    const { page } = await openPage(browser!, desktop)
    await logInAsStaff(page, fake.url)
    await page.goto(`${fake.url}/staff#/lockers`)
    await page.getByRole('button', { name: /^7/ }).click()
    expect(await page.getByRole('button', { name: '远程开门' }).isDisabled()).toBe(true)
    await page.getByLabel('为什么开（会记入审计）').fill('读者被卡住了')
    await page.getByRole('button', { name: '远程开门' }).click()
    await page.getByText('已叫柜门打开。').waitFor()
  })

  it('opens a figure into the lines behind it', async () => {
    const { page } = await openPage(browser!, desktop)
    await logInAsStaff(page, fake.url)
    await page.goto(`${fake.url}/staff#/report`)
    await page.getByText('未达标').waitFor()
    await page.getByRole('button', { name: '细看 订单处理时间' }).click()
    await page.getByText('先说没找到，第二本找到了').waitFor()
    await inspect(page, 'desktop-staff-report-open')
  })
})

describe.skipIf(!browser)('the locker screen', () => {
  it.each(sizes)('gives out a book by its code, %s', async (name, size) => {
    const { page, faults } = await openPage(browser!, size)
    await page.goto(`${fake.url}/kiosk#key=kiosk-key`)
    await page.getByRole('button', { name: /取书/ }).waitFor()
    expect(page.url()).not.toContain('key')
    await inspect(page, `${name}-kiosk-home`)
    await page.getByRole('button', { name: /取书/ }).click()
    for (const digit of '482913') await page.getByRole('button', { name: digit, exact: true }).click()
    await inspect(page, `${name}-kiosk-code`)
    await page.getByRole('button', { name: '确定' }).click()
    await page.getByRole('heading', { name: '3 号门开了' }).waitFor()
    await page.getByRole('img', { name: '打开的门: 3 号门' }).waitFor()
    await inspect(page, `${name}-kiosk-open`)
    await page.getByRole('button', { name: '演示：替我关上柜门' }).click()
    await page.getByText('好了，谢谢').waitFor()
    await inspect(page, `${name}-kiosk-done`)
    expect(faults).toEqual([])
  })

  it('takes the keys of a scanner wherever the focus is', async () => {
    const { page } = await openPage(browser!, desktop)
    await page.goto(`${fake.url}/kiosk#key=kiosk-key`)
    await page.getByRole('button', { name: /取书/ }).click()
    await page.keyboard.type('482913')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '3 号门开了' }).waitFor()
  })

  it('speaks plainly of a door that jams', async () => {
    const { page } = await openPage(browser!, desktop)
    await page.goto(`${fake.url}/kiosk#key=kiosk-key`)
    await page.getByRole('button', { name: /取书/ }).click()
    await page.keyboard.type('000000')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '3 号门没有打开' }).waitFor()
    await inspect(page, 'desktop-kiosk-jammed')
    await page.getByRole('button', { name: '再试一次' }).click()
    await page.getByRole('heading', { name: '3 号门开了' }).waitFor()
  })

  it('has nothing under 72 pixels to touch', async () => {
    const { page } = await openPage(browser!, desktop)
    await page.goto(`${fake.url}/kiosk#key=kiosk-key`)
    await page.getByRole('button', { name: /还书/ }).click()
    await page.getByText('条码', { exact: true }).click()
    for (const button of await page.locator('button:visible').all()) {
      const box = await button.boundingBox()
      expect(Math.min(box!.width, box!.height), await button.innerText()).toBeGreaterThanOrEqual(72)
    }
  })

  it('says so when nobody has registered it', async () => {
    const { page } = await openPage(browser!, desktop)
    await page.goto(`${fake.url}/kiosk`)
    await page.getByText('这台屏幕还没有登记').waitFor()
    await inspect(page, 'desktop-kiosk-unregistered')
  })
})

describe.skipIf(!browser)('the guided tour', () => {
  beforeEach(async () => {
    fake.close()
    fake = await startFake(tourRoutes, staffRoutes, kioskRoutes)
  })

  it('follows a whole loan, ticking each step when it is really done', async () => {
    const { page, faults } = await openPage(browser!, desktop)
    await page.goto(`${fake.url}/guide`)
    await page.getByRole('button', { name: '开始' }).waitFor()
    await inspect(page, 'desktop-guide-begin')
    await page.getByRole('button', { name: '开始' }).click()
    const reader = page.frameLocator('iframe[title="读者的手机"]')
    await reader.getByRole('button', { name: '加入借阅单' }).click()
    await reader.getByRole('button', { name: '去借阅单（1 本）' }).click()
    await reader.getByRole('button', { name: '提交 1 本' }).click()
    const here = (title: string) => page.locator('li[aria-current="step"]', { hasText: title }).waitFor()
    await here('找到它')
    await page.getByRole('button', { name: '扫 ST25005193' }).click()
    await here('装箱')
    await inspect(page, 'desktop-guide-pack')
    for (const next of ['放进柜', '到柜前取书']) {
      await page.getByRole('button', { name: '替我做这一步' }).click()
      await here(next)
    }
    await page.getByText('482913').waitFor()
    const kiosk = page.frameLocator('iframe[title="自助柜的屏幕"]')
    await kiosk.getByRole('button', { name: /取书/ }).click()
    for (const digit of '482913') await kiosk.getByRole('button', { name: digit, exact: true }).click()
    await kiosk.getByRole('button', { name: '确定' }).click()
    await kiosk.getByRole('button', { name: '演示：替我关上柜门' }).click()
    await here('看完了，还进柜里')
    for (const next of ['收回馆里']) {
      await page.getByRole('button', { name: '替我做这一步' }).click()
      await here(next)
    }
    await page.getByRole('button', { name: '替我做这一步' }).click()
    await page.getByText('走完了').waitFor()
    await inspect(page, 'desktop-guide-end')
    expect(faults).toEqual([])
  })
})
