import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { institutionCard } from '../../src/sandbox/town/ils-seed.ts'
import { barcodeOf, goTo, press, pressUnderSignal, scan, standAt } from './desk-acts.ts'
import { startBrowser } from './harness.ts'
import { fillBasket, orderTo, seeState } from './reader-acts.ts'
import { noBooks, nothingLeft, openStage, readerOf } from './stage.ts'

const browser: Browser | undefined = await startBrowser()
beforeAll(buildPages)
afterAll(() => browser?.close())

describe.skipIf(!browser)('a book that only the neighbours have', () => {
  it('is supplied by their library, on the library’s card in their system, and goes home afterwards', async () => {
    const stage = await openStage(browser!, 'neighbour')
    const zhou = readerOf('G0000009')
    const book = { title: '三体：典藏版', imprint: '重庆出版社 · 2016' }

    const reader = await stage.phone()
    await fillBasket(reader, zhou, book)
    await stage.picture(reader, 'basket')
    await orderTo(reader, '到分馆取', { label: '哪个分馆', name: '观前馆' })
    await seeState(reader, '已预留')
    await stage.picture(reader, 'ordered')

    const songling = await stage.desk('songling')
    await goTo(songling, '找书')
    const barcode = await barcodeOf(songling, book.title)
    await stage.picture(songling, 'pick-list')
    await scan(songling, barcode, '请打包')
    await scan(songling, barcode, '请送到苏城图书馆观前馆')
    await goTo(songling, '发运')
    await press(songling, book.title, '发运', '已发出')
    const lent = { ...noBooks, loans: [`${barcode} ${institutionCard('gusu')}`] }
    expect(await stage.books()).toEqual({ ...nothingLeft, songling: lent })

    const gusu = await stage.desk('gusu')
    await standAt(gusu, '观前馆')
    await scan(gusu, barcode, '已放好，读者会收到通知')
    await seeState(reader, '在分馆待取')
    await scan(gusu, barcode, '在待取架等读者')
    await pressUnderSignal(gusu, '交给读者', '已交给读者')
    await seeState(reader, '借阅中')
    await stage.picture(reader, 'on-loan')

    await scan(gusu, barcode, '请送到松陵图书馆')
    await stage.picture(gusu, 'received')
    expect(await stage.books()).toEqual(nothingLeft)
    await scan(songling, barcode, '回到本馆了')
    await seeState(reader, '已还')
    await stage.picture(reader, 'returned')

    expect(await stage.books()).toEqual(nothingLeft)
    await stage.close()
  })
})
