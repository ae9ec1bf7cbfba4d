import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { seeThanks } from './desk-acts.ts'
import { keepPicture, landscape, startBrowser } from './harness.ts'
import { joinByCard, logIn } from './reader-acts.ts'
import { openStage, readerOf, type Stage } from './stage.ts'
import { codeOnScreen, readyInLocker } from './town-acts.ts'

const browser: Browser | undefined = await startBrowser()
let stage: Stage | undefined
beforeAll(buildPages)
afterEach(async () => {
  await stage?.close()
  stage = undefined
})
afterAll(() => browser?.close())

const locker = 'gq-street'
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click()
const typed = async (screen: Page, code: string) => {
  await press(screen, /取书/)
  await screen.keyboard.type(code)
  await screen.keyboard.press('Enter')
}

it.skipIf(!browser)(
  'a reader asks for a door within reach, sends somebody, takes it back, and sends again',
  async () => {
    stage = await openStage(browser!, 'hand-over', { at: '2026-11-24T10:00:00+08:00' })
    const li = readerOf('G0000001')
    const phone = await stage.phone('/#/login')
    await logIn(phone, li)
    await joinByCard(phone)
    await phone.goto(`${stage.town.url}/#/me`)
    await press(phone, '自助柜请给我坐轮椅够得到的柜门')
    await phone.getByRole('button', { name: '不再要求坐轮椅够得到的柜门' }).waitFor()

    const { orderId, code } = await readyInLocker(stage, li, '活着', locker)
    await phone.goto(`${stage.town.url}/#/order/${orderId}/code`)
    const send = async (): Promise<string> => {
      await press(phone, '请别人代取')
      const words = phone.getByText('把这个码告诉代取的人')
      await words.waitFor()
      return /[\d ]{8,}/.exec(await words.innerText())![0].replace(/\D/g, '')
    }
    const first = await send()
    expect(first).not.toBe(code)
    await keepPicture(phone, 'journey-hand-over/sent')
    await press(phone, '不用了，我自己去')
    await phone.getByRole('button', { name: '请别人代取' }).waitFor()

    const screen = await stage.screen(locker, landscape)
    await typed(screen, first)
    await screen.getByText('取件码已过期').waitFor()
    await press(screen, '回首页')

    // The lock does not give way: told plainly, the book is behind it, and the next try opens it.
    const second = await send()
    await phone.goto(`${stage.town.url}/#/orders`)
    for (const door of stage.doors(locker)) door.jammed = true
    await typed(screen, second)
    await screen.getByRole('heading', { name: /^\d+ 号门没有打开$/ }).waitFor()
    await screen.getByText('书在里面。请再试一次，或叫馆员；取件码仍然有效。').waitFor()
    await keepPicture(screen, 'journey-hand-over/jammed')
    for (const door of stage.doors(locker)) door.jammed = false
    await press(screen, '再试一次')
    await screen.getByRole('heading', { name: /^\d+ 号门开了$/ }).waitFor()
    const label = /\d+/.exec(await screen.getByRole('heading', { level: 1 }).innerText())![0]
    const { compartments } = stage.town.gateway.deps.libraries.locker(locker)
    expect(compartments.find(one => one.label === label)?.accessible).toBe(true)
    stage.shutDoor(locker)
    await seeThanks(screen)

    // Whoever came first took it: the reader's own code is dead.
    await press(screen, '回首页')
    await typed(screen, code)
    await screen.getByText('取件码已过期').waitFor()
    await phone.goto(`${stage.town.url}${await codeOnScreen(stage, locker)}`)
    await phone.getByRole('heading', { name: '还到这个柜' }).waitFor()
    expect(await phone.getByRole('heading', { name: '柜里有你的书' }).count()).toBe(0)
  },
)
