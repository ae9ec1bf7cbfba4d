import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { buildPages } from '../../scripts/pages.ts'
import { loadConfig } from '../../src/config/load.ts'
import { addUser } from '../../src/gateway/store/users.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { createIds } from '../../src/kernel/ids.ts'
import { noLog } from '../../src/kernel/log.ts'
import { type Gateway, startGateway } from '../../src/main/serve.ts'
import { driverSchemas } from '../../src/main/vendors.ts'
import { type SandboxBus, startSandboxBus } from '../../src/sandbox/lockers/bus.ts'
import { desktop, keepPicture, openPage, startBrowser } from './harness.ts'
import { inspect } from './pages.ts'

const browser: Browser | undefined = await startBrowser()
const closing: (() => unknown)[] = []
beforeAll(buildPages)
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(() => browser?.close())

const small = { width: 375, height: 812 }

const settingsOf = (port: number): string => `
libraries:
  - id: sucheng
    name: { zh: 苏城图书馆, en: Sucheng }
    phone: 0512-00000001
    divisionCode: '320508'
    region: { province: 江苏省, city: 苏州市, district: 姑苏区 }
    hours: { weekly: { mon-sun: 09:00-21:00 } }
    ils: { driver: manual }
    branches: [{ id: main, name: { zh: 总馆, en: Main }, address: 人民路 }]
    lockers:
      - id: guanqian
        name: { zh: 观前街柜, en: Guanqian Street }
        place: 观前街 1 号
        bus: old
        compartments:
          - { id: d1, label: '1', size: small, row: 1, column: 1, board: 1, channel: 1 }
          - { id: d2, label: '2', size: large, row: 2, column: 1, board: 1, channel: 2 }
lockerBuses:
  - { id: old, driver: xor-8a, address: { dial: { host: 127.0.0.1, port: ${port} } }, boards: [{ address: 1, channels: 8 }] }
lockerSetup: { networks: [127.0.0.0/8] }
`

/** A gateway with a cabinet in its settings, and a new cabinet beside it whose contacts are wired the other way. */
const world = async () => {
  const clock = systemClock
  const known = await startSandboxBus({ boards: [{ address: 1, channels: 8 }], clock })
  const wired = { shortedWhen: 'open', bitOneMeans: 'closed' } as const
  const fresh = await startSandboxBus({ boards: [{ address: 2, channels: 8, ...wired }], clock })
  const secrets = { env: () => undefined, file: () => '' }
  const loaded = loadConfig(settingsOf(known.port), secrets, driverSchemas)
  if (!loaded.ok) throw new Error(loaded.faults.map(one => one.message).join('\n'))
  const data = mkdtempSync(join(tmpdir(), 'shuqiao-setup-'))
  const ids = createIds(clock)
  const gateway: Gateway = await startGateway({
    ...{
      config: loaded.config,
      data,
      clock,
      ids,
      random: randomBytes,
      log: noLog,
      host: '127.0.0.1',
      port: 0,
    },
    databaseUrl: `sqlite:${join(data, 'shuqiao.sqlite')}`,
  })
  closing.push(
    () => rmSync(data, { recursive: true, force: true }),
    known.close,
    fresh.close,
    () => gateway.close(),
  )
  const { store, passwords } = gateway.deps
  const hash = await passwords.hash('open sesame')
  const user = { libraryId: 'sucheng', id: ids.next(), login: 'boss', name: '林岚', branches: [] }
  await store.tx(tx => addUser(tx, { ...user, role: 'administrator', createdAt: clock.now() }, hash))
  return { gateway, known, fresh }
}

const signedIn = async (url: string, size: typeof small) => {
  const opened = await openPage(browser!, size)
  const { page } = opened
  page.setDefaultTimeout(20_000)
  await page.goto(`${url}/staff`)
  await page.getByLabel('用户名').fill('boss')
  await page.getByLabel('密码').fill('open sesame')
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('heading', { name: '今天', exact: true }).waitFor()
  closing.push(() => page.context().close())
  return opened
}
const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name }).click()
const openings = (bus: SandboxBus) => bus.asked.filter(one => one.startsWith('open'))

describe.skipIf(!browser)('setting a cabinet up, before the cabinet', () => {
  it('with a phone: a new line of unknown wiring, to settings that are found sound', async () => {
    const { gateway, fresh } = await world()
    const { page, faults } = await signedIn(gateway.url, small)
    await page.goto(`${gateway.url}/staff#/lockers`)
    await page.getByRole('link', { name: '新柜上线、线路调试' }).click()
    await page.getByLabel('还不在设置里的线路').check()
    await page.getByLabel('串口服务器的地址').fill('127.0.0.1')
    await page.getByLabel('端口', { exact: true }).fill(String(fresh.port))
    await page.getByLabel('找哪些板号').fill('1-2')
    await inspect(page, 'phone-line-setup-1-begin')
    await press(page, '开始找板（不开门）')
    await page.getByText('正在找锁控板').first().waitFor()
    await page.getByText('2 号板').first().waitFor()
    await page.getByRole('button', { name: '所有的门都关好了，读一次' }).waitFor()
    await keepPicture(page, 'phone-line-setup-2-boards')
    expect(openings(fresh)).toEqual([])
    await press(page, '所有的门都关好了，读一次')
    await page.getByRole('button', { name: '打开这一路' }).waitFor()
    await keepPicture(page, 'phone-line-setup-3-door')
    for (const [channel, label, column] of [
      [1, 'A01', 1],
      [2, 'A02', 1],
      [3, 'A03', 2],
    ] as const) {
      const moved = fresh.moved(2, channel)
      await page.getByText(`2 号板 · 第 ${channel} 路`).waitFor()
      await press(page, '打开这一路')
      const door = await moved
      await page.getByRole('heading', { name: '哪个门开了？' }).waitFor()
      await page.getByLabel('门上的号').fill(label)
      if (channel === 2) await page.getByText('大', { exact: true }).click()
      if (column === 2) await press(page, '第几列加一')
      if (channel === 1) await inspect(page, 'phone-line-setup-4-which')
      await press(page, '就是这个门')
      await page.getByText(`请关好 ${label} 号门`).waitFor()
      if (channel === 1) await keepPicture(page, 'phone-line-setup-5-shut')
      door.close()
    }
    await page.getByText('2 号板 · 第 4 路').waitFor()
    await page.getByText('已由开门证实').waitFor()
    await keepPicture(page, 'phone-line-setup-6-doors')
    await press(page, '认完了，写出设置')
    await page.getByLabel('柜子的代号').fill('new-locker')
    await page.getByLabel('名称（中文）').fill('狮子林柜')
    await page.getByLabel('在哪里').fill('园林路 23 号')
    await press(page, '写出并检查')
    await page.getByText('检查过了：设置文件会接受它').waitFor()
    await inspect(page, 'phone-line-setup-7-settings')
    const { lockerBuses, lockers } = parse(await page.getByLabel('设置（放进设置文件）').inputValue())
    expect(lockerBuses[0].boards).toMatchObject([{ address: 2, shortedWhen: 'open', bitOneMeans: 'closed' }])
    expect(lockers[0].compartments).toMatchObject([
      { label: 'A01', size: 'small', column: 1, row: 1, channel: 1 },
      { label: 'A02', size: 'large', column: 1, row: 2, channel: 2 },
      { label: 'A03', size: 'large', column: 2, row: 1, channel: 3 },
    ])
    await press(page, '结束调试，把线路交还网关')
    await page.getByText('调试已结束。').waitFor()
    expect(openings(fresh)).toEqual(['open 2/1', 'open 2/2', 'open 2/3'])
    expect(faults).toEqual([])
  })

  it('by keyboard and in English: a line of the settings, handed over and given back; then by the code on a door', async () => {
    const { gateway, known } = await world()
    const { page, faults } = await signedIn(gateway.url, desktop)
    await press(page, 'English')
    await page.goto(`${gateway.url}/staff#/line-setup`)
    await page.getByText('Meanwhile these cabinets serve nobody: Guanqian Street').waitFor()
    await page.getByLabel(/Why/).fill('the contact of door 2 was changed')
    await keepPicture(page, 'desktop-line-setup-1-begin-english')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Every door is shut: read once' }).waitFor()
    await inspect(page, 'desktop-line-setup-2-boards-english')
    await page.keyboard.press('Enter')
    await page.getByText('Board 1 · channel 1').waitFor()
    const moved = known.moved(1, 1)
    await page.getByRole('button', { name: 'Open this channel' }).focus()
    await page.keyboard.press('Enter')
    const door = await moved
    await page.getByRole('heading', { name: 'Which door opened?' }).waitFor()
    expect(await page.getByLabel('What the door says').inputValue()).toBe('1')
    await keepPicture(page, 'desktop-line-setup-4-which-english')
    await page.keyboard.press('Enter')
    await page.getByText('Please shut door 1').waitFor()
    door.close()
    await page.getByText('Board 1 · channel 2').waitFor()
    await keepPicture(page, 'desktop-line-setup-5-doors-english')
    await press(page, 'End the set-up and give the line back')
    await page.getByText('The set-up was ended.').waitFor()
    expect(openings(known)).toEqual(['open 1/1'])
    await keepPicture(page, 'desktop-line-setup-6-over-english')

    await page.goto(`${gateway.url}/l/guanqian/d1`)
    await page.getByRole('heading', { name: 'Guanqian Street · Door 1' }).waitFor()
    await page.locator('.door-history li').first().waitFor()
    await inspect(page, 'desktop-door-page-english')
    await page.goto(`${gateway.url}/staff#/print/doors/guanqian`)
    await page.locator('.door-label .qr').first().waitFor()
    await keepPicture(page, 'desktop-door-labels-english')
    expect(faults).toEqual([])
  })
})
