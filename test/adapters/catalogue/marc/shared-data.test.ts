import { existsSync, readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { SourceRecord } from '../../../../src/adapters/catalogue/catalogue.ts'
import { marcFile } from '../../../../src/adapters/catalogue/marc/source.ts'
import { isbn13 } from '../../../../src/kernel/isbn.ts'
import { readAll } from './read.ts'
import { cnmarcBook, isoRecord } from './write.ts'

const folder = new URL('../../../../../shared/data/marc/', import.meta.url)
const there = existsSync(folder)
if (!there) console.log('skipped: the MARC collection ../shared/data/marc is not there')

const bytesOf = (name: string): Buffer => readFileSync(new URL(name, folder))
const read = async (name: string): Promise<SourceRecord[]> =>
  Array.fromAsync((await marcFile(new URL(name, folder).pathname)).records())
const refusals = (all: readonly SourceRecord[]): [number, string][] =>
  all.filter(r => !r.ok).map(r => [r.number, r.ok ? '' : (r.reason.split(':')[0] ?? '')])
const good = (all: readonly SourceRecord[]) => all.flatMap(r => (r.ok ? [r.record] : []))

interface Origin {
  file: string
  seq: number
  id: string
  title: string
  isbn: string
}

const provenance = (): Origin[] => {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of readFileSync(new URL('zh/provenance.csv', folder), 'utf8').matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g,
  )) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end !== ',') rows.push([])
  }
  return rows
    .slice(1)
    .filter(r => r.length > 6)
    .map(r => ({ file: r[0]!, seq: Number(r[1]), id: r[2]!, title: r[3]!, isbn: r[6]! }))
}

describe.skipIf(!there)('real records', () => {
  it('of the Chinese MARC21 collection are imported or refused, each with its number', async () => {
    const all = await read('zh/zh_marc21_utf8.mrc')
    expect(all.map(r => r.number)).toEqual(Array.from({ length: 108 }, (_, i) => i + 1))
    expect(refusals(all)).toEqual([
      [47, 'garbled'],
      [50, 'garbled'],
      [67, 'deleted'],
    ])
    expect(good(all).filter(r => r.isbns.length > 0).length).toBe(56)
  })

  it('have the control numbers and valid ISBNs that their provenance lists', async () => {
    const files: Record<string, SourceRecord[]> = {
      'zh_marc21_utf8.mrc': await read('zh/zh_marc21_utf8.mrc'),
      'cnmarc_cmarc_utf8.iso': await read('zh/cnmarc_cmarc_utf8.iso'),
    }
    let compared = 0
    for (const { file, seq, id, isbn } of provenance()) {
      const record = files[file]?.[seq - 1]
      if (!record?.ok) continue
      compared++
      if (id !== '') expect(record.record.controlNumber, `${file} ${seq}`).toBe(id)
      const listed = isbn
        .split(';')
        .map(isbn13)
        .filter(i => i !== undefined)
      expect([...record.record.isbns].sort(), `${file} ${seq}`).toEqual([...new Set(listed)].sort())
    }
    expect(compared).toBe(144)
  })

  it('of the CNMARC collection are all imported, and their titles are those of their provenance', async () => {
    const all = await read('zh/cnmarc_cmarc_utf8.iso')
    expect(refusals(all)).toEqual([])
    const listed = provenance().filter(p => p.file === 'cnmarc_cmarc_utf8.iso')
    expect(listed).toHaveLength(39)
    for (const { seq, title } of listed) {
      const record = all[seq - 1]
      expect(record?.ok && title.startsWith(record.record.title), `${seq} ${title}`).toBe(true)
    }
  })

  it('of the CNMARC collection carry the facts that stand on their title pages', async () => {
    const all = good(await read('zh/cnmarc_cmarc_utf8.iso'))
    const by = (isbn: string) => all.find(r => r.isbns.includes(isbn))
    expect(by('9787020144532')).toMatchObject({
      title: '哈利·波特与魔法石',
      author: '罗琳',
      otherAuthors: ['苏农', 'Rowling, J. K'],
      publisher: '人民文学出版社',
      year: 2018,
      clc: 'I561.84',
      subjects: ['儿童小说－长篇小说－英国－现代'],
      language: 'chi',
    })
    expect(by('9787101105285')).toMatchObject({ title: '杜诗详注', author: '杜甫', otherAuthors: ['仇兆鳌'] })
    expect(by('9787302583509')).toMatchObject({ title: '人工智能导论', clc: 'TP18', year: 2021 })
    expect(by('9787115270757')).toMatchObject({
      titleRest:
        '= Surreptitious software: obfuscation, watermarking, and tamperproofing for software protection',
      otherAuthors: ['纳盖雷', '崔孝晨', 'Collberg, Christian', 'Nagra, Jasvir'],
    })
    expect(by('9787503714252')?.items.map(i => i.barcode)).toEqual(['1667201', '1667202', '1667203'])
    expect(by('9789577460349')?.year).toBe(1995)
  })

  it('are the same in UTF-8 and in GB18030', async () => {
    const twins = [await read('zh/cnmarc_cmarc_utf8.iso'), await read('zh/cnmarc_cmarc_gb18030.iso')]
    expect(good(twins[1]!)).toEqual(good(twins[0]!))
    const original = good(await read('zh/cnmarc_gbk_original.iso'))
    expect(original).toHaveLength(5)
    const known = good(twins[0]!).slice(34)
    expect(original.map(r => [r.title, r.author, r.isbns, r.clc])).toEqual(
      known.map(r => [r.title, r.author, r.isbns, r.clc]),
    )
  })

  it('in MARC-8 with Chinese are refused, those in plain letters are not', async () => {
    const eacc = refusals(await read('encodings/nypl_9_marc8_eacc.mrc'))
    expect(eacc).toEqual([4, 5, 6, 7, 8].map(n => [n, 'marc-8']))
    expect(refusals(await read('encodings/yaz_marc12_chi_marc8_eacc.mrc'))).toEqual([[1, 'marc-8']])
    expect(refusals(await read('encodings/brkrtest_marc8.mrc'))).toEqual(
      [2, 3, 4, 5, 6].map(n => [n, 'marc-8']),
    )
    expect(refusals(await read('encodings/marc4js_marc8_utf8_mixed_6.mrc'))).toEqual(
      [3, 4, 6].map(n => [n, 'marc-8']),
    )
  })

  it.each([
    ['encodings/brkrtest_utf8.mrc', 8],
    ['encodings/nypl_6_utf8.mrc', 6],
    ['encodings/yaz_marccol1_19_chi_utf8.mrc', 19],
    ['general/blacklight_30_utf8.mrc', 30, 4],
    ['general/loc_booksall2014_100.mrc', 100],
  ])('of %s are all imported but for what its source deleted', async (name, count, deleted?: number) => {
    const all = await read(name)
    expect(refusals(all)).toEqual(deleted ? [[deleted, 'deleted']] : [])
    expect(all).toHaveLength(count)
    expect(good(all).filter(r => /[\x00-\x1f\x80-\x9f/:;=]$/.test(r.title))).toEqual([])
  })

  it.each([
    ['bad/pymarc_bad_eacc_encoding.dat', 'marc-8'],
    ['bad/pymarc_bad_indicator.dat', 'Aristocrats of color'],
    ['bad/pymarc_bad_marc8_escape.dat', 'marc-8'],
    ['bad/pymarc_bad_subfield_code.dat', 'ActivePerl with ASP and ADO'],
    ['bad/pymarc_diacritic.dat', 'Amateur media'],
    ['bad/pymarc_multi_isbn.dat', 'The town scold'],
    ['bad/rubymarc_marc_with_bad_utf8.utf8.marc', 'Ten years at NIH'],
    ['bad/rubymarc_random_tag_order.dat', 'Blonde on blonde'],
    ['bad/rubymarc_random_tag_order2.dat', 'Blues on Blonde on blonde'],
    ['bad/rubymarc_utf8_with_bad_bytes.marc', 'undecodable'],
    ['bad/yaz_marc0.marc', 'no-title'],
    ['bad/yaz_marc10.marc', 'marc-8'],
    ['bad/yaz_marc4.marc', 'no-leader, Byfornyelse ved Ibsen-Ringen'],
    ['bad/yaz_marc7.marc', 'marc-8'],
  ])('in %s are read or refused, and cost no good record before or behind them', async (name, outcome) => {
    const before = isoRecord(cnmarcBook('before', '前面的书'))
    const behind = isoRecord(cnmarcBook('behind', '后面的书'))
    const all = await readAll(Buffer.concat([before, bytesOf(name), behind]))
    expect(all[0]).toMatchObject({ ok: true, record: { title: '前面的书' } })
    expect(all.at(-1)).toMatchObject({ ok: true, record: { title: '后面的书' } })
    const told = all.slice(1, -1).map(r => (r.ok ? r.record.title : r.reason.split(':')[0]))
    expect(told.join(', ')).toBe(outcome)
  })

  it('of 8,402 pre-modern works are all imported while the heap does not grow', {
    timeout: 30_000,
  }, async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const heap = (): number => {
      collect()
      return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
    }
    const source = await marcFile(new URL('derived/kanripo_cnmarc_utf8.iso', folder).pathname)
    const seen = new Set<string>()
    let early = 0
    let number = 0
    for await (const record of source.records()) {
      expect(record.ok).toBe(true)
      number = record.number
      if (record.ok) seen.add(record.record.controlNumber)
      if (number === 840) early = heap()
    }
    expect([number, seen.size]).toEqual([8402, 8402])
    const grown = heap() - early
    expect(grown).toBeLessThan(3_000_000)
  })
})
