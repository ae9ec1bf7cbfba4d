import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { barcodeOf, goTo, press, scan } from './desk-acts.ts'
import { startBrowser } from './harness.ts'
import { fillAddress, fillBasket, orderTo, seeState } from './reader-acts.ts'
import { nothingLeft, openStage, readerOf } from './stage.ts'

const browser: Browser | undefined = await startBrowser()
beforeAll(buildPages)
afterAll(() => browser?.close())

describe.skipIf(!browser)('a book to the door', () => {
  it('is brought by courier and fetched by courier, and the carrier’s pushes move the order', async () => {
    const stage = await openStage(browser!, 'home')
    const { sf } = stage.town.town
    const wang = readerOf('G0000002')
    const book = { title: '活着', imprint: '时代文艺出版社 · 2001' }

    const reader = await stage.phone()
    await fillBasket(reader, wang, book)
    await reader.getByText('送上门', { exact: true }).click()
    await reader.getByRole('link', { name: '填一个地址' }).click()
    await fillAddress(reader, wang.name)
    await stage.picture(reader, 'address')
    await reader.getByRole('button', { name: '用这个地址' }).click()
    await reader.getByText('为什么？').click()
    await stage.picture(reader, 'basket-with-fee')
    await orderTo(reader, '送上门')
    await seeState(reader, '已预留')

    // Packed, the parcel is booked with the courier by itself; the librarian hands it over.
    const librarian = await stage.desk('gusu')
    await goTo(librarian, '找书')
    const barcode = await barcodeOf(librarian, book.title)
    await press(librarian, book.title, '找到', '请打包')
    await goTo(librarian, '装箱')
    await press(librarian, book.title, '装箱', '等快递来取')
    await expect.poll(() => sf.parcels().length, { timeout: 20_000 }).toBe(1)
    await goTo(librarian, '发运')
    await stage.picture(librarian, 'to-send')
    await press(librarian, book.title, '发运', '已发出')
    expect((await stage.books()).gusu.loans).toEqual([`${barcode} ${wang.card}`])

    const { waybill } = sf.parcels()[0]!
    await sf.move(waybill, '50')
    await sf.move(waybill, '44')
    await seeState(reader, '运送中')
    await stage.picture(reader, 'on-its-way')
    await sf.move(waybill, '80')
    await seeState(reader, '借阅中')
    await stage.picture(reader, 'delivered')

    // Read, it is fetched: the reader asks, the courier comes.
    await reader.getByRole('link', { name: '还书' }).click()
    await reader.getByText('叫快递来取').click()
    await stage.picture(reader, 'give-back')
    await reader.getByRole('button', { name: '就这样还' }).click()
    await seeState(reader, '已约还书')
    await expect.poll(() => sf.parcels().length, { timeout: 20_000 }).toBe(2)
    const fetched = sf.parcels().find(parcel => parcel.callForPickup)!
    await sf.move(fetched.waybill, '50')
    await seeState(reader, '还书运送中')
    await stage.picture(reader, 'on-its-way-back')
    await sf.move(fetched.waybill, '80')

    await goTo(librarian, '还书')
    await librarian.getByRole('row', { name: book.title }).waitFor()
    await stage.picture(librarian, 'to-receive')
    await scan(librarian, barcode, '可以上架了')
    await stage.picture(librarian, 'received')
    await seeState(reader, '已还')
    await stage.picture(reader, 'returned')

    expect(await stage.books()).toEqual(nothingLeft)
    await stage.close()
  })
})
