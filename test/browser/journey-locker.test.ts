import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { collect, deposit, giveBack, goTo, openDoor, scan, seeThanks } from './desk-acts.ts'
import { startBrowser } from './harness.ts'
import {
  joinByZhima,
  logIn,
  openBook,
  orderTo,
  putInBasket,
  readCode,
  renew,
  search,
  seeState,
} from './reader-acts.ts'
import { nothingLeft, openStage, readerOf } from './stage.ts'

const browser: Browser | undefined = await startBrowser()
beforeAll(buildPages)
afterAll(() => browser?.close())

describe.skipIf(!browser)('a book through the lockers', () => {
  it('is ordered on a phone, taken from one library’s locker and given back into another’s', async () => {
    const stage = await openStage(browser!, 'locker')
    const { town } = stage
    const li = readerOf('G0000001')
    const { badge } = town.guide.staff

    // Before any log-in the reader sees what is asked of her.
    const reader = await stage.phone()
    await stage.picture(reader, 'home')
    await reader.getByRole('link', { name: '先看规则和费用' }).click()
    await reader.getByText('芝麻信用达到 550 分即可免押金借阅').waitFor()
    await stage.picture(reader, 'rules-before-log-in')

    await reader.getByRole('link', { name: /书桥/ }).click()
    await search(reader, '三体')
    await stage.picture(reader, 'search')
    await openBook(reader, '三体', '重庆出版社 · 2008')
    await stage.picture(reader, 'book')
    await putInBasket(reader)
    await reader.getByRole('link', { name: '登录后看什么时候到、要多少钱' }).click()
    await logIn(reader, li)
    await joinByZhima(reader, li)
    await stage.picture(reader, 'joined')
    await reader.getByRole('button', { name: '去借阅单（1 本）' }).click()
    await stage.picture(reader, 'basket')
    const number = await orderTo(reader, '到自助柜取', { label: '哪个柜', name: '观前街柜' })
    await seeState(reader, '已预留')
    await stage.picture(reader, 'ordered')

    // The librarian finds the book in the stacks, scans it twice, and carries the parcel to the locker.
    const librarian = await stage.desk('gusu')
    await goTo(librarian, '找书')
    const row = librarian.getByRole('row', { name: /三体/ })
    const barcode = /GS\d{7}/.exec(await row.innerText())![0]
    await stage.picture(librarian, 'pick-list')
    await scan(librarian, barcode, '请打包')
    await stage.picture(librarian, 'found')
    await scan(librarian, barcode, '请投入观前街柜')
    await stage.picture(librarian, 'packed')
    expect((await stage.books()).gusu).toMatchObject({
      loans: [`${barcode} ${li.card}`],
      holds: [],
      shelf: [],
    })

    const locker = await stage.screen('gq-street')
    await stage.picture(locker, 'locker-home')
    await deposit(locker, badge, barcode)
    await stage.picture(locker, 'locker-deposit')
    stage.shutDoor('gq-street')
    await seeThanks(locker)

    // The reader's page knows by itself that the book is there.
    await seeState(reader, '在自助柜待取')
    await stage.picture(reader, 'ready')
    const code = await readCode(reader, () => stage.picture(reader, 'code'))
    await locker.getByRole('button', { name: '回首页' }).click()
    await collect(locker, code)
    await stage.picture(locker, 'locker-collect')
    stage.shutDoor('gq-street')
    await seeThanks(locker)

    await seeState(reader, '借阅中')
    await renew(reader)
    await stage.picture(reader, 'renewed')
    expect((await stage.books()).gusu.loans).toEqual([`${barcode} ${li.card}`])

    // Weeks later, in another town: any locker of the consortium takes it.
    const farLocker = await stage.screen('sl-gate')
    await giveBack(farLocker, barcode)
    await stage.picture(farLocker, 'locker-return')
    stage.shutDoor('sl-gate')
    await seeThanks(farLocker)
    await seeState(reader, '已还入自助柜')
    await stage.picture(reader, 'handed-in')

    // Staff there empty the locker and receive the book, which is discharged at home and sent on.
    const farDesk = await stage.desk('songling')
    await goTo(farDesk, '还书')
    await farDesk.getByRole('row', { name: /三体/ }).waitFor()
    await stage.picture(farDesk, 'to-receive')
    await goTo(farDesk, '自助柜')
    await openDoor(farDesk, '松陵馆柜', /还进来的/, '取出还书')
    await stage.picture(farDesk, 'emptying')
    stage.shutDoor('sl-gate')
    await farDesk
      .getByRole('group', { name: '松陵馆柜 的柜门图' })
      .getByText('门开着')
      .waitFor({ state: 'detached' })
    await scan(farDesk, barcode, '请送到苏城图书馆')
    await stage.picture(farDesk, 'received')
    expect(await stage.books()).toEqual(nothingLeft)
    await scan(farDesk, barcode, '已转走')

    await seeState(reader, '已还')
    await stage.picture(reader, 'returned')
    expect(town.town.ils.gusu.state.snapshot().loans.filter(loan => loan.barcode === barcode)).toEqual([])

    // The manager's report counts it.
    const manager = await stage.desk('gusu-manager')
    await goTo(manager, '报告')
    await manager.getByRole('button', { name: '细看 订单处理时间' }).click()
    await manager.getByText(number).waitFor()
    await stage.picture(manager, 'report')

    expect(await stage.books()).toEqual(nothingLeft)
    await stage.close()
  })
})
