import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { codeOf, openStore } from '../../src/gateway/store/db.ts'
import { sqliteFileStore, type TestStore } from '../harness/store.ts'

const open: TestStore[] = []
afterEach(async () => {
  for (const test of open.splice(0)) await test.close()
})
const fresh = async (): Promise<TestStore> => {
  const test = await sqliteFileStore()
  open.push(test)
  return test
}
const lease = (name: string) => ({ name, owner: 'a', fence: 1, until: 5 })
const names = async ({ store }: Pick<TestStore, 'store'>): Promise<string[]> =>
  (await store.db.selectFrom('lease').select('name').orderBy('name').execute()).map(r => r.name)

describe('transactions that are committed together', () => {
  it('are each whole: one that throws leaves nothing and disturbs no other', async () => {
    const test = await fresh()
    const write = (name: string, fails: boolean) =>
      test.store.tx(async tx => {
        await tx.insertInto('lease').values(lease(name)).execute()
        if (fails) throw new Error(`no ${name}`)
        return name
      })
    const all = await Promise.allSettled([write('a', false), write('b', true), write('c', false)])
    expect(all.map(one => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await names(test)).toEqual(['a', 'c'])
  })

  it('see what those before them wrote, as if each had been alone', async () => {
    const { store } = await fresh()
    await store.db.insertInto('lease').values(lease('n')).execute()
    const raise = () =>
      store.tx(async tx => {
        const { fence } = await tx.selectFrom('lease').select('fence').executeTakeFirstOrThrow()
        await tx
          .updateTable('lease')
          .set({ fence: fence + 1 })
          .execute()
        return fence
      })
    const seen = await Promise.all(Array.from({ length: 150 }, raise))
    expect(seen).toEqual(Array.from({ length: 150 }, (_, i) => i + 1))
  })

  it('are told of their end only when everybody else can read it too', async () => {
    const test = await fresh()
    const other = openStore(test.url)
    const told = await Promise.all(
      ['a', 'b', 'c'].map(async name => {
        await test.store.tx(async tx => {
          await tx.insertInto('lease').values(lease(name)).execute()
        })
        return (await names({ store: other })).includes(name)
      }),
    )
    await other.close()
    expect(told).toEqual([true, true, true])
  })

  it('run what was to follow them after the commit, and not at all when they failed', async () => {
    const { store } = await fresh()
    const after: string[] = []
    const write = (name: string, fails: boolean) =>
      store.tx(async (tx, then) => {
        then(() => after.push(name))
        await tx.insertInto('lease').values(lease(name)).execute()
        if (fails) throw new Error('no')
      })
    await Promise.allSettled([write('a', false), write('b', true), write('c', false)])
    expect(after).toEqual(['a', 'c'])
  })

  it('still find out about one another when two want the same row', async () => {
    const test = await fresh()
    const write = () => test.store.tx(tx => tx.insertInto('lease').values(lease('same')).execute())
    const all = await Promise.allSettled([write(), write()])
    expect(all.map(one => one.status)).toEqual(['fulfilled', 'rejected'])
    expect(await names(test)).toEqual(['same'])
  })

  it('cannot be reached by what is left of one that failed', async () => {
    const test = await fresh()
    const gate = Promise.withResolvers<void>()
    let straggler: Promise<unknown> | undefined
    const first = test.store.tx(tx => tx.insertInto('lease').values(lease('first')).execute())
    const failing = test.store.tx(async tx => {
      straggler = gate.promise.then(() => tx.insertInto('lease').values(lease('late')).execute())
      throw new Error('no')
    })
    const next = test.store.tx(async tx => {
      gate.resolve()
      await expect(straggler).rejects.toThrow()
      await tx.insertInto('lease').values(lease('next')).execute()
    })
    await expect(failing).rejects.toThrow('no')
    await Promise.all([first, next])
    expect(await names(test)).toEqual(['first', 'next'])
  })

  it('let nobody read what is not committed, and everybody read in between', async () => {
    const test = await fresh()
    const seen: number[] = []
    const write = (n: number) =>
      test.store.tx(async tx => {
        await tx
          .insertInto('lease')
          .values(lease(`n${n}`))
          .execute()
        if (n % 3 === 0) throw new Error('no')
      })
    const read = async () => {
      const other = await names(test)
      seen.push(other.length)
      expect(other.filter(name => Number(name.slice(1)) % 3 === 0)).toEqual([])
    }
    const all = Array.from({ length: 200 }, (_, n) => (n % 2 === 0 ? write(n / 2) : read()))
    await Promise.allSettled(all)
    await Promise.all(all.filter((_, n) => n % 2 === 1))
    expect(await names(test)).toHaveLength(66)
    expect(seen[0]).toBeLessThan(66)
  })

  it('all fail when the disk is full, with what SQLite said, and later ones go on', async () => {
    const test = await fresh()
    const { store } = test
    await sql`pragma max_page_count = ${sql.lit(await pages(store))}`.execute(store.db)
    const write = (name: string, size: number) =>
      store.tx(async tx => {
        await tx
          .insertInto('lease')
          .values({ ...lease(name), owner: 'x'.repeat(size) })
          .execute()
      })
    const after = store.tx(async () => 1).catch(() => 0)
    const full = await Promise.allSettled([write('a', 1), write('b', 1_000_000), write('c', 1)])
    await after
    expect(full.map(one => one.status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    for (const one of full.slice(0, 2))
      expect(codeOf(one.status === 'rejected' && one.reason)).toBe('SQLITE_FULL')
    await sql`pragma max_page_count = 1000000`.execute(store.db)
    await write('d', 1_000_000)
    expect(await names(test)).toEqual(['c', 'd'])
  })

  it('that swallow a full disk are told all the same that nothing was kept', async () => {
    const test = await fresh()
    const { store } = test
    await sql`pragma max_page_count = ${sql.lit(await pages(store))}`.execute(store.db)
    const swallowing = store.tx(async tx => {
      const big = { ...lease('big'), owner: 'x'.repeat(1_000_000) }
      await tx.insertInto('lease').values(lease('a')).execute()
      await tx
        .insertInto('lease')
        .values(big)
        .execute()
        .catch(() => {})
    })
    await expect(swallowing).rejects.toThrow('full')
    expect(await names(test)).toEqual([])
  })
})

it('SQLite itself syncs its log before moving it into the file, unless commits need only outlive the process', async () => {
  const { store, url } = await fresh()
  const forced = async (of: typeof store) =>
    (await sql<{ synchronous: number }>`pragma synchronous`.execute(of.db)).rows[0]!.synchronous
  const [off, normal] = [0, 1]
  expect(await forced(store)).toBe(normal)
  const lesser = openStore(url, { outlives: 'process' })
  expect(await forced(lesser)).toBe(off)
  await lesser.close()
})

const pages = async (store: TestStore['store']): Promise<number> =>
  (await sql<{ page_count: number }>`pragma page_count`.execute(store.db)).rows[0]!.page_count + 1
