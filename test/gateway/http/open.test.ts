import { afterEach, describe, expect, it } from 'vitest'
import type { Ils } from '../../../src/adapters/ils/ils.ts'
import { findByBarcode } from '../../../src/gateway/catalogue/record.ts'
import type {
  ClcClassJson,
  RecordJson,
  RecordPageJson,
  RulesJson,
  ShelfJson,
  TownJson,
} from '../../../src/gateway/http/api/open.ts'
import { record, recordPage, rules, shelf, town } from '../../../src/gateway/http/api/open.ts'
import { until } from '../../harness/until.ts'
import { type GatewayOptions, type TestGateway, testGateway } from './gateway.ts'

let t: TestGateway
const begin = async (options?: GatewayOptions): Promise<void> => {
  t = await testGateway(options)
}
afterEach(() => t.close())

const get = <T>(path: string): Promise<T> => t.ask<T>({}, 'GET', path)
const theRecord = async (title: string): Promise<RecordJson> =>
  record.parse(await get<RecordJson>(`/api/records/${await t.record(title)}`))
const statuses = (shown: RecordJson) =>
  Object.fromEntries(shown.holdings.map(({ barcode, status }) => [barcode, status]))

describe('the town', () => {
  it('shows libraries, what is open now, lockers with free doors, and how the library systems are', async () => {
    await begin()
    t.ils.wujiang.luck = () => 'away'
    const shown = town.parse(await get<TownJson>('/api/town'))
    expect(shown).toMatchObject({ now: '2026-11-23T10:00:00+08:00', demo: false, notices: [] })
    expect(shown.libraries.map(({ id, ils, phone }) => [id, ils, phone])).toEqual([
      ['sucheng', 'up', '0512-00000001'],
      ['wujiang', 'down', '0512-00000001'],
    ])
    expect(shown.libraries[0]!.branches[0]).toMatchObject({
      id: 'sucheng-main',
      openNow: true,
      hours: { zh: '每天 09:00–21:00' },
    })
    expect(shown.libraries[0]!.lockers).toMatchObject([
      { id: 'guanqian', online: true, freeCompartments: 12, place: '观前街 1 号' },
    ])
  })

  it('says that a branch is shut in the evening', async () => {
    await begin()
    await t.clock.advance(12 * 3_600_000)
    const shown = await get<TownJson>('/api/town')
    expect(shown.libraries[0]!.branches.map(branch => branch.openNow)).toEqual([false, false])
  })
})

describe('the rules of a library', () => {
  it('are open before any log-in', async () => {
    await begin()
    const shown = rules.parse(await get<RulesJson>('/api/rules/sucheng'))
    expect(shown).toMatchObject({
      libraryId: 'sucheng',
      limits: { itemsPerParcel: 5, openRequests: 20, pickupDays: 3 },
    })
    expect(shown.fees.length).toBeGreaterThan(0)
  })

  it('of a library that does not exist are not found', async () => {
    await begin()
    await expect(get('/api/rules/nowhere')).rejects.toThrow('404 unknown-library')
  })
})

describe('the catalogue', () => {
  it('is searched by words, class and free copies, a page at a time', async () => {
    await begin()
    const of = async (query: string) =>
      recordPage.parse(await get<RecordPageJson>(`/api/records?${query}`)).items.map(item => item.title)
    expect(await of('q=三体')).toEqual(['三体'])
    expect(await of('clc=I247.57&sort=new')).toEqual(['平凡的世界', '活着'])
    expect(await of('library=wujiang&sort=new')).toEqual(['三体', '吴江县志'])
    const first = await get<RecordPageJson>('/api/records?sort=new&limit=3')
    expect([first.total, first.items.length]).toEqual([4, 3])
    expect(await of(`sort=new&limit=3&cursor=${first.next}`)).toEqual(['吴江县志'])
    t.ils.sucheng.atDesk('borrow', 'S3')
    await theRecord('活着')
    expect(await of('clc=I247.57&available=1')).toEqual(['平凡的世界'])
  })

  it.each(['limit=0', 'limit=x', 'field=colour', 'sort=loudest', 'available=yes', `q=${'长'.repeat(201)}`])(
    'refuses %s',
    async query => {
      await begin()
      await expect(get(`/api/records?${query}`)).rejects.toThrow('400 invalid-request')
    },
  )

  it('counts the classes and has shelves', async () => {
    await begin()
    const classes = await get<ClcClassJson[]>('/api/clc')
    expect(classes.find(one => one.code === 'I')).toMatchObject({ name: { zh: '文学' }, records: 3 })
    const divisions = await get<ClcClassJson[]>('/api/clc?parent=I')
    expect(divisions.find(one => one.code === 'I2')?.records).toBe(3)
    const rows = await get<ShelfJson[]>('/api/shelves')
    expect(rows.map(row => shelf.parse(row).id)).toEqual(['new'])
  })
})

describe('a record', () => {
  it('shows each copy as the library systems see it now, and promises the soonest place', async () => {
    await begin()
    t.ils.sucheng.atDesk('borrow', 'S1')
    t.ils.wujiang.atDesk('hold', 'W1')
    const shown = await theRecord('三体')
    expect(statuses(shown)).toEqual({ S1: 'lent', S2: 'free', W1: 'reserved' })
    expect(shown.holdings.find(one => one.barcode === 'S1')?.dueAt).toBe('2026-12-23T10:00:00+08:00')
    expect([shown.copies, shown.free]).toEqual([3, 1])
    expect(shown.promise.zh).toBe('1 本可借，最快今天 17:00 在观前街柜')
  })

  it('keeps what was learned', async () => {
    await begin()
    t.ils.sucheng.atDesk('borrow', 'S3')
    await theRecord('活着')
    const [kept] = await findByBarcode(t.store.db, 'S3', 'sucheng')
    expect(kept).toMatchObject({ status: 'lent', statusAt: t.clock.now() })
    expect(kept?.dueAt).toBe(t.clock.now() + 30 * 86_400_000)
  })

  it('says of a copy that a reader waits for that it is reserved, though its system calls it free', async () => {
    await begin({ policy: { holds: 'own' } })
    const wang = await t.reader('2120500001')
    await t.order(wang, '活着')
    const shown = await theRecord('活着')
    expect([statuses(shown), shown.free]).toEqual([{ S3: 'reserved' }, 0])
    expect(shown.promise.zh).toBe('都借出了')
  })

  it('is told when a lent copy is due back', async () => {
    await begin()
    t.ils.sucheng.atDesk('borrow', 'S4')
    expect((await theRecord('平凡的世界')).promise.zh).toBe('都借出了，最早12月23日应还')
  })

  it('does not wait for a library system that is silent, and calls its copies unknown', async () => {
    let questions = 0
    const silent = {
      item: () => {
        questions += 1
        return new Promise(() => {})
      },
      health: () => ({ state: 'up', since: 0, queue: 0 }),
    }
    await begin({ ils: id => (id === 'sucheng' ? (silent as unknown as Ils) : undefined) })
    t.ils.wujiang.atDesk('borrow', 'W1')
    const path = `/api/records/${await t.record('三体')}`
    const asked = get<RecordJson>(path)
    await until(() => questions === 2)
    await t.clock.advance(1500)
    const shown = await asked
    expect(statuses(shown)).toEqual({ S1: 'unknown', S2: 'unknown', W1: 'lent' })
    expect(shown.promise.zh).toContain('2 本可能在馆')
  })

  it('promises places of one library only where it is asked to', async () => {
    await begin()
    const id = await t.record('吴江县志')
    const [far, home] = await Promise.all([
      get<RecordJson>(`/api/records/${id}`),
      get<RecordJson>(`/api/records/${id}?library=sucheng`),
    ])
    expect(far.promise.zh).toBe('1 本可借，最快今天 17:00 在总馆')
    expect(home.promise.zh).toBe('1 本可借，最快后天 17:00 在观前街柜')
    await expect(get(`/api/records/${id}?library=nowhere`)).rejects.toThrow('404 unknown-library')
  })

  it('that does not exist is not found', async () => {
    await begin()
    await expect(get('/api/records/nothing')).rejects.toThrow('404 unknown-record')
  })
})
