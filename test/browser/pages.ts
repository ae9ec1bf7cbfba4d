/** What the tests of the pages share: logging in, a filled basket, and the look over a page. */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { desktop, keepPicture, overflow, phone, type Size } from './harness.ts'

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

export const sizes: readonly (readonly [string, Size])[] = [
  ['phone', phone],
  ['desktop', desktop],
]

export const logInAsReader = async (page: Page, url: string): Promise<void> => {
  await page.goto(`${url}/#/login`)
  await page.getByLabel('读者证号').fill('2512000000017')
  await page.getByLabel('密码').fill('123456')
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('heading', { name: '你的书' }).waitFor()
}

export const logInAsStaff = async (page: Page, url: string): Promise<void> => {
  await page.goto(`${url}/staff`)
  await page.getByLabel('用户名').fill('librarian')
  await page.getByLabel('密码').fill('demo')
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('heading', { name: '今天', exact: true }).waitFor()
}

export const fillBasket = (page: Page): Promise<void> =>
  page.evaluate(
    `localStorage.setItem('shuqiao.basket', '[{"id":"bib-1","title":"三体","clc":"I247"},{"id":"bib-3","title":"万历十五年","clc":"K248"}]')`,
  )

/** Nothing wider than the window, nothing axe objects to; a picture is kept. */
export const inspect = async (page: Page, name: string): Promise<void> => {
  expect(await overflow(page), `${name} scrolls sideways`).toBe(0)
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(rules).analyze()
  expect(
    violations.map(v => `${v.id}: ${v.nodes.map(node => node.html.slice(0, 160)).join(' | ')}`),
    name,
  ).toEqual([])
  await keepPicture(page, name)
}
