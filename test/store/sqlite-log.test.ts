import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isGone, migrate, type Opened, openStore, type Store } from '../../src/gateway/store/db.ts'
import { openSqlite } from '../../src/gateway/store/sqlite.ts'
import type { SyncFile } from '../../src/gateway/store/sqlite-log.ts'
import { type Log, noLog } from '../../src/kernel/log.ts'

const mebi = 1024 * 1024

const tidy: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const act of tidy.splice(0).reverse()) await act()
})

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'shuqiao-log-'))
  tidy.push(() => rmSync(path, { recursive: true }))
  return path
}

const open = async (path: string, sync?: SyncFile, log: Log = noLog): Promise<Opened> => {
  const first = openStore(`sqlite:${path}`, { outlives: 'process' })
  await migrate(first)
  await first.close()
  const opened = openSqlite(`sqlite:${path}`, {
    guard: () => {},
    exclusive: false,
    outlives: 'power',
    log,
    ...(sync ? { sync } : {}),
  })
  tidy.push(() => opened.close().catch(() => {}))
  return opened
}

const write = ({ transaction }: Opened, name: string): Promise<void> =>
  transaction(async tx => {
    await tx.insertInto('lease').values({ name, owner: 'a', fence: 1, until: 5 }).execute()
  }, 'serializable')

const names = async ({ db }: Pick<Store, 'db'>): Promise<string[]> =>
  (await db.selectFrom('lease').select('name').orderBy('name').execute()).map(row => row.name)

/** A disk that keeps what it is given when it is told to. */
const slowDisk = () => {
  const asked: PromiseWithResolvers<void>[] = []
  const sync: SyncFile = () => {
    const one = Promise.withResolvers<void>()
    asked.push(one)
    return one.promise
  }
  return { asked, sync }
}

const settledOf = (promises: readonly Promise<unknown>[]) => {
  const settled = promises.map(() => 'waits')
  for (const [i, promise] of promises.entries())
    promise.then(
      () => (settled[i] = 'done'),
      () => (settled[i] = 'failed'),
    )
  return settled
}

/** Long enough for everything that waits for nothing but this process. */
const rest = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await turnOfTheLoop()
}

describe('a commit', () => {
  it('is told when the disk has it, and nobody waits for the disk before beginning', async () => {
    const disk = slowDisk()
    const store = await open(join(folder(), 'a.sqlite'), disk.sync)
    const first = write(store, 'a')
    await rest()
    const second = write(store, 'b')
    const read = names(store)
    const settled = settledOf([first, second, read])
    await rest()
    expect([settled, disk.asked.length]).toEqual([['waits', 'waits', 'waits'], 1])
    disk.asked[0]!.resolve()
    await rest()
    expect([settled, disk.asked.length]).toEqual([['done', 'waits', 'waits'], 2])
    disk.asked[1]!.resolve()
    expect(await read).toEqual(['a', 'b'])
    expect(settled).toEqual(['done', 'done', 'done'])
  })

  it('shares the write to the disk with all that came before it', async () => {
    const disk = slowDisk()
    const store = await open(join(folder(), 'a.sqlite'), disk.sync)
    const first = write(store, 'first')
    await rest()
    const more = Array.from({ length: 30 }, async (_, i) => {
      for (let turn = 0; turn < i % 5; turn++) await turnOfTheLoop()
      await write(store, `n${i}`)
    })
    await rest()
    disk.asked[0]!.resolve()
    await first
    await rest()
    disk.asked[1]!.resolve()
    await Promise.all(more)
    expect(disk.asked).toHaveLength(2)
  })

  it('of which the disk says that it failed is not told as done, and nothing begins after it', async () => {
    const disk = slowDisk()
    const path = join(folder(), 'a.sqlite')
    const store = await open(path, disk.sync)
    const first = write(store, 'a')
    await rest()
    const second = write(store, 'b')
    const settled = settledOf([first, second])
    await rest()
    disk.asked[0]!.reject(Object.assign(new Error('i/o error'), { code: 'EIO' }))
    await rest()
    expect(settled).toEqual(['failed', 'failed'])
    await expect(write(store, 'c')).rejects.toSatisfy(isGone)
    await expect(names(store)).rejects.toSatisfy(isGone)
    expect(disk.asked).toHaveLength(1)
    await store.close()
    const after = openStore(`sqlite:${path}`)
    expect(await names(after)).not.toContain('c')
    await after.close()
  })

  it('that was undone says so only when what it may have seen lasts', async () => {
    const disk = slowDisk()
    const store = await open(join(folder(), 'a.sqlite'), disk.sync)
    const first = write(store, 'a')
    await rest()
    const settled = settledOf([first, write(store, 'a')])
    await rest()
    expect(settled).toEqual(['waits', 'waits'])
    disk.asked[0]!.resolve()
    await rest()
    expect(settled).toEqual(['done', 'failed'])
  })

  it('that only read asks nothing of the disk', async () => {
    const disk = slowDisk()
    const store = await open(join(folder(), 'a.sqlite'), disk.sync)
    expect(await names(store)).toEqual([])
    expect(await store.transaction(tx => names({ db: tx }), 'serializable')).toEqual([])
    expect(disk.asked).toHaveLength(0)
  })
})

it('whatever was told is there after a power cut at any time', async () => {
  const nameOf = (i: number): string => `n${String(i).padStart(2, '0')}`
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 25 }),
      async gaps => {
        const dir = folder()
        const path = join(dir, 'a.sqlite')
        /** What the disk is sure to hold: of each answer the log as it was when it was asked. */
        const sure: string[] = []
        let asked = 0
        const sync: SyncFile = async () => {
          const image = join(dir, `cut-${asked++}.sqlite`)
          copyFileSync(path, image)
          copyFileSync(`${path}-wal`, `${image}-wal`)
          await turnOfTheLoop()
          sure.push(image)
        }
        const store = await open(path, sync)
        const told: { readonly name: string; readonly image: string }[] = []
        const all: Promise<void>[] = []
        for (const [i, gap] of gaps.entries()) {
          all.push(
            write(store, nameOf(i)).then(() => void told.push({ name: nameOf(i), image: sure.at(-1)! })),
          )
          for (let turn = 0; turn < gap; turn++) await turnOfTheLoop()
        }
        await Promise.all(all)
        for (const image of sure) {
          const after = openStore(`sqlite:${image}`, { outlives: 'process' })
          const there = await names(after)
          await after.close()
          expect(there).toEqual(there.map((_, i) => nameOf(i)))
          for (const one of told.filter(one => one.image === image)) expect(there).toContain(one.name)
        }
        expect(told).toHaveLength(gaps.length)
      },
    ),
    { numRuns: 15 },
  )
})

it('what a process that was killed had not brought to the disk is there before anybody reads it', async () => {
  const path = join(folder(), 'a.sqlite')
  const disk = slowDisk()
  const killed = await open(path, disk.sync)
  const written = write(killed, 'a')
  await rest()
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0)
  const logFirst = readFileSync(path)
  const next = openStore(`sqlite:${path}`)
  expect(readFileSync(path).equals(logFirst)).toBe(false)
  expect(await names(next)).toEqual(['a'])
  await next.close()
  for (const one of disk.asked) one.resolve()
  await written
})

it('stands beside the file itself when the address is a link to it', async () => {
  const dir = folder()
  const link = join(dir, 'link.sqlite')
  await (await open(join(dir, 'a.sqlite'))).close()
  symlinkSync(join(dir, 'a.sqlite'), link)
  const store = openStore(`sqlite:${link}`, { exclusive: true })
  await store.tx(tx => tx.insertInto('lease').values({ name: 'a', owner: 'a', fence: 1, until: 5 }).execute())
  expect(() => openStore(`sqlite:${join(dir, 'a.sqlite')}`, { exclusive: true })).toThrow('another process')
  expect(await names(store)).toEqual(['a'])
  await store.close()
})

describe('the log', () => {
  it('is moved into the file beside the work, long before SQLite would do so in its midst', async () => {
    const path = join(folder(), 'a.sqlite')
    const store = await open(path)
    const owner = 'x'.repeat(1500)
    for (let round = 1; round <= 4; round++) {
      const rows = (part: number) =>
        Array.from({ length: 500 }, (_, i) => ({ name: `${round}-${part}-${i}`, owner, fence: 1, until: 5 }))
      for (let part = 0; part < 20; part++)
        await store.transaction(tx => tx.insertInto('lease').values(rows(part)).execute(), 'serializable')
      await vi.waitFor(() => expect(statSync(path).size).toBeGreaterThan(round * 12 * mebi), 10_000)
    }
    expect(statSync(path).size).toBeGreaterThan(48 * mebi)
    expect(statSync(`${path}-wal`).size).toBeLessThan(60 * mebi)
  })

  it('is moved later when a checkpoint fails, and the operator is told', async () => {
    const path = join(folder(), 'a.sqlite')
    const told: string[] = []
    const log: Log = { ...noLog, warn: (_fields, message) => told.push(message) }
    const store = await open(path, async () => {}, log)
    const values = (round: number) =>
      Array.from({ length: 1000 }, (_, i) => ({ name: `${round}-${i}`, owner: 'o', fence: 1, until: 5 }))
    const aside = `${path}.aside`
    renameSync(path, aside)
    for (let round = 0; round < 2; round++)
      await store.transaction(tx => tx.insertInto('lease').values(values(round)).execute(), 'serializable')
    await vi.waitFor(() => expect(told).toEqual(['a checkpoint of the database failed']), 10_000)
    renameSync(aside, path)
    const { size } = statSync(path)
    for (let round = 2; round < 4; round++)
      await store.transaction(tx => tx.insertInto('lease').values(values(round)).execute(), 'serializable')
    await vi.waitFor(() => expect(statSync(path).size).toBeGreaterThan(size), 10_000)
    expect(told).toHaveLength(1)
  })
})
