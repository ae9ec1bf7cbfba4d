import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { buildPages } from '../../scripts/pages.ts'
import { keepPicture, portrait, startBrowser } from './harness.ts'
import { inspect } from './pages.ts'
import { logIn } from './reader-acts.ts'
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

it.skipIf(!browser)(
  'a phone that scans the screen opens the reader’s own door and takes a book back',
  async () => {
    stage = await openStage(browser!, 'phone', { at: '2026-11-24T10:00:00+08:00' })
    const li = readerOf('G0000001')
    const { title, code, line } = await readyInLocker(stage, li, '活着', locker)

    const screen = await stage.screen(locker, portrait)
    await screen.getByRole('heading', { name: '用手机扫一扫' }).waitFor()
    await inspect(screen, 'journey-phone/screen-home')

    // The camera opens the address; whoever is not logged in logs in first, and goes on.
    const phone = await stage.phone(await codeOnScreen(stage, locker))
    await phone.getByText('登录以后，就能在手机上开门取书、还书').waitFor()
    await keepPicture(phone, 'journey-phone/visitor')
    await phone.getByRole('main').getByRole('link', { name: '登录' }).click()
    await logIn(phone, li)
    await phone.getByRole('heading', { name: '柜里有你的书' }).waitFor()
    expect(phone.url()).toMatch(/#\/here$/)
    await keepPicture(phone, 'journey-phone/inside')
    await screen.getByText('有一位读者正用手机取还书').waitFor()
    await keepPicture(screen, 'journey-phone/screen-served')

    await press(phone, /^打开 \d+ 号门$/)
    await phone.getByRole('heading', { name: /^\d+ 号门开了$/ }).waitFor()
    await phone.getByText(`《${title}》`).waitFor()
    await keepPicture(phone, 'journey-phone/open')
    await screen.getByText(/号门开着$/).waitFor()
    await keepPicture(screen, 'journey-phone/screen-open')

    // Somebody types the same reader's code meanwhile: told, and nothing opens twice.
    await press(screen, /取书/)
    await screen.keyboard.type(code)
    await screen.keyboard.press('Enter')
    await screen.getByText('这个格口正在使用，请稍候。').waitFor()
    await keepPicture(screen, 'journey-phone/screen-door-in-use')
    await press(screen, '回首页')

    stage.shutDoor(locker)
    await phone.getByRole('heading', { name: '取书完成，祝您阅读愉快。' }).waitFor()
    await keepPicture(phone, 'journey-phone/done')
    expect(await line()).toMatchObject({ status: 'on_loan' })

    await press(phone, '再开一次门')
    await phone.getByRole('heading', { name: /^\d+ 号门开了$/ }).waitFor()
    stage.shutDoor(locker)
    await phone.getByRole('heading', { name: '门已关好。' }).waitFor()

    await press(phone, `还这本：《${title}》`)
    await phone.getByText('请把书放进去').waitFor()
    const door = phone.getByRole('heading', { name: /^\d+ 号门开了$/ })
    const first = await door.innerText()
    await press(phone, '换一个门')
    await expect.poll(() => door.innerText()).not.toBe(first)
    await keepPicture(phone, 'journey-phone/another-door')
    stage.shutDoors(locker)
    await phone.getByRole('heading', { name: '还书完成，归还时间已记录。' }).waitFor()
    expect(await line()).toMatchObject({ status: 'return_in_locker' })

    await press(phone, '我好了，让下一位用')
    await phone.getByRole('heading', { name: '你的书' }).waitFor()
    await screen.getByRole('heading', { name: '用手机扫一扫' }).waitFor()

    // A label, or a code that was used, opens nothing and says how to go on.
    await phone.goto(`${stage.town.url}/#/at/${locker}`)
    await phone.getByText('扫屏幕上的二维码').waitFor()
    await keepPicture(phone, 'journey-phone/label')
  },
)
