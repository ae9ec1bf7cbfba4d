import { CompiledQuery, createQueryId, type KyselyPlugin, type RootOperationNode } from 'kysely'
import { expect, it } from 'vitest'
import { bindSip2Ours } from '../../src/gateway/bindings/sip2-ours.ts'
import { recordHappened } from '../../src/gateway/ils-queue/happened.ts'
import { createLibraries } from '../../src/gateway/libraries.ts'
import type { RawEvidence } from '../../src/gateway/orders/evidence.ts'
import type { Told } from '../../src/gateway/orders/ingest.ts'
import { rememberPatron } from '../../src/gateway/store/patrons.ts'
import { anAccount } from '../gateway/sip2-server/site.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

eachStore('what the gateway knows for its kiosks', fresh => {
  const bound = async (test: TestStore) => {
    const told: RawEvidence[] = []
    let woken = 0
    const ours = bindSip2Ours({
      ...test,
      libraries: createLibraries([]),
      ingest: async evidence => {
        told.push(...evidence)
        return [] as Told[]
      },
      wake: () => {
        woken += 1
      },
    })
    return { ours, told, woken: () => woken }
  }

  it('finds a reader by the card without keeping it in clear', async () => {
    const test = await fresh()
    const { ours } = await bound(test)
    await test.store.tx(tx =>
      rememberPatron(
        tx,
        { libraryId: 'sz', card: 'R1', name: '顾小满' },
        test.personal,
        test.ids,
        test.clock.now(),
      ),
    )
    const reader = await ours.reader('sz', 'R1')
    expect([reader?.card(), reader?.name(), reader?.frozenUntil, reader?.lines]).toEqual([
      'R1',
      '顾小满',
      null,
      [],
    ])
    expect(await ours.readerById('sz', reader!.patronId)).toMatchObject({ patronId: reader!.patronId })
    expect(await ours.reader('wj', 'R1')).toBeUndefined()
    expect(await ours.line('sz', 'B1')).toBeUndefined()
    expect(await ours.otherOwner('sz', 'B1')).toBeUndefined()
    expect(await ours.titles('sz', ['B1'])).toEqual(new Map())
  })

  it('writes down what has happened once, and knows that it waits', async () => {
    const test = await fresh()
    const { ours, woken } = await bound(test)
    const what = { libraryId: 'sz', act: 'checkin', barcode: 'B1', at: test.clock.now() } as const
    expect(await ours.waits('sz', 'B1')).toBe(false)
    await ours.happened(anAccount(), what)
    await ours.happened(anAccount(), what)
    expect([
      await ours.waits('sz', 'B1'),
      await ours.waits('sz', 'B2'),
      await ours.waits('wj', 'B1'),
    ]).toEqual([true, false, false])
    const rows = await test.store.db.selectFrom('outbox').select('kind').execute()
    expect(rows).toEqual([{ kind: 'ils.happened-checkin' }])
    expect(woken()).toBe(2)
    await test.store.tx(tx => recordHappened(tx, { ...what, source: 'kiosk:hall' }, test))
    expect(await test.store.db.selectFrom('outbox').select('kind').execute()).toHaveLength(1)
  })

  it('takes a book whose barcode it knows for its own, whatever a neighbour lends under the same', async () => {
    const test = await fresh()
    const { ours } = await bound(test)
    await copyOf(test, 'sz', 'B1')
    await copyOf(test, 'wj', 'B1')
    await copyOf(test, 'wj', 'B2')
    await lineOf(test, 'l1', 'B1', 'on_loan')
    await lineOf(test, 'l2', 'B2', 'on_loan')
    await lineOf(test, 'l3', 'B1', 'discharged')
    await lineOf(test, 'l4', 'B3', 'discharged')
    const found = async (libraryId: string, barcode: string) =>
      (await ours.line(libraryId, barcode))?.lineId ?? null
    expect(await found('sz', 'B1')).toBeNull()
    expect(await found('wj', 'B1')).toBe('l1')
    expect(await found('sz', 'B2')).toBe('l2')
    expect(await found('sz', 'B3')).toBe('l4')
    await test.store.db.deleteFrom('item_claim').execute()
    expect([await found('sz', 'B1'), await found('wj', 'B1')]).toEqual([null, 'l3'])
  })

  it('finds the line of an item without reading through all that were ever there', async () => {
    const test = await fresh()
    if (test.store.dialect === 'postgres') return
    const asked: RootOperationNode[] = []
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => {
        asked.push(node)
        return node
      },
      transformResult: async ({ result }) => result,
    }
    const watched = { ...test, store: { ...test.store, db: test.store.db.withPlugin(plugin) } }
    const { ours } = await bound(watched)
    await lineOf(test, 'l2', 'B2', 'on_loan')
    for (const barcode of ['B1', 'B2']) await ours.line('sz', barcode)
    await ours.otherOwner('sz', 'B1')
    await ours.waits('sz', 'B1')
    expect(asked.length).toBeGreaterThanOrEqual(7)
    for (const node of asked) {
      const { sql: text, parameters } = test.store.db.getExecutor().compileQuery(node, createQueryId())
      const plan = CompiledQuery.raw(`explain query plan ${text}`, [...parameters])
      const { rows } = await test.store.db.executeQuery<{ detail: string }>(plan)
      expect([text, rows.filter(({ detail }) => detail.startsWith('SCAN'))]).toEqual([text, []])
    }
  })

  it('locks a card after wrong PINs, wherever they were typed, and forgives with a right one', async () => {
    const test = await fresh()
    const { pins } = (await bound(test)).ours
    for (let i = 0; i < 4; i++) await pins.wrong('sz', 'R1')
    expect(await pins.locked('sz', 'R1')).toBe(false)
    await pins.wrong('sz', 'R1')
    expect([await pins.locked('sz', 'R1'), await pins.locked('sz', 'R2')]).toEqual([true, false])
    await pins.right('sz', 'R1')
    expect(await pins.locked('sz', 'R1')).toBe(false)
    await pins.right('sz', 'R3')
    expect(await test.store.db.selectFrom('attempt').selectAll().execute()).toEqual([])
  })
})

const copyOf = (t: TestStore, libraryId: string, barcode: string) =>
  t.store.db
    .insertInto('item')
    .values({
      library_id: libraryId,
      barcode,
      control_number: 'c1',
      work_id: 'w1',
      branch_id: libraryId,
      location: null,
      call_number: null,
      shelving: 'open',
      lendable: 1,
      status: 'free',
      status_at: null,
      due_at: null,
    })
    .execute()

/** A line of the neighbour; one that is discharged has no claim any more. */
const lineOf = async (t: TestStore, id: string, barcode: string, status: 'on_loan' | 'discharged') => {
  const { db } = t.store
  const claim = { library_id: 'wj', barcode, order_library_id: 'wj', order_id: 'o1', line_id: id }
  if (status === 'on_loan')
    await db
      .insertInto('item_claim')
      .values({ ...claim, why: 'line', until: null })
      .execute()
  await db
    .insertInto('lending_order')
    .values({
      library_id: 'wj',
      id: 'o1',
      number: '1',
      patron_id: 'p1',
      delivery: '{"way":"branch","branchId":"wj"}',
      fee: '{}',
      fee_state: 'granted',
      promised_at: null,
      created_at: 0,
      version: 1,
      open_lines: 1,
    })
    .onConflict(c => c.doNothing())
    .execute()
  await db
    .insertInto('order_line')
    .values({
      library_id: 'wj',
      id,
      order_id: 'o1',
      order_number: '1',
      patron_id: 'p1',
      supplier_id: 'wj',
      branch_id: 'wj',
      record_id: 'w1',
      title: '书',
      shelving: 'open',
      status,
      outcome: null,
      barcode,
      parcel_number: null,
      return_parcel_number: null,
      trouble: null,
      due_at: null,
      timer_what: null,
      timer_at: null,
      submitted_at: 0,
      confirmed_at: null,
      found_at: null,
      not_found_at: null,
      packed_at: null,
      sent_at: null,
      ready_at: null,
      in_hand_at: null,
      closed_at: null,
      body: JSON.stringify({
        id,
        libraryId: 'wj',
        orderId: 'o1',
        barcode,
        status,
        supplierId: 'wj',
        pending: [],
      }),
    })
    .execute()
}
