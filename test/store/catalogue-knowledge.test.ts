import { expect, it } from 'vitest'
import { createKnowledge } from '../../src/gateway/catalogue/knowledge.ts'
import { type CopyKnowledge, findByBarcode } from '../../src/gateway/catalogue/record.ts'
import { book, bring, copies } from '../gateway/catalogue/books.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const log = { warn: () => {} }

eachStore('what library systems say of copies', fresh => {
  const stocked = async () => {
    const t = await fresh()
    await bring(t, 'sz', [book('1', '三体', { items: copies('1', '2', '3') })])
    return t
  }
  const word = (t: TestStore, barcode: string, status: CopyKnowledge['status']): CopyKnowledge => ({
    libraryId: 'sz',
    barcode,
    status,
    dueAt: status === 'lent' ? t.clock.now() + 1000 : null,
    at: t.clock.now(),
  })
  const statuses = async (t: TestStore) =>
    Promise.all(['1', '2', '3'].map(async one => (await findByBarcode(t.store.db, one, 'sz'))[0]?.status))

  it('is written at once after a quiet time, and together for a while after that', async () => {
    const t = await stocked()
    const writes: Promise<unknown>[] = []
    const tx: typeof t.store.tx = (...given) => {
      const write = t.store.tx(...given)
      writes.push(write)
      return write
    }
    const knowledge = createKnowledge({ store: { ...t.store, tx }, wire: t.clock, log })
    knowledge.note([word(t, '1', 'lent')])
    await Promise.all(writes)
    knowledge.note([word(t, '2', 'lent')])
    knowledge.note([word(t, '3', 'lent'), word(t, '2', 'free')])
    expect(await statuses(t)).toEqual(['lent', 'unknown', 'unknown'])
    await t.clock.advance(250)
    await Promise.all(writes)
    expect([await statuses(t), writes.length]).toEqual([['lent', 'free', 'lent'], 2])
    await knowledge.close()
  })

  it('is written before the end', async () => {
    const t = await stocked()
    // The first write is held up until long after the second is through.
    let second = (): void => {}
    const through = new Promise<void>(resolve => {
      second = resolve
    })
    let writes = 0
    const tx: typeof t.store.tx = async (...given) => {
      writes += 1
      if (writes === 1) {
        await through
        for (let turn = 0; turn < 50; turn++) await new Promise<void>(resolve => setImmediate(resolve))
      }
      return t.store.tx(...given).finally(second)
    }
    const knowledge = createKnowledge({ store: { ...t.store, tx }, wire: t.clock, log })
    knowledge.note([word(t, '1', 'lent')])
    knowledge.note([word(t, '2', 'not-lendable')])
    await knowledge.close()
    expect(writes).toBe(2)
    expect(await statuses(t)).toEqual(['lent', 'not-lendable', 'unknown'])
    const [kept] = await findByBarcode(t.store.db, '1', 'sz')
    expect([kept?.dueAt, kept?.statusAt]).toEqual([t.clock.now() + 1000, t.clock.now()])
  })
})
