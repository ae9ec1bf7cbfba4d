import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { patronBlocks } from '../../../src/adapters/ils/ils.ts'
import { createReaders, type ReaderRef, type Readers } from '../../../src/gateway/readers/readers.ts'
import { blockReasons, blockWords } from '../../../src/gateway/readers/words.ts'
import { rememberPatron } from '../../../src/gateway/store/patrons.ts'
import { type TestApp, testApp, wang } from '../../harness/app.ts'

const home = {
  name: '王芳',
  phone: '13800000000',
  province: '江苏省',
  city: '苏州市',
  district: '姑苏区',
  address: '观前街 1 号',
}
let t: TestApp
let readers: Readers
let who: ReaderRef

beforeEach(async () => {
  t = await testApp(() => [])
  readers = createReaders(t.deps)
  const told = { libraryId: 'sucheng', card: wang.card, name: wang.name }
  const patron = await t.store.tx(tx => rememberPatron(tx, told, t.personal, t.ids, t.clock.now()))
  who = { libraryId: 'sucheng', patronId: patron.id }
})
afterEach(() => t.close())

describe("a reader's own page", () => {
  it('shows the reader to the reader, with what the library system says now', async () => {
    expect(await readers.describe(who)).toEqual({
      patronId: who.patronId,
      libraryId: 'sucheng',
      name: '王芳',
      card: wang.card,
      joined: false,
      tier: null,
      frozenUntil: null,
      loans: { onLoan: 1, max: 10 },
      owed: 0,
      blocks: [],
      addresses: [],
      withinReach: false,
      largeType: false,
    })
  })

  it('shows also while the library system is silent', async () => {
    t.ilsIs('down')
    expect(await readers.describe(who)).toMatchObject({ name: '王芳', loans: { onLoan: 0, max: 0 } })
  })

  it("has the tier's limit and the reasons of credit beside those of the library system", async () => {
    const frozen = { zh: '信用冻结', en: 'frozen' }
    const tier = { id: 'gold', name: { zh: '金', en: 'Gold' } }
    const withCredit = createReaders({
      ...t.deps,
      credit: { allowanceOf: async () => ({ tier, maxItems: 12 }), blocksOf: async () => [frozen] },
    })
    const page = await withCredit.describe(who, {
      ...wang,
      blocks: ['charge-denied', 'excessive-fines'],
      owed: 350,
    })
    expect(page).toMatchObject({
      tier,
      loans: { max: 12 },
      owed: 350,
      blocks: [blockWords['excessive-fines'], frozen],
    })
  })

  it('of somebody who does not exist is refused', async () => {
    const nobody = readers.describe({ libraryId: 'wujiang', patronId: who.patronId })
    await expect(nobody).rejects.toMatchObject({ problem: { code: 'unknown-reader' } })
  })
})

describe('addresses', () => {
  it('are kept sealed, shown to their reader, and removed by their reader alone', async () => {
    const { id, label } = await readers.addAddress(who, home)
    expect(label).toBe('姑苏区观前街 1 号')
    expect((await readers.describe(who)).addresses).toEqual([{ id, label }])
    const stored = JSON.stringify(await t.store.db.selectFrom('patron_address').selectAll().execute())
    for (const secret of ['观前街', '138', '王']) expect(stored).not.toContain(secret)
    expect(await readers.removeAddress({ ...who, patronId: 'other' }, id)).toBe(false)
    expect(await readers.removeAddress(who, id)).toBe(true)
    expect((await readers.describe(who)).addresses).toEqual([])
  })
})

describe('large type', () => {
  it('is remembered', async () => {
    await readers.setLargeType(who, true)
    expect((await readers.describe(who)).largeType).toBe(true)
  })
})

describe('the reasons of a library system', () => {
  it('have words each', () => {
    expect(Object.keys(blockWords).sort()).toEqual([...patronBlocks].sort())
  })

  it('leave out what says nothing and what only limits other things', () => {
    expect(blockReasons(['charge-denied'])).toEqual([blockWords['charge-denied']])
    expect(blockReasons(['charge-denied', 'card-lost', 'hold-denied'])).toEqual([blockWords['card-lost']])
    expect(blockReasons(['renewal-denied'])).toEqual([])
  })
})
