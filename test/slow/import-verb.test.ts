import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { searchRecords } from '../../src/gateway/catalogue/search.ts'
import { openStore } from '../../src/gateway/store/db.ts'
import { cnmarcBook, isoRecord } from '../adapters/catalogue/marc/write.ts'

const main = new URL('../../src/main.ts', import.meta.url).pathname
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shuqiao-import-'))
  const books = [
    isoRecord(cnmarcBook('1', '番茄史')),
    isoRecord({
      fields: [
        ['001', '2'],
        ['200', '1 $f无题'],
      ],
    }),
  ]
  const twin = isoRecord({ ...cnmarcBook('3', '三体'), encoding: 'gb18030' })
  writeFileSync(join(folder, 'books.iso'), Buffer.concat([...books, twin]))
})

afterAll(() => rmSync(folder, { recursive: true }))

const shuqiao = (...words: string[]) =>
  new Promise<{ code: number; out: string; err: string }>(resolve => {
    const env = { PATH: process.env.PATH, SHUQIAO_DATA: folder }
    execFile(process.execPath, [main, ...words], { cwd: folder, env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })

it('imports a file, tells what it refused, and may be run again', async () => {
  const expected = {
    read: 3,
    imported: 2,
    refused: [
      {
        record: 2,
        offset: isoRecord(cnmarcBook('1', '番茄史')).length,
        reason: 'no-title: 没有题名 / there is no title',
      },
    ],
  }
  for (let run = 0; run < 2; run++) {
    const { code, out, err } = await shuqiao('import', 'marc', 'books.iso', '--library', 'sz', '--json')
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toEqual(expected)
  }
  const { code, out } = await shuqiao('import', 'marc', 'books.iso', '--library', 'sz')
  expect(code).toBe(0)
  expect(out).toContain('no-title: 没有题名')
  expect(out).toContain('3 read 已读取, 2 imported 已导入, 1 refused 已拒绝')
  const store = openStore(`sqlite:${join(folder, 'shuqiao.sqlite')}`)
  const page = await searchRecords(store.db, { q: '番茄', field: 'any', sort: 'new', limit: 5 })
  expect(page.items.map(item => item.title)).toEqual(['番茄史'])
  await store.close()
})

it('ends with 1 when the file cannot be read, and with 2 when the command line is wrong', async () => {
  const missing = await shuqiao('import', 'marc', 'nowhere.iso', '--library', 'sz')
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('unreadable-file')])
  expect((await shuqiao('import', 'marc', folder, '--library', 'sz')).code).toBe(1)
  expect((await shuqiao('import', 'marc')).code).toBe(2)
  expect((await shuqiao('import', 'marc', 'books.iso', '--library', 'sz', '--encoding', 'x')).code).toBe(2)
})

it('needs no library named where there is only one, and asks where there are several', async () => {
  const alone = await shuqiao('import', 'marc', 'books.iso', '--json')
  expect([alone.code, JSON.parse(alone.out)]).toEqual([0, expect.objectContaining({ imported: 2 })])
  const library = (id: string) => `
  - id: ${id}
    name: { zh: 馆, en: Library }
    phone: '0512-1'
    divisionCode: '320500'
    region: { province: 江苏省, city: 苏州市, district: 姑苏区 }
    hours: { weekly: { mon-sun: 09:00-21:00 } }
    ils: { driver: manual }
    branches: [{ id: ${id}-main, name: { zh: 总馆, en: Main }, address: 街 }]`
  writeFileSync(join(folder, 'two.yaml'), `libraries:${library('sz')}${library('wj')}\n`)
  const several = await shuqiao('import', 'marc', 'books.iso', '--config', 'two.yaml')
  expect([several.code, several.err]).toEqual([2, expect.stringContaining('(sz, wj)')])
})
