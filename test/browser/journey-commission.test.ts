import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { startBrowser } from './harness.ts'
import { openStage, type Stage } from './stage.ts'

const browser: Browser | undefined = await startBrowser()
let stage: Stage | undefined
beforeAll(buildPages)
afterEach(async () => {
  await stage?.close()
  stage = undefined
})
afterAll(() => browser?.close())

it.skipIf(!browser)('a librarian tries a door of a real line, and finds it in its history', async () => {
  stage = await openStage(browser!, 'commission')
  const desk = await stage.desk('gusu')
  await desk.goto(`${desk.url().split('#')[0]}#/lockers`)
  await desk.getByText('没有要处理的事').first().waitFor()
  await stage.picture(desk, 'lockers')
  await desk.getByText('维护', { exact: true }).first().click()
  await desk.getByRole('link', { name: '逐门测试、画图、门牌' }).first().click()
  await desk.getByRole('button', { name: '我在柜前，开始' }).click()
  const lockerId = /#\/lockers\/([\w-]+)/.exec(desk.url())![1]!
  const open = desk.getByRole('button', { name: /^打开 .+ 号门$/ })
  const label = /^打开 (.+) 号门$/.exec(await open.innerText())![1]!
  await open.click()
  await desk.getByText(`${label} 号门开着`).waitFor()
  await stage.picture(desk, 'open')
  stage.shutDoor(lockerId)
  await desk.getByRole('button', { name: '开了，已关好' }).click()
  await desk.getByRole('button', { name: '停止' }).click()
  expect(await desk.locator('.test-results .worked').count()).toBe(1)
  await desk.getByRole('button', { name: '写出设置' }).click()
  expect(await desk.getByLabel('设置（贴进设置文件）').inputValue()).toContain(`id: ${lockerId}`)
  await desk.getByRole('link', { name: '所有自助柜' }).click()
  await desk.locator('.locker-door').first().click()
  await desk.getByText('这个门的经过').click()
  for (const kind of ['门关了', '门开了', '馆员开门'])
    await desk.locator('.door-history').getByText(kind).first().waitFor()
  await stage.picture(desk, 'history')
})
