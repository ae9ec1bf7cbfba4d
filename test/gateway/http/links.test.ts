import { afterEach, expect, it } from 'vitest'
import type { Ils } from '../../../src/adapters/ils/ils.ts'
import type { ConflictJson, LinksJson, QueuedActJson } from '../../../src/gateway/http/api/links.ts'
import { linkRoutes } from '../../../src/gateway/http/routes/links.ts'
import { createIlsDesk } from '../../../src/gateway/ils-queue/desk.ts'
import { recordHappened } from '../../../src/gateway/ils-queue/happened.ts'
import { createLinks } from '../../../src/gateway/ils-queue/links.ts'
import { conflict as conflictOf } from '../../../src/gateway/ils-queue/words.ts'
import { listAudit } from '../../../src/gateway/store/audit.ts'
import { claim, fail } from '../../../src/gateway/store/outbox.ts'
import { type TestApp, testApp } from '../../harness/app.ts'
import { ModelIls } from '../orders/model-ils.ts'

let t: TestApp
afterEach(() => t.close())

const begin = async () => {
  const changed: string[] = []
  let model: ModelIls | undefined
  let ils: Ils | undefined
  t = await testApp(deps => {
    const links = createLinks(deps.clock)
    model = new ModelIls('ils:sucheng', deps.clock)
    const seen = links.observe('sucheng', model)
    ils = seen
    const desk = createIlsDesk({
      ...deps,
      ils: () => seen,
      links,
      readers: { maskedNames: async () => new Map() },
      kioskStats: () => undefined,
      wake: () => {},
      changed: id => changed.push(id),
    })
    return [linkRoutes({ ...deps, desk })]
  })
  const staff = await t.as('librarian')
  const get = async <T>(path: string, headers = staff) =>
    (await (await t.send('GET', path, { headers })).json()) as T
  const post = (path: string, json: unknown, headers = staff) => t.send('POST', path, { headers, json })
  return {
    ils: ils!,
    model: model!,
    changed,
    staff,
    get,
    post,
    links: () => get<LinksJson>('/api/staff/links'),
  }
}

/** A loan at a kiosk that the library system has refused. */
const refused = async () => {
  await t.store.tx(tx =>
    recordHappened(
      tx,
      {
        libraryId: 'sucheng',
        act: 'checkout',
        barcode: 'B1',
        card: '2120500001',
        at: t.clock.now(),
        source: 'kiosk:hall-1',
      },
      t,
    ),
  )
  const [held] = await claim(t.store, { limit: 1, lease: 60_000 }, t.clock.now())
  const problem = conflictOf(
    'charged-to-other',
    { known: true, status: 'charged', title: '三体', holder: 'other' },
    { text: '已借出' },
  )
  await t.store.tx(tx => fail(tx, held!, problem, t.clock.now()))
}
const only = (found: LinksJson): ConflictJson => {
  expect(found.conflicts).toHaveLength(1)
  return found.conflicts[0]!
}

it('a conflict shows what happened here and what the library system says, with the card masked', async () => {
  const on = await begin()
  await refused()
  const one = only(await on.links())
  expect(one).toMatchObject({
    what: { zh: '借出' },
    barcode: 'B1',
    title: '三体',
    reader: '***0001',
    where: { zh: '自助机 hall-1' },
    their: '已借出',
    found: { item: { zh: '已借出' }, holder: { zh: '在另一位读者名下' } },
    can: ['retry', 'settled', 'drop'],
  })
  expect(JSON.stringify(one)).not.toContain('2120500001')
})

it('a conflict is tried again, or settled or dropped with a reason, on record', async () => {
  const on = await begin()
  await refused()
  const { id } = only(await on.links())
  const path = (act: string) => `/api/staff/links/acts/${encodeURIComponent(id)}/${act}`
  expect((await on.post(path('drop'), { reason: ' ' })).status).toBe(409)
  expect((await on.post(path('retry'), {})).status).toBe(200)
  expect((await on.links()).conflicts).toEqual([])
  const [waiting] = (await on.get<{ items: QueuedActJson[] }>('/api/staff/links/queue')).items
  expect(waiting).toMatchObject({ barcode: 'B1', from: { zh: '自助机 hall-1' }, can: ['settled', 'drop'] })
  expect((await on.post(path('settled'), { reason: '系统里已补' })).status).toBe(200)
  expect((await on.get<{ items: unknown[] }>('/api/staff/links/queue')).items).toEqual([])
  expect((await on.post(path('settled'), { reason: '系统里已补' })).status).toBe(409)
  const entries = await listAudit(t.store.db, 'sucheng', { limit: 5 })
  expect(entries.map(({ action, reason }) => [action, reason])).toEqual([
    ['ils-act-settled-by-hand', '系统里已补'],
    ['ils-act-retried', ''],
  ])
  expect(on.changed).toEqual(['sucheng', 'sucheng'])
})

it('another library sees and settles nothing of it', async () => {
  const on = await begin()
  await refused()
  const { id } = only(await on.links())
  await t.store.tx(tx => tx.updateTable('staff_user').set({ library_id: 'wujiang' }).execute())
  await t.store.tx(tx => tx.updateTable('session').set({ library_id: 'wujiang' }).execute())
  const there = await on.links()
  expect(there.conflicts).toEqual([])
  expect(there.systems[0]).toMatchObject({ libraryId: 'wujiang', own: true })
  expect(there.systems[1]).toMatchObject({ libraryId: 'sucheng', own: false, lastWords: [] })
  expect((await on.post(`/api/staff/links/acts/${encodeURIComponent(id)}/retry`, {})).status).toBe(409)
})

it('a loan at the desk is written down while the library system is away; it needs a card, a return does not', async () => {
  const on = await begin()
  expect((await on.post('/api/staff/links/happened', { act: 'checkout', barcode: 'B1' })).status).toBe(409)
  expect((await on.post('/api/staff/links/happened', { act: 'checkin', barcode: 'B2' })).status).toBe(200)
  const { items } = await on.get<{ items: QueuedActJson[] }>('/api/staff/links/queue')
  expect(items).toMatchObject([{ what: { zh: '还书' }, barcode: 'B2', from: { zh: '馆员柜台' } }])
  expect((await on.links()).systems[0]).toMatchObject({ own: true, waiting: 1 })
})

it('refusals are explained: what, whose, its own words, what to do', async () => {
  const on = await begin()
  on.model.addItem('B1', '书')
  const act = { repeated: false, card: 'R9', barcode: 'B1', at: 0 }
  await on.ils.checkout({ ...act, key: 'happened/checkout/B1/0/x/kiosk:hall-1' })
  await on.ils.item('B9')
  expect((await on.links()).refusals).toMatchObject([
    {
      what: { zh: '查书' },
      whose: { zh: '查询' },
      barcode: 'B9',
      todo: { zh: expect.stringContaining('补录') },
    },
    {
      what: { zh: '借出' },
      whose: { zh: '自助机 hall-1' },
      barcode: 'B1',
      their: '证号不存在',
      todo: { zh: expect.stringContaining('停用') },
    },
  ])
})
