/** What a reader does on the phone, step by step, by what stands on the page. */
import type { Page } from 'playwright-core'
import type { TownReader } from '../../src/sandbox/town/facts.ts'

/** Types words into the search box and waits for what is found. */
export const search = async (page: Page, words: string): Promise<void> => {
  await page.getByRole('searchbox').fill(words)
  await page.keyboard.press('Enter')
  await page.getByText(/^找到 \d+ 种$/).waitFor()
}

/** Opens one of the books found, by title and imprint. */
export const openBook = async (page: Page, title: string, imprint: string): Promise<void> => {
  await page.getByRole('link').filter({ hasText: title }).filter({ hasText: imprint }).first().click()
  await page.getByRole('heading', { name: title, exact: true, level: 1 }).waitFor()
  await page.getByRole('button', { name: '加入借阅单' }).waitFor()
}

export const putInBasket = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: '加入借阅单' }).click()
  await page.getByRole('button', { name: '去借阅单（1 本）' }).click()
  await page.getByRole('heading', { name: '借阅单 (1)' }).waitFor()
}

/** On the log-in page. */
export const logIn = async (page: Page, reader: TownReader): Promise<void> => {
  await page.getByLabel('图书馆').selectOption(reader.library)
  await page.getByLabel('读者证号').fill(reader.card)
  await page.getByLabel('密码').fill(reader.pin)
  await page.getByRole('button', { name: '登录' }).click()
}

/** On the page about joining: on the strength of the card alone; nobody is asked. */
export const joinByCard = async (page: Page): Promise<void> => {
  await page.getByText('仅凭读者证').click()
  await agree(page)
}

/** On the page about joining: asks Zhima, with consent. */
export const joinByZhima = async (page: Page, reader: TownReader): Promise<void> => {
  await page.getByLabel('姓名').fill(reader.name)
  await page.getByLabel('身份证号').fill(reader.idNumber)
  await agree(page)
}

const agree = async (page: Page): Promise<void> => {
  await page.getByText('我看过了，同意').click()
  await page.getByRole('button', { name: '开通', exact: true }).click()
  await page.getByText('开通了').waitFor()
}

/** In the basket: chooses how to get it, and orders. Answers with the order's number. */
export const orderTo = async (
  page: Page,
  way: string,
  place?: { label: string; name: string },
): Promise<string> => {
  await page.getByText(way, { exact: true }).click()
  if (place) {
    const select = page.getByLabel(place.label)
    const value = await select.locator('option', { hasText: place.name }).getAttribute('value')
    await select.selectOption(value)
  }
  await page.getByRole('button', { name: '提交 1 本' }).click()
  const heading = page.getByRole('heading', { name: /^订单 \S+$/ })
  await heading.waitFor()
  return (await heading.innerText()).replace('订单 ', '')
}

/** On the order's page: the book has come to this state. */
export const seeState = (page: Page, state: string): Promise<void> =>
  page.getByRole('article').getByText(state, { exact: false }).first().waitFor()

/** The pick-up code, as it stands large on the phone; back on the order's page afterwards. */
export const readCode = async (page: Page, look: () => Promise<void>): Promise<string> => {
  await page.getByRole('link', { name: '看取书码' }).click()
  const digits = page.locator('.code-digits')
  await digits.waitFor()
  const code = (await digits.innerText()).replace(/\D/g, '')
  await look()
  await page.getByRole('button', { name: '返回' }).click()
  await page.getByRole('heading', { name: /^订单/ }).waitFor()
  return code
}

/** Renews, and is told that it is done. */
export const renew = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: '续借' }).click()
  await page.getByRole('group', { name: '续借' }).getByRole('button', { name: '续借' }).click()
  await page.getByText('续借好了').waitFor()
}

/** Finds a book, logs in and joins on the way, and stands before the full basket. */
export const fillBasket = async (
  page: Page,
  reader: TownReader,
  book: { readonly title: string; readonly imprint: string },
): Promise<void> => {
  await search(page, book.title)
  await openBook(page, book.title, book.imprint)
  await putInBasket(page)
  await page.getByRole('link', { name: '登录后看什么时候到、要多少钱' }).click()
  await logIn(page, reader)
  await joinByCard(page)
  await page.getByRole('button', { name: '去借阅单（1 本）' }).click()
}

/** On the page for an address. */
export const fillAddress = async (page: Page, name: string): Promise<void> => {
  const lines = {
    收件人: name,
    手机: '13900000000',
    省: '江苏省',
    市: '苏州市',
    区县: '姑苏区',
    '街道、门牌': '平江街道（虚构地址）8 号',
  }
  for (const [label, text] of Object.entries(lines)) await page.getByLabel(label, { exact: true }).fill(text)
}
