/**
 * The demo town with people in it. Each stands before a screen of their own and does everything through it: the
 * reader's phone, the desk of a library, the screen of a locker. Only hands on cabinet doors and parcels on the road
 * are moved by the stage itself.
 */
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { demoPassword } from '../../src/main/demo/furnish.ts'
import { type LibraryId, libraryIds, type TownReader, townReaders } from '../../src/sandbox/town/facts.ts'
import {
  type Books,
  openTown,
  ourBooks,
  type TestTown,
  type TownAsked,
  theirBooks,
} from '../journeys/town.ts'
import { desktop, keepPicture, openPage, overflow, phone, type Size } from './harness.ts'

type StageDoor = ReturnType<TestTown['town']['buses']['bus-a']['door']>

export interface Stage {
  readonly town: TestTown
  /** A visitor's phone, on the first page of the reader's site or another. */
  phone(path?: string): Promise<Page>
  /** The desk of a person who works for a library, logged in. */
  desk(login: string): Promise<Page>
  /** The screen of a locker, switched on with its key. */
  screen(lockerId: string, size?: Size): Promise<Page>
  /** Keeps a picture of a step, numbered; the page must fit its window. */
  picture(page: Page, name: string): Promise<void>
  /** A hand shuts the door that stands open at a locker. */
  shutDoor(lockerId: string): void
  /** A hand shuts whatever stands open there. */
  shutDoors(lockerId: string): void
  /** The doors of a locker, to be jammed or to be looked at. */
  doors(lockerId: string): readonly StageDoor[]
  /** What the library systems hold beyond their first day; our own open lines must say the same. */
  books(): Promise<Record<LibraryId, Books>>
  close(): Promise<void>
}

export const openStage = async (browser: Browser, story: string, options: TownAsked = {}): Promise<Stage> => {
  const town = await openTown(options)
  const faults: { readonly name: string; readonly faults: string[] }[] = []
  let pictures = 0

  const open = async (name: string, size: Size, path: string): Promise<Page> => {
    const opened = await openPage(browser, size)
    opened.page.setDefaultTimeout(20_000)
    faults.push({ name, faults: opened.faults })
    await opened.page.goto(`${town.url}${path}`)
    return opened.page
  }

  const doors = (lockerId: string) => {
    const { bus, compartments } = town.gateway.deps.libraries.locker(lockerId)
    return compartments.map(one => town.town.buses[bus as 'bus-a'].door(one.board, one.channel))
  }

  return {
    town,
    phone: (path = '/') => open('phone', phone, path),
    desk: async login => {
      const page = await open(login, desktop, '/staff')
      await page.getByLabel('用户名').fill(login)
      await page.getByLabel('密码').fill(demoPassword)
      await page.getByRole('button', { name: '登录' }).click()
      await page.getByRole('heading', { name: '今天', exact: true }).waitFor()
      return page
    },
    screen: async (lockerId, size = desktop) => {
      const { key } = town.guide.kiosks.find(kiosk => kiosk.lockerId === lockerId)!
      const page = await open(lockerId, size, `/kiosk#key=${key}`)
      await page.getByRole('button', { name: /取书/ }).waitFor()
      return page
    },
    picture: async (page, name) => {
      pictures += 1
      expect(await overflow(page), `${name} scrolls sideways`).toBe(0)
      await keepPicture(page, `journey-${story}/${String(pictures).padStart(2, '0')}-${name}`)
    },
    doors,
    shutDoor: lockerId => {
      const standing = doors(lockerId).filter(door => door.isOpen())
      expect(standing, `doors that stand open at ${lockerId}`).toHaveLength(1)
      standing[0]!.close()
    },
    shutDoors: lockerId => {
      for (const door of doors(lockerId)) if (door.isOpen()) door.close()
    },
    books: async () => {
      const all: Partial<Record<LibraryId, Books>> = {}
      for (const id of libraryIds) {
        all[id] = theirBooks(town, id)
        expect(await ourBooks(town, id), `our own books of ${id}`).toEqual(all[id])
      }
      return all as Record<LibraryId, Books>
    },
    close: async () => {
      for (const context of browser.contexts()) await context.close()
      await town.dispose()
      for (const { name, faults: seen } of faults)
        expect(seen, `went wrong on the page of ${name}`).toEqual([])
    },
  }
}

export const noBooks: Books = { loans: [], holds: [], shelf: [] }
export const nothingLeft: Record<LibraryId, Books> = { gusu: noBooks, songling: noBooks, lucheng: noBooks }

export const readerOf = (card: string): TownReader => townReaders().find(one => one.card === card)!
