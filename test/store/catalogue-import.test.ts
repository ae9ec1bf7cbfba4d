import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { BibRecord } from '../../src/adapters/catalogue/catalogue.ts'
import { classCounts } from '../../src/gateway/catalogue/browse.ts'
import { findByBarcode, getRecord, itemsOfWork, keepKnowledge } from '../../src/gateway/catalogue/record.ts'
import { searchRecords } from '../../src/gateway/catalogue/search.ts'
import type { Db } from '../../src/gateway/store/db.ts'
import { book, bring, copies } from '../gateway/catalogue/books.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const threeBody = book('c1', '三体', {
  author: '刘慈欣',
  publisher: '重庆出版社',
  year: 2008,
  isbns: ['9787536692930'],
  clc: 'I247.55',
  items: copies('001', '002'),
})

const find = (db: Db, q: string, library?: string) =>
  searchRecords(db, { q, field: 'any', sort: 'relevance', limit: 20, ...(library ? { library } : {}) })

/** Everything that is stored, but for when and in which order it came. */
const contents = async ({ store }: TestStore) => ({
  bibs: await store.db
    .selectFrom('bib')
    .selectAll()
    .orderBy('library_id')
    .orderBy('control_number')
    .execute(),
  items: await store.db.selectFrom('item').selectAll().orderBy('library_id').orderBy('barcode').execute(),
  works: (await store.db.selectFrom('work').selectAll().orderBy('id').execute()).map(
    ({ place: _, ...w }) => w,
  ),
  counts: await store.db
    .selectFrom('class_count')
    .selectAll()
    .where('works', '<>', 0)
    .orderBy('library_id')
    .orderBy('class')
    .execute(),
})

eachStore('an import', fresh => {
  it('counts what was read, imported and refused, and tells where each refusal stood', async () => {
    const t = await fresh()
    const told: number[] = []
    const result = await bring(t, 'sz', [threeBody, 'no-title: x', book('c2', '活着')], {
      batch: 1,
      onProgress: progress => told.push(progress.imported),
    })
    expect(result).toEqual({
      read: 3,
      imported: 2,
      refused: [{ record: 2, offset: 100, reason: 'no-title: x' }],
    })
    expect(told).toEqual([1, 2, 2])
  })

  it('done again changes nothing; done with changes changes just these', async () => {
    const t = await fresh()
    await bring(t, 'sz', [threeBody, book('c2', '活着', { author: '余华', clc: 'I247.57' })])
    const before = await contents(t)
    t.clock.jump(t.clock.now() + 5000)
    await bring(t, 'sz', [threeBody, book('c2', '活着', { author: '余华', clc: 'I247.57' })])
    expect(await contents(t)).toEqual(before)
    await bring(t, 'sz', [{ ...threeBody, publisher: '江苏凤凰文艺出版社' }])
    const changed = await contents(t)
    expect(changed.bibs.map(b => b.updated_at)).toEqual([t.clock.now(), t.clock.now() - 5000])
    expect(changed.works).toEqual(before.works)
    expect((await find(t.store.db, '凤凰')).items.map(i => i.title)).toEqual(['三体'])
    expect((await find(t.store.db, '重庆')).total).toBe(0)
  })

  it('joins one ISBN of several libraries into one work with all their copies', async () => {
    const t = await fresh()
    await bring(t, 'sz', [threeBody])
    await bring(t, 'wj', [
      book('x9', '三体 : 地球往事', { isbns: ['9787536692930'], summary: '……', items: copies('001') }),
    ])
    const { items, total } = await find(t.store.db, '三体')
    expect([total, items[0]?.copies, items[0]?.free, items[0]?.libraries]).toEqual([1, 3, 3, ['sz', 'wj']])
    const record = await getRecord(t.store.db, items[0]!.id)
    expect(record).toMatchObject({ author: '刘慈欣', clc: 'I247.55', summary: '……', isbn: '9787536692930' })
    expect(record?.holdings.map(h => [h.libraryId, h.branchId, h.barcode])).toEqual([
      ['sz', 'sz-main', '001'],
      ['sz', 'sz-main', '002'],
      ['wj', 'wj-main', '001'],
    ])
    expect((await find(t.store.db, '三体', 'wj')).total).toBe(1)
    expect((await find(t.store.db, '三体', 'gs')).total).toBe(0)
  })

  it('keeps the volumes of a set apart though they share its ISBN', async () => {
    const t = await fresh()
    const set = { isbns: ['9787531574255'] }
    await bring(t, 'sz', [
      book('1', '拉玛拉玛, 早上好', set),
      book('2', '拉玛拉玛, 晚安', set),
      book('3', '战争与和平', { ...set, titleRest: '第1卷' }),
      book('4', '战争与和平', { ...set, titleRest: '第2卷' }),
      book('5', '战争与和平(上)', set),
    ])
    expect((await find(t.store.db, '9787531574255')).total).toBe(5)
  })

  it('joins books without ISBN by title, author and year, and no others', async () => {
    const t = await fresh()
    const old = { author: '曹雪芹', year: 1957 }
    await bring(t, 'sz', [book('1', '红楼梦', old), book('2', '红楼梦', { ...old, year: 1982 })])
    await bring(t, 'wj', [book('7', '《红楼梦》', old), book('8', '红楼梦', { ...old, author: '高鹗' })])
    const { items, total } = await find(t.store.db, '红楼梦')
    expect(total).toBe(3)
    expect(items.find(i => i.year === 1957 && i.author === '曹雪芹')?.libraries).toEqual(['sz', 'wj'])
  })

  it('moves a record to another work when its ISBN is corrected, copies and all, and drops the empty one', async () => {
    const t = await fresh()
    await bring(t, 'sz', [{ ...threeBody, isbns: [] }])
    const [before] = (await find(t.store.db, '三体')).items
    await bring(t, 'sz', [threeBody])
    const { items, total } = await find(t.store.db, '三体')
    expect([total, items[0]?.copies]).toEqual([1, 2])
    expect(items[0]?.id).not.toBe(before?.id)
    expect(await getRecord(t.store.db, before!.id)).toBeUndefined()
    expect(await itemsOfWork(t.store.db, before!.id)).toEqual([])
    expect((await classCounts(t.store.db)).find(c => c.code === 'I')?.records).toBe(1)
  })

  it('removes a copy that a record no longer lists, but none when a record lists no copies at all', async () => {
    const t = await fresh()
    await bring(t, 'sz', [threeBody])
    await bring(t, 'sz', [{ ...threeBody, items: copies('002', '003') }])
    const barcodes = async () =>
      (await t.store.db.selectFrom('item').select('barcode').orderBy('barcode').execute()).map(i => i.barcode)
    expect(await barcodes()).toEqual(['002', '003'])
    await bring(t, 'sz', [{ ...threeBody, isbns: ['9787229030933'], items: [] }])
    expect(await barcodes()).toEqual(['002', '003'])
    const [moved] = (await find(t.store.db, '9787229030933')).items
    expect(moved?.copies).toBe(2)
    await bring(t, 'sz', [{ ...threeBody, items: copies('003') }])
    expect(await barcodes()).toEqual(['003'])
  })

  it('keeps what is known of a copy, and gives it to the record that lists its barcode last', async () => {
    const t = await fresh()
    await bring(t, 'sz', [threeBody])
    const at = t.clock.now()
    await t.store.tx(tx =>
      keepKnowledge(tx, [{ libraryId: 'sz', barcode: '001', status: 'lent', dueAt: at + 1000, at }]),
    )
    await t.store.tx(tx =>
      keepKnowledge(tx, [{ libraryId: 'sz', barcode: '001', status: 'free', dueAt: null, at: at - 1 }]),
    )
    await bring(t, 'sz', [{ ...threeBody, publisher: '别的' }])
    expect((await find(t.store.db, '三体')).items[0]).toMatchObject({ copies: 2, free: 1 })
    await bring(t, 'sz', [book('c2', '活着', { items: copies('001') })])
    const [copy] = await findByBarcode(t.store.db, '001', 'sz')
    expect(copy).toMatchObject({ controlNumber: 'c2', status: 'lent', dueAt: at + 1000 })
    expect((await find(t.store.db, '活着')).items[0]).toMatchObject({ copies: 1, free: 0 })
  })

  it('puts copies where the location table says, and finds a barcode in whichever library has it', async () => {
    const t = await fresh()
    const locationToBranch = (location: string | undefined) =>
      location === 'GQJ'
        ? ({ branchId: 'guanqian', shelving: 'closed', lendable: false } as const)
        : { branchId: 'main' }
    await bring(t, 'sz', [threeBody], { locationToBranch })
    await bring(t, 'wj', [book('1', '活着', { items: [{ barcode: '001', shelving: 'open' }] })])
    expect((await findByBarcode(t.store.db, '001')).map(c => [c.libraryId, c.branchId, c.shelving])).toEqual([
      ['sz', 'guanqian', 'closed'],
      ['wj', 'wj-main', 'open'],
    ])
    const [found] = (await find(t.store.db, '三体')).items
    expect([found?.copies, found?.free]).toEqual([2, 0])
    const record = await getRecord(t.store.db, found!.id)
    expect(record?.holdings.map(h => h.status)).toEqual(['not-lendable', 'not-lendable'])
  })

  it('asks once where each copy stands, also for those that an export left out', async () => {
    const t = await fresh()
    const asked: (string | undefined)[] = []
    const locationToBranch = (location: string | undefined) => {
      asked.push(location)
      return { branchId: 'main' }
    }
    await bring(t, 'sz', [threeBody], { locationToBranch })
    expect(asked).toEqual(threeBody.items.map(({ location }) => location))
    asked.length = 0
    await bring(t, 'sz', [{ ...threeBody, publisher: '别的', items: [] }], { locationToBranch })
    expect(asked).toEqual(threeBody.items.map(({ location }) => location))
    expect(await findByBarcode(t.store.db, threeBody.items[0]!.barcode)).toHaveLength(1)
  })

  it('of two records with one control number keeps the later', async () => {
    const t = await fresh()
    await bring(t, 'sz', [book('1', '甲'), book('1', '乙'), book('2', '丙')])
    expect((await find(t.store.db, '甲')).total).toBe(0)
    expect((await find(t.store.db, '乙')).total).toBe(1)
  })

  it('ends in the same catalogue whatever the order and the portions records come in', async () => {
    const titles = ['三体', '三体 : 地球往事', '活着']
    const record = fc
      .record({
        controlNumber: fc.constantFrom('1', '2', '3', '4'),
        title: fc.constantFrom(...titles),
        isbn: fc.constantFrom('9787536692930', '9787536692954', ''),
        year: fc.constantFrom(2008, 2010, undefined),
        clc: fc.constantFrom('I247.55', 'TP18', undefined),
      })
      .map(
        ({ controlNumber, title, isbn, year, clc }): BibRecord =>
          book(controlNumber, title, {
            isbns: isbn ? [isbn] : [],
            ...(year ? { year } : {}),
            ...(clc ? { clc } : {}),
            items: copies(controlNumber),
          }),
      )
    const step = fc.record({
      library: fc.constantFrom('sz', 'wj'),
      records: fc.array(record, { maxLength: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 5 }), async steps => {
        const [slow, direct] = [await fresh(), await fresh()]
        for (const { library, records } of steps) await bring(slow, library, records, { batch: 2 })
        const last = new Map(steps.flatMap(s => s.records.map(r => [`${s.library}/${r.controlNumber}`, r])))
        for (const library of ['wj', 'sz'])
          await bring(
            direct,
            library,
            [...last].filter(([key]) => key.startsWith(library)).map(([, r]) => r),
          )
        expect(await contents(slow)).toEqual(await contents(direct))
      }),
      { numRuns: 8 },
    )
  })
})
