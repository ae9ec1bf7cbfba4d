import { afterEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/gateway/store/db.ts'
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
})
