import { expect, it } from 'vitest'
import { keepKnowledge } from '../../src/gateway/catalogue/record.ts'
import { type SearchQuery, searchRecords } from '../../src/gateway/catalogue/search.ts'
import { book, bring, copies } from '../gateway/catalogue/books.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const page = (t: TestStore, q: string, more: Partial<SearchQuery> = {}) =>
  searchRecords(t.store.db, { q, field: 'any', sort: 'relevance', limit: 20, ...more })
const titles = async (t: TestStore, q: string, more: Partial<SearchQuery> = {}) => {
  const found = await page(t, q, more)
  expect(found.total).toBe(found.items.length)
  return found.items.map(item => item.title)
}

eachStore('a search that is narrowed', fresh => {
  const stocked = async (): Promise<TestStore> => {
    const t = await fresh()
    await bring(t, 'sz', [
      book('1', '三体', { year: 2008, clc: 'I247.55', items: copies('1', '2') }),
      book('2', '三体问题', { year: 2012, clc: 'P132', items: copies('3') }),
      book('3', '三体人', { year: 2015, clc: 'I3', items: [] }),
      book('4', '番茄', { year: 2020, clc: 'S641.2', items: copies('4') }),
    ])
    const at = t.clock.now()
    await t.store.tx(tx =>
      keepKnowledge(tx, [
        { libraryId: 'sz', barcode: '1', status: 'lent', dueAt: null, at },
        { libraryId: 'sz', barcode: '3', status: 'lent', dueAt: null, at },
        { libraryId: 'sz', barcode: '4', status: 'free', dueAt: null, at },
      ]),
    )
    return t
  }

  it('to a class finds only what is in it, with words and without', async () => {
    const t = await stocked()
    expect(await titles(t, '三体', { clc: 'I' })).toEqual(['三体', '三体人'])
    expect(await titles(t, '', { clc: 'I2' })).toEqual(['三体'])
    expect(await titles(t, '三体', { clc: 'I3/7' })).toEqual(['三体人'])
    expect(await titles(t, '三体', { clc: '不是分类' })).toEqual([])
  })

  it('to free copies leaves out what is lent and what has no copy', async () => {
    const t = await stocked()
    expect(await titles(t, '三体', { available: true })).toEqual(['三体'])
    expect(await titles(t, '', { available: true, sort: 'new' })).toEqual(['番茄', '三体'])
    expect(await titles(t, '', { available: true, clc: 'P' })).toEqual([])
  })

  it('shows every free work once over its pages, also behind many lent ones', async () => {
    const t = await fresh()
    const all = Array.from({ length: 1300 }, (_, i) =>
      book(`${i}`, i % 100 === 0 ? '夜航' : `夜航 ${i}`, { year: 2000 + (i % 20), items: copies(`b${i}`) }),
    )
    await bring(t, 'sz', all)
    const at = t.clock.now()
    const lent = all.flatMap((_, i) => (i % 10 === 0 ? [] : [`b${i}`]))
    await t.store.tx(tx =>
      keepKnowledge(
        tx,
        lent.map(barcode => ({ libraryId: 'sz', barcode, status: 'lent' as const, dueAt: null, at })),
      ),
    )
    for (const sort of ['relevance', 'new'] as const) {
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const found = await page(t, '夜航', {
          sort,
          available: true,
          limit: 17,
          ...(cursor === undefined ? {} : { cursor }),
        })
        expect(found.items.every(item => item.free > 0)).toBe(true)
        expect(found.items.length === 17 || found.next === null).toBe(true)
        seen.push(...found.items.map(item => item.id))
        cursor = found.next ?? undefined
      } while (cursor !== undefined)
      // Of 130 free records the 13 of the same title and year are one work.
      expect([sort, seen.length, new Set(seen).size]).toEqual([sort, 118, 118])
    }
  })
})
