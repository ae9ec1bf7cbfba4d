import fc from 'fast-check'
import { expect, it } from 'vitest'
import { classCounts } from '../../src/gateway/catalogue/browse.ts'
import { countLoan, getFreshRecord, titlesOf } from '../../src/gateway/catalogue/record.ts'
import { type SearchQuery, searchRecords } from '../../src/gateway/catalogue/search.ts'
import { shelves } from '../../src/gateway/catalogue/shelves.ts'
import { ProblemError } from '../../src/kernel/problem.ts'
import { book, bring, copies } from '../gateway/catalogue/books.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const shelf = [
  book('1', '三体', {
    author: '刘慈欣',
    year: 2008,
    isbns: ['9787536692930'],
    clc: 'I247.55',
    items: copies('1'),
  }),
  book('2', '三体Ⅱ：黑暗森林', { author: '刘慈欣', year: 2008, clc: 'I247.55' }),
  book('3', '刘慈欣谈科幻', {
    author: '王某',
    year: 2014,
    clc: 'I207.42',
    subjects: ['科学幻想小说－文学评论'],
  }),
  book('4', '番茄的故事', { author: '李四', year: 2020, clc: 'S641.2', publisher: '中国农业出版社' }),
  book('5', '西红柿炒鸡蛋', { titleRest: '番茄食谱', year: 2021, clc: 'TS972.12' }),
  book('6', 'C语言程序设计', { author: '谭浩强', year: 2010, clc: 'TP312.8' }),
  book('7', '哈利·波特与魔法石', {
    author: '罗琳',
    otherAuthors: ['苏农', 'Rowling, J. K'],
    year: 2018,
    clc: 'I561.84',
  }),
  book('8', 'Les misérables', { author: 'Hugo, Victor', year: 1998, isbns: ['9782070409228'] }),
]

const all = async (t: TestStore, q: string, more: Partial<SearchQuery> = {}) => {
  const page = await searchRecords(t.store.db, { q, field: 'any', sort: 'relevance', limit: 20, ...more })
  expect(page.total).toBe(page.items.length)
  return page.items.map(item => item.title)
}

eachStore('a search', fresh => {
  const stocked = async (): Promise<TestStore> => {
    const t = await fresh()
    await bring(t, 'sz', shelf)
    return t
  }

  it('finds Chinese words of one, two and more characters', async () => {
    const t = await stocked()
    expect(await all(t, '番茄')).toEqual(['番茄的故事', '西红柿炒鸡蛋'])
    expect(await all(t, '三体')).toEqual(['三体', '三体Ⅱ：黑暗森林'])
    expect(await all(t, '黑暗森林')).toEqual(['三体Ⅱ：黑暗森林'])
    expect(await all(t, '柿')).toEqual(['西红柿炒鸡蛋'])
    expect(await all(t, '茄番')).toEqual([])
    expect(await all(t, '三')).toEqual(['三体Ⅱ：黑暗森林', '三体'])
  })

  it('finds words in any order, mixed scripts, any width, and through punctuation', async () => {
    const t = await stocked()
    expect(await all(t, '森林 三体 刘慈欣')).toEqual(['三体Ⅱ：黑暗森林'])
    expect(await all(t, 'Ｃ语言')).toEqual(['C语言程序设计'])
    expect(await all(t, '哈利波特')).toEqual(['哈利·波特与魔法石'])
    expect(await all(t, 'rowling')).toEqual(['哈利·波特与魔法石'])
    expect(await all(t, 'MISERABLES')).toEqual(['Les misérables'])
    expect(await all(t, '农业出版社')).toEqual(['番茄的故事'])
  })

  it('looks where it is told to', async () => {
    const t = await stocked()
    expect((await all(t, '刘慈欣')).sort()).toEqual(['三体', '三体Ⅱ：黑暗森林', '刘慈欣谈科幻'].sort())
    expect(await all(t, '刘慈欣', { field: 'title' })).toEqual(['刘慈欣谈科幻'])
    expect((await all(t, '刘慈欣', { field: 'author' })).sort()).toEqual(['三体', '三体Ⅱ：黑暗森林'].sort())
    expect(await all(t, '王某', { field: 'title' })).toEqual([])
  })

  it('finds an ISBN of ten or thirteen digits, with or without hyphens, and takes no other number for one', async () => {
    const t = await stocked()
    for (const q of ['9787536692930', '978-7-5366-9293-0', '7-5366-9293-5', '978 7 5366 9293 0'])
      for (const field of ['isbn', 'any'] as const) expect(await all(t, q, { field }), q).toEqual(['三体'])
    expect(await all(t, '978-7-5366-9293-1', { field: 'isbn' })).toEqual([])
    expect(await all(t, '三体', { field: 'isbn' })).toEqual([])
  })

  it('finds classes by the beginning of their number', async () => {
    const t = await stocked()
    const clc = async (q: string) => (await all(t, q, { field: 'clc' })).sort()
    expect(await clc('I247.5')).toEqual(['三体', '三体Ⅱ：黑暗森林'].sort())
    expect(await clc('I2')).toEqual(['三体', '三体Ⅱ：黑暗森林', '刘慈欣谈科幻'].sort())
    expect(await clc('i3/7')).toEqual(['哈利·波特与魔法石'])
    expect(await clc('T')).toEqual(['C语言程序设计', '西红柿炒鸡蛋'])
    expect(await clc('TP')).toEqual(['C语言程序设计'])
    expect(await clc('森林')).toEqual([])
    expect(await all(t, 'TP312')).toEqual(['C语言程序设计'])
    expect(await all(t, 'I247 森林')).toEqual(['三体Ⅱ：黑暗森林'])
  })

  it('filters by library, and lists everything newest first when nothing is typed', async () => {
    const t = await stocked()
    await bring(t, 'wj', [
      book('w', '三体', { isbns: ['9787536692930'] }),
      book('v', '吴江志', { year: 2023 }),
    ])
    expect(await all(t, '三体', { library: 'wj' })).toEqual(['三体'])
    expect(await all(t, '', { library: 'wj' })).toEqual(['吴江志', '三体'])
    expect((await all(t, '  ')).slice(0, 3)).toEqual(['吴江志', '西红柿炒鸡蛋', '番茄的故事'])
    expect(await all(t, '三体', { library: 'none' })).toEqual([])
  })

  it('puts the very title first, then titles that begin so, then what is borrowed most, then the newest', async () => {
    const t = await fresh()
    await bring(t, 'sz', [
      book('1', '活着为了讲述', { year: 2020 }),
      book('2', '我们活着', { year: 2022, items: copies('2') }),
      book('3', '活着', { year: 1998 }),
      book('4', '他活着', { year: 2023 }),
    ])
    await t.store.tx(tx => countLoan(tx, 'sz', '2'))
    await t.store.tx(tx => countLoan(tx, 'sz', 'nowhere'))
    expect(await all(t, '活着')).toEqual(['活着', '活着为了讲述', '我们活着', '他活着'])
    expect(await all(t, '活着', { sort: 'new' })).toEqual(['他活着', '我们活着', '活着为了讲述', '活着'])
  })

  it.each(['relevance', 'new'] as const)(
    'pages by %s without gaps or repetitions, however many',
    async sort => {
      const t = await fresh()
      const books = Array.from({ length: 2600 }, (_, i) =>
        book(String(i), i % 50 === 0 ? '中国' : i % 7 === 0 ? `中国史${i}` : `论中国${i}`, {
          year: 1990 + (i % 30),
          author: `甲${i}`,
        }),
      )
      await bring(t, 'sz', books)
      await bring(t, 'wj', books.slice(0, 300))
      for (const [q, library, expected] of [
        ['中国', undefined, 2600],
        ['中国', 'wj', 300],
        ['甲', undefined, 2600],
        ['', undefined, 2600],
      ] as const) {
        const seen: string[] = []
        const titles: string[] = []
        let cursor: string | undefined
        do {
          const page = await searchRecords(t.store.db, {
            q,
            field: 'any',
            sort,
            limit: 97,
            ...(library ? { library } : {}),
            ...(cursor ? { cursor } : {}),
          })
          expect(page.total).toBe(expected)
          seen.push(...page.items.map(item => item.id))
          titles.push(...page.items.map(item => item.title))
          cursor = page.next ?? undefined
        } while (cursor)
        expect([seen.length, new Set(seen).size]).toEqual([expected, expected])
        if (sort === 'relevance' && q === '中国') {
          const exact = titles.filter(title => title === '中国').length
          expect(titles.slice(0, exact)).toEqual(Array(exact).fill('中国'))
          expect(exact).toBe(library ? 6 : 52)
        }
      }
    },
  )

  it('takes no text for anything but text', async () => {
    const t = await stocked()
    const everything = (await searchRecords(t.store.db, { q: '', field: 'any', sort: 'new', limit: 100 }))
      .total
    const hostile = [
      '"',
      "'",
      '三体" OR "番茄',
      "三体'::tsquery; drop table work; --",
      'title:三体',
      'NOT 三体',
      '三体*',
      '*',
      '^三体',
      '{title}:x',
      '(',
      ')',
      '三体 AND',
      'NEAR(三体 番茄)',
      '\\',
      "' | '三体",
      '三体:*',
      '!三体',
      '&',
      '%',
      '_',
      '\u0000',
      '三\u0000体',
      '\ud800',
      '🦀',
      '-',
      '--',
      '三体;',
      'a'.repeat(5000),
      '三'.repeat(5000),
    ]
    const fields = ['any', 'title', 'author', 'isbn', 'clc'] as const
    for (const q of hostile)
      for (const field of fields) {
        const { total } = await searchRecords(t.store.db, { q, field, sort: 'relevance', limit: 5 })
        expect(total, q).toBeLessThanOrEqual(2)
      }
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.constantFrom(...fields), async (q, field) => {
        await searchRecords(t.store.db, { q, field, library: q, sort: 'relevance', limit: 5 })
      }),
      { numRuns: 60 },
    )
    expect(await all(t, '三体*')).toEqual(await all(t, '三体'))
    expect((await searchRecords(t.store.db, { q: '', field: 'any', sort: 'new', limit: 100 })).total).toBe(
      everything,
    )
  })

  it('refuses a page marker that it has not made', async () => {
    const t = await stocked()
    for (const cursor of ['x', '', '1-2', '9-9-9', '0-1-2-3;', '-', '0-zzzzzzzzzzzzzzzzzzzzzz-1', '三'])
      await expect(
        searchRecords(t.store.db, { q: '三体', field: 'any', sort: 'new', limit: 5, cursor }),
        cursor,
      ).rejects.toThrow(ProblemError)
  })

  it('counts the works of each class, for the consortium and for a library', async () => {
    const t = await stocked()
    await bring(t, 'wj', [
      book('w', '三体', { isbns: ['9787536692930'], clc: 'I247.55' }),
      book('v', '物理', { clc: 'O4' }),
    ])
    const counts = async (query: Parameters<typeof classCounts>[1]) =>
      Object.fromEntries(
        (await classCounts(t.store.db, query)).filter(c => c.records > 0).map(c => [c.code, c.records]),
      )
    expect(await counts({})).toEqual({ I: 4, O: 1, S: 1, T: 2 })
    expect(await counts({ library: 'wj' })).toEqual({ I: 1, O: 1 })
    expect(await counts({ parent: 'I' })).toEqual({ I2: 3, 'I3/7': 1 })
    expect(await counts({ parent: 'T', library: 'sz' })).toEqual({ TP: 1, TS: 1 })
    expect((await classCounts(t.store.db)).map(c => c.code).join('')).toBe('ABCDEFGHIJKNOPQRSTUVXZ')
    const listed = await classCounts(t.store.db, { parent: 'I' })
    for (const { code, records } of listed)
      expect((await searchRecords(t.store.db, { q: code, field: 'clc', sort: 'new', limit: 9 })).total).toBe(
        records,
      )
  })

  it('has shelves of the newest and of the most borrowed, and none without books', async () => {
    const t = await fresh()
    const now = t.clock.now()
    expect(await shelves(t.store.db, { now })).toEqual([])
    await bring(t, 'sz', [...shelf, book('9', '未来之书', { year: 2099 })])
    expect(
      (await shelves(t.store.db, { now, limit: 2 })).map(s => [s.id, s.items.map(i => i.title)]),
    ).toEqual([['new', ['西红柿炒鸡蛋', '番茄的故事']]])
    await t.store.tx(tx => countLoan(tx, 'sz', '1'))
    const [, popular] = await shelves(t.store.db, { now })
    expect([popular?.id, popular?.items.map(i => i.title)]).toEqual(['popular', ['三体']])
  })

  it('tells how copies are by asking, and says so where nobody answers', async () => {
    const t = await fresh()
    await bring(t, 'sz', [book('1', '三体', { items: copies('a', 'b', 'c') })])
    const [found] = (await searchRecords(t.store.db, { q: '三体', field: 'any', sort: 'new', limit: 1 }))
      .items
    const at = t.clock.now()
    const port = {
      ask: async () => [
        { libraryId: 'sz', barcode: 'a', status: 'free' as const, dueAt: null, at },
        { libraryId: 'sz', barcode: 'b', status: 'lent' as const, dueAt: at, at },
      ],
    }
    const answer = await getFreshRecord(t.store.db, found!.id, port)
    expect(answer?.record.holdings.map(h => [h.barcode, h.status, h.dueAt])).toEqual([
      ['a', 'free', null],
      ['b', 'lent', '2026-11-23T00:00:00.000Z'],
      ['c', 'unknown', null],
    ])
    expect([answer?.record.copies, answer?.record.free]).toEqual([3, 2])
    expect(await getFreshRecord(t.store.db, 'none', port)).toBeUndefined()
    expect(
      await titlesOf(t.store.db, [
        ['sz', 'a'],
        ['sz', 'zz'],
      ]),
    ).toEqual(new Map([['sz/a', { title: '三体', workId: found!.id }]]))
  })
})
