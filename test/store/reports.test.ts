import { expect, it } from 'vitest'
import { factSource } from '../../src/gateway/store/reports.ts'
import type { CompartmentFact, LineFact } from '../../src/reports/facts.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const day = 86_400_000
const from = Date.UTC(2026, 10, 1)
const to = from + 30 * day

type Row = Partial<LineFact> & { lineId: string; submittedAt: number }

const put = (t: TestStore, rows: readonly Row[]) =>
  t.store.db
    .insertInto('order_line')
    .values(
      rows.map(row => ({
        library_id: row.libraryId ?? 'gusu',
        id: row.lineId,
        order_id: `order-${row.lineId}`,
        order_number: `20261101-${row.lineId}`,
        patron_id: 'somebody',
        supplier_id: row.supplierId ?? 'gusu',
        branch_id: 'main',
        record_id: 'work',
        title: '平江图志',
        shelving: 'open',
        status: 'closed' as const,
        outcome: null,
        barcode: null,
        parcel_number: null,
        return_parcel_number: null,
        trouble: null,
        due_at: null,
        timer_what: null,
        timer_at: null,
        submitted_at: row.submittedAt,
        confirmed_at: row.submittedAt,
        found_at: row.foundAt ?? null,
        not_found_at: null,
        packed_at: null,
        sent_at: null,
        ready_at: null,
        in_hand_at: row.inHandAt ?? null,
        closed_at: row.closedAt ?? null,
        body: '{}',
      })),
    )
    .execute()

const linesOf = async (t: TestStore, libraryId?: string): Promise<string[]> => {
  const query = { from, to, ...(libraryId === undefined ? {} : { libraryId }) }
  return (await Array.fromAsync(factSource(t.store.db).lines(query))).map(line => line.lineId)
}

const event = (t: TestStore, kind: string, compartmentId: string, at: number) =>
  t.store.db
    .insertInto('locker_event')
    .values({
      library_id: 'gusu',
      locker_id: 'street',
      id: t.ids.next(),
      compartment_id: compartmentId,
      kind,
      at,
      recorded_at: at,
      actor: 'door',
      visit_id: null,
      order_library_id: null,
      order_id: null,
      data: '{}',
    })
    .execute()

eachStore('facts for the reports', fresh => {
  it('are the lines with a counted moment in the period, whenever they were asked for', async () => {
    const t = await fresh()
    await put(t, [
      { lineId: 'a', submittedAt: from - 9 * day, foundAt: from + day },
      { lineId: 'b', submittedAt: from + day, foundAt: to + day },
      { lineId: 'c', submittedAt: from + day, inHandAt: to - 1 },
      { lineId: 'd', submittedAt: from + day, closedAt: from },
      { lineId: 'e', submittedAt: to + day, foundAt: to + day },
    ])
    expect(await linesOf(t)).toEqual(['a', 'c', 'd'])
  })

  it('come page by page without gap or repetition, over all libraries or one', async () => {
    const t = await fresh()
    const many = Array.from({ length: 4500 }, (_, i) => ({
      lineId: `line-${String(i).padStart(5, '0')}`,
      libraryId: i % 3 === 0 ? 'lucheng' : 'gusu',
      submittedAt: from,
      foundAt: from + 1,
    }))
    for (let i = 0; i < many.length; i += 500) await put(t, many.slice(i, i + 500))
    expect((await linesOf(t)).toSorted()).toEqual(many.map(row => row.lineId))
    expect(await linesOf(t, 'lucheng')).toEqual(
      many.filter(row => row.libraryId === 'lucheng').map(row => row.lineId),
    )
  })

  it('tell how each compartment stood when the period began', async () => {
    const t = await fresh()
    await event(t, 'loaded', '1', from - 3 * day)
    await event(t, 'collected', '1', from - 2 * day)
    await event(t, 'loaded', '2', from - day)
    await event(t, 'out-of-service', '3', from - day)
    await event(t, 'loaded', '4', from + day)
    const state = await factSource(t.store.db).compartmentStateAt('street', from)
    expect([...state].sort()).toEqual([
      ['1', 'free'],
      ['2', 'occupied'],
      ['3', 'out-of-service'],
    ])
  })

  it('tell what happened at a locker in the order of time', async () => {
    const t = await fresh()
    await event(t, 'collected', '1', from + 2 * day)
    await event(t, 'loaded', '1', from + day)
    await event(t, 'opened', '1', from + day)
    await event(t, 'loaded', '1', to)
    const facts: CompartmentFact[] = await Array.fromAsync(
      factSource(t.store.db).compartments({ from, to, lockerId: 'street' }),
    )
    expect(facts.map(fact => [fact.kind, fact.at])).toEqual([
      ['deposited', from + day],
      ['collected', from + 2 * day],
    ])
  })
})
