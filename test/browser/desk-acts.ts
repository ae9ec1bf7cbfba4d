/** What librarians do at their desk and people do before a locker's screen. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const patience = { timeout: 20_000 }

/** A page of the desk, by its name in the menu. */
export const goTo = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('navigation').getByRole('link', { name }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
}

/** Scans without touching the mouse, and waits for the words of the answer. */
export const scan = async (page: Page, code: string, answer: string): Promise<void> => {
  await page.keyboard.type(code)
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('.signal').innerText(), patience).toContain(answer)
}

const typeAtScreen = async (page: Page, code: string): Promise<void> => {
  await page.keyboard.type(code)
  await page.keyboard.press('Enter')
}

/** At the locker: the staff's way in, badge and parcel; a door opens. */
export const deposit = async (page: Page, badge: string, parcel: string): Promise<void> => {
  await page.getByRole('button', { name: /帮助/ }).click()
  await page.getByRole('button', { name: '馆员、快递员存书' }).click()
  await page.getByRole('heading', { name: '请扫工作证' }).waitFor()
  await typeAtScreen(page, badge)
  await page.getByRole('heading', { name: '请扫包裹或书的条码' }).waitFor()
  await typeAtScreen(page, parcel)
  await doorOpens(page)
}

/** The reader types the code on the screen's own keys. */
export const collect = async (page: Page, code: string): Promise<void> => {
  await page.getByRole('button', { name: /取书/ }).click()
  for (const digit of code) await page.getByRole('button', { name: digit, exact: true }).click()
  await page.getByRole('button', { name: '确定' }).click()
  await doorOpens(page)
}

/** The reader holds the book before the scanner. */
export const giveBack = async (page: Page, barcode: string): Promise<void> => {
  await page.getByRole('button', { name: /还书/ }).click()
  await page.getByRole('heading', { name: '请扫书上的条码' }).waitFor()
  await typeAtScreen(page, barcode)
  await doorOpens(page)
}

const doorOpens = (page: Page): Promise<void> =>
  page.getByRole('heading', { name: /^\d 号门开了$/ }).waitFor()

/** After the door was shut the screen thanks, and clears itself. */
export const seeThanks = (page: Page): Promise<void> => page.getByText('好了，谢谢').waitFor()

/** On the desk's page of cabinets: opens a door from afar, for a reason that goes into the audit log. */
export const openDoor = async (page: Page, locker: string, door: RegExp, reason: string): Promise<void> => {
  const cabinet = page.getByRole('region', { name: locker })
  await cabinet.getByRole('button', { name: door }).click()
  await cabinet.getByLabel('为什么开（会记入审计）').fill(reason)
  await cabinet.getByRole('button', { name: '远程开门' }).click()
  await cabinet.getByText('已叫柜门打开。').waitFor()
}

/** Says at which branch this person works now. */
export const standAt = (page: Page, branch: string): Promise<string[]> =>
  page.getByLabel('我在').selectOption({ label: branch })

/** On a list of the desk: the row's next step, by a click. */
export const press = async (page: Page, row: string, act: string, answer: string): Promise<void> => {
  await page.getByRole('row', { name: row }).getByRole('button', { name: act, exact: true }).click()
  await expect.poll(() => page.locator('.signal').innerText(), patience).toContain(answer)
}

/** Under what was scanned: the next step for the book in the hand. */
export const pressUnderSignal = async (page: Page, act: string, answer: string): Promise<void> => {
  await page.locator('.signal').getByRole('button', { name: act, exact: true }).click()
  await expect.poll(() => page.locator('.signal').innerText(), patience).toContain(answer)
}

/** The barcode that the list asks for. */
export const barcodeOf = async (page: Page, title: string): Promise<string> => {
  const row = await page.getByRole('row', { name: title }).innerText()
  return /[A-Z]{2}\d{7}/.exec(row)![0]
}
