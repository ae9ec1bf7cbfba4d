import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { collect, deposit, goTo, scan, seeThanks } from './desk-acts.ts'
import { startBrowser } from './harness.ts'
import { joinByZhima, logIn, openBook, order, putInBasket, readCode, search, seeState } from './reader-acts.ts'
import { openStage, readerOf } from './stage.ts'

const browser: Browser | undefined = await startBrowser()
beforeAll(buildPages)
afterAll(() => browser?.close())

describe.skipIf(!browser)('a book through the lockers', () => {
  it('is ordered on a phone, taken from one library’s locker and given back into another’s', async () => {
    const stage = await openStage(browser!, 'locker')
    const { town } = stage
    const li = readerOf('G0000001')
    const reader = await stage.phone()
    await stage.picture(reader, 'home')

    await search(reader, '三体')
    await stage.picture(reader, 'search')
    await openBook(reader, '三体', '重庆出版社 · 2008')
    await stage.picture(reader, 'book')
    await putInBasket(reader)
    await stage.picture(reader, 'basket-visitor')
    await reader.getByRole('link', { name: '登录后看什么时候到、要多少钱' }).click()
    await logIn(reader, li)
    await reader.getByText('550', { exact: true }).waitFor()
    await stage.picture(reader, 'join')
    await joinByZhima(reader, li)
    await stage.picture(reader, 'joined')
    await reader.goto(`${town.url}/#/basket`)
    await order(reader, '到自助柜取', { label: '哪个柜', name: '观前街柜' })
    await stage.picture(reader, 'ordered')

    const librarian = await stage.desk('gusu')
    await goTo(librarian, '找书')
    await stage.picture(librarian, 'find')
  })
})
