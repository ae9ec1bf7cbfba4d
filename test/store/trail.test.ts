import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { audit, auditedLibraries, listAudit, verifyAudit } from '../../src/gateway/store/audit.ts'
import {
  appendEvents,
  type Event,
  eventsAfter,
  eventsBetween,
  eventsOf,
} from '../../src/gateway/store/events.ts'
import {
  evidenceOf,
  insertEvidence,
  setEvidenceState,
  waitingEvidence,
} from '../../src/gateway/store/inbox.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const event = (t: TestStore, more: Partial<Event> = {}): Event => ({
  libraryId: 'suzhou',
  id: t.ids.next(),
  orderId: 'o',
  lineId: 'l',
  kind: 'packed',
  at: t.clock.now(),
  recordedAt: t.clock.now(),
  actor: 'staff:1',
  source: 'staff',
  data: { parcelNumber: 'P1' },
  ...more,
})

eachStore('the event log', fresh => {
  it('gives back what was appended, by order, by position and by kind and time', async () => {
    const t = await fresh()
    const first = event(t)
    const second = event(t, { kind: 'shipped', at: t.clock.now() + 5 })
    const other = event(t, { libraryId: 'hefei' })
    await t.store.tx(tx => appendEvents(tx, [first, second, other]))
    expect(await eventsOf(t.store.db, 'suzhou', 'o')).toEqual([first, second])
    expect(await eventsAfter(t.store.db, 'suzhou', first.id, 10)).toEqual([second])
    expect(
      await eventsBetween(t.store.db, 'suzhou', ['packed', 'shipped'], second.at, second.at + 1),
    ).toEqual([second])
  })

  it('takes in a thousand events at once', async () => {
    const t = await fresh()
    await t.store.tx(tx =>
      appendEvents(
        tx,
        Array.from({ length: 1000 }, () => event(t)),
      ),
    )
    expect(await eventsOf(t.store.db, 'suzhou', 'o')).toHaveLength(1000)
  })

  it.each(['event', 'audit'])('refuses to change or delete rows of %s', async table => {
    const t = await fresh()
    await t.store.tx(tx => appendEvents(tx, [event(t)]))
    await t.store.tx(tx => audit(tx, entry))
    const { db } = t.store
    await expect(sql`update ${sql.table(table)} set actor = 'x'`.execute(db)).rejects.toThrow('append-only')
    await expect(sql`delete from ${sql.table(table)}`.execute(db)).rejects.toThrow('append-only')
  })
})

const entry = {
  libraryId: 'suzhou',
  at: 1,
  actor: 'staff:1',
  action: 'locker-opened',
  subject: 'locker:7',
  reason: '读者的书卡住了',
}

eachStore('the audit chain', fresh => {
  it('is whole after many people wrote at once, each library its own', async () => {
    const t = await fresh()
    const write = (i: number) => t.store.tx(tx => audit(tx, { ...entry, at: i, data: { i } }))
    await Promise.all(Array.from({ length: 20 }, (_, i) => write(i)))
    await t.store.tx(tx => audit(tx, { ...entry, libraryId: 'hefei' }))
    expect(await verifyAudit(t.store.db, 'suzhou')).toMatchObject({ whole: true, entries: 20 })
    expect(await verifyAudit(t.store.db, 'hefei')).toMatchObject({ whole: true, entries: 1 })
    expect(await verifyAudit(t.store.db, 'nowhere')).toMatchObject({ whole: true, entries: 0 })
    expect(await auditedLibraries(t.store.db)).toEqual(['hefei', 'suzhou'])
    const newest = await listAudit(t.store.db, 'suzhou', { limit: 3, before: 20 })
    expect(newest.map(r => r.seq)).toEqual([19, 18, 17])
  })

  const unlocked = async (t: TestStore): Promise<void> => {
    for (let i = 0; i < 3; i++) await t.store.tx(tx => audit(tx, entry))
    const { db, dialect } = t.store
    if (dialect === 'postgres') await sql`alter table audit disable trigger audit_append_only`.execute(db)
    else
      for (const act of ['update', 'delete']) await sql`drop trigger ${sql.id(`audit_no_${act}`)}`.execute(db)
  }

  it('shows an entry that was changed behind its back', async () => {
    const t = await fresh()
    await unlocked(t)
    await t.store.db.updateTable('audit').set({ reason: 'other' }).where('seq', '=', 2).execute()
    expect(await verifyAudit(t.store.db, 'suzhou')).toEqual({ whole: false, seq: 2, why: 'changed' })
  })

  it.each([
    [2, 'missing'],
    [3, 'cut-off'],
  ])('shows that entry %i was taken out', async (seq, why) => {
    const t = await fresh()
    await unlocked(t)
    await t.store.db.deleteFrom('audit').where('seq', '=', seq).execute()
    expect(await verifyAudit(t.store.db, 'suzhou')).toEqual({ whole: false, seq, why })
  })
})

eachStore('the evidence inbox', fresh => {
  const evidence = {
    id: 'sf:1',
    libraryId: 'suzhou',
    orderId: 'o',
    lineId: 'l',
    source: 'courier',
    what: 'delivered',
    at: 5,
    receivedAt: 9,
    data: { waybill: 'SF1' },
  }

  it('stores a piece of evidence once', async () => {
    const { store } = await fresh()
    expect(await store.tx(tx => insertEvidence(tx, evidence, 'waiting'))).toBe(true)
    expect(await store.tx(tx => insertEvidence(tx, { ...evidence, what: 'lost' }, 'applied'))).toBe(false)
    expect(await evidenceOf(store.db, 'suzhou', 'o')).toEqual([{ ...evidence, state: 'waiting' }])
  })

  it('stores it once when many deliver it at once', async () => {
    const { store } = await fresh()
    const insert = () => store.tx(tx => insertEvidence(tx, evidence, 'waiting'))
    const stored = await Promise.all(Array.from({ length: 10 }, insert))
    expect(stored.filter(Boolean)).toHaveLength(1)
  })

  it('gives what waits in the order it happened, until it is settled', async () => {
    const { store } = await fresh()
    await store.tx(async tx => {
      await insertEvidence(tx, evidence, 'waiting')
      await insertEvidence(tx, { ...evidence, id: 'sf:0', at: 3 }, 'waiting')
      await insertEvidence(tx, { ...evidence, id: 'sf:2', lineId: 'm' }, 'waiting')
    })
    const waiting = async () => (await waitingEvidence(store.db, 'suzhou', 'o', 'l')).map(e => e.id)
    expect(await waiting()).toEqual(['sf:0', 'sf:1'])
    await store.tx(tx => setEvidenceState(tx, 'sf:0', 'applied'))
    expect(await waiting()).toEqual(['sf:1'])
  })
})
