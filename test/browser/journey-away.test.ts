import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { townReaders } from '../../src/sandbox/town/facts.ts'
import { theirBooks } from '../journeys/town.ts'
import { startBrowser } from './harness.ts'
import { openStage, type Stage } from './stage.ts'

const browser: Browser | undefined = await startBrowser()
let stage: Stage | undefined
beforeAll(buildPages)
afterAll(async () => {
  await stage?.close()
  await browser?.close()
})

/** Two copies that the library system may lend. */
const copies = async (on: Stage): Promise<readonly [string, string]> => {
  const { store, ils } = on.town.gateway.deps
  const rows = await store.db.selectFrom('item').select('barcode').where('library_id', '=', 'gusu').execute()
  const free: string[] = []
  for (const { barcode } of rows) {
    const item = await ils('gusu').item(barcode)
    if (item.ok && item.value.status === 'available') free.push(barcode)
    if (free.length === 2) break
  }
  return [free[0]!, free[1]!]
}

describe.skipIf(!browser)('the library system goes away in the middle of the day', () => {
  it('loans at the desk go on, are entered when it is back, and what it contradicts is settled by a person', async () => {
    stage = await openStage(browser!, 'away')
    const theirs = stage.town.town.ils.gusu
    const [reader, other] = townReaders().filter(one => one.library === 'gusu')
    const [book, taken] = await copies(stage)
    const page = await stage.desk('gusu')
    await page.goto(`${stage.town.url}/staff#/links`)
    await page.locator('.own-system').getByText('正常', { exact: true }).waitFor()

    await theirs.faults.close('refuse-connections')
    theirs.state.desk.lend(other!.card, taken)
    await page.getByText('柜台补记一笔借还').click()
    await page.getByRole('radio', { name: '借出' }).check()
    for (const barcode of [book, taken]) {
      await page.getByLabel('读者证号').fill(reader!.card)
      await page.getByLabel('书的条码').fill(barcode)
      await page.getByRole('button', { name: '记下' }).click()
      await page.getByText(`${barcode} 已记下`).waitFor()
    }
    await page.locator('.queued', { hasText: book }).waitFor()
    await stage.picture(page, 'waiting')
    expect(theirBooks(stage.town, 'gusu').loans).toEqual([`${taken} ${other!.card}`])

    await theirs.faults.close('open')
    const conflict = page.locator('.conflict', { hasText: taken })
    await conflict.waitFor({ timeout: 90_000 })
    await page.locator('.queued').first().waitFor({ state: 'detached', timeout: 90_000 })
    expect(theirBooks(stage.town, 'gusu').loans).toEqual(
      [`${taken} ${other!.card}`, `${book} ${reader!.card}`].sort(),
    )
    await conflict.getByText('在另一位读者名下').waitFor()
    await stage.picture(page, 'conflict')

    await conflict.getByRole('button', { name: /不用办了/ }).click()
    await conflict.getByLabel('为什么不用办？').fill('书在另一位读者手里')
    await conflict.getByRole('button', { name: '不用办了' }).click()
    await conflict.waitFor({ state: 'detached' })
    await stage.picture(page, 'settled')
    const metrics = await (await fetch(`${stage.town.url}/metrics`)).text()
    expect(metrics).toContain('shuqiao_ils_state{library="gusu",state="up"} 1')
    expect(metrics).toMatch(
      /shuqiao_ils_request_seconds_count\{library="gusu",command="checkout",outcome="ok"\} 1/,
    )
  })
})
