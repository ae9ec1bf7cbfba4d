import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { barcodeOf, goTo, press, pressUnderSignal, scan, standAt } from './desk-acts.ts'
import { startBrowser } from './harness.ts'
import { fillBasket, orderTo, seeState } from './reader-acts.ts'
import { nothingLeft, openStage, readerOf } from './stage.ts'

const browser: Browser | undefined = await startBrowser()
beforeAll(buildPages)
afterAll(() => browser?.close())

describe.skipIf(!browser)('a book over the desk', () => {
  it('goes from one branch to another, and comes back over the desk of another library', async () => {
    // A Monday night: the library is closed, and whoever works all the same is not hindered.
    const stage = await openStage(browser!, 'branch', { at: '2026-11-23T03:00:00+08:00' })
    const zhao = readerOf('G0000007')
    const book = { title: '《三体》导读', imprint: '天津人民出版社 · 2016' }

    const reader = await stage.phone()
    await fillBasket(reader, zhao, book)
    await orderTo(reader, '到分馆取', { label: '哪个分馆', name: '观前馆' })
    await seeState(reader, '已预留')
    await stage.picture(reader, 'ordered')

    // It stands on a shelf of the other branch.
    const canglang = await stage.desk('gusu')
    await standAt(canglang, '沧浪分馆')
    await goTo(canglang, '找书')
    const barcode = await barcodeOf(canglang, book.title)
    await stage.picture(canglang, 'pick-list')
    await scan(canglang, barcode, '请打包')
    await scan(canglang, barcode, '请送到观前馆')
    await stage.picture(canglang, 'packed')
    await goTo(canglang, '发运')
    await press(canglang, book.title, '发运', '已发出')
    await seeState(reader, '运送中')

    // The van brings it; the reader comes to the desk.
    const guanqian = await stage.desk('gusu')
    await standAt(guanqian, '观前馆')
    await scan(guanqian, barcode, '已放好，读者会收到通知')
    await stage.picture(guanqian, 'laid-out')
    await seeState(reader, '在分馆待取')
    await stage.picture(reader, 'ready')
    await scan(guanqian, barcode, '在待取架等读者')
    await stage.picture(guanqian, 'reader-is-here')
    await pressUnderSignal(guanqian, '交给读者', '已交给读者')
    await seeState(reader, '借阅中')
    expect((await stage.books()).gusu.loans).toEqual([`${barcode} ${zhao.card}`])

    // On a journey she leaves it at the desk of another town's library.
    const songling = await stage.desk('songling')
    await standAt(songling, '松陵馆')
    await scan(songling, barcode, '请送到苏城图书馆沧浪分馆')
    await stage.picture(songling, 'received')
    expect(await stage.books()).toEqual(nothingLeft)
    await goTo(songling, '异常')
    await stage.picture(songling, 'to-send-home')

    // The next van takes it home.
    await scan(canglang, barcode, '回到本馆了')
    await stage.picture(canglang, 'home-again')
    await seeState(reader, '已还')
    await stage.picture(reader, 'returned')

    expect(await stage.books()).toEqual(nothingLeft)
    await stage.close()
  })
})
