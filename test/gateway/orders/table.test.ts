import { describe, expect, it } from 'vitest'
import { checkTable, tableFaults } from '../../../src/gateway/orders/check-table.ts'
import { mermaid, orderStatesPage } from '../../../src/gateway/orders/diagram.ts'
import { effectEvidenceId, readEvidence, vocabulary, whats } from '../../../src/gateway/orders/evidence.ts'
import { type LineStatus, lineStatuses } from '../../../src/gateway/orders/order.ts'
import { whereCounts } from '../../../src/gateway/orders/paths.ts'
import { type State, states } from '../../../src/gateway/orders/states.ts'

type Table = Record<LineStatus, State>
const changed = (change: (table: Table) => void): readonly string[] => {
  const table = Object.fromEntries(
    Object.entries(states).map(([name, state]) => [name, { ...state, next: { ...state.next } }]),
  ) as Table
  change(table)
  return tableFaults(table)
}

describe('the table of states', () => {
  it('is whole: it is what the program starts with', () => {
    expect(() => checkTable()).not.toThrow()
  })

  it('with a state nobody can reach does not start', () => {
    const faults = changed(t => {
      for (const from of ['found', 'charged'] as const)
        t[from] = { ...t[from], next: { ...t[from].next, 'checkout-refused': { to: 'seeking', back: true } } }
    })
    expect(faults).toContain('checkout_refused cannot be reached from requested')
  })

  it('with a dead end, and with states that have no way to the end, does not start', () => {
    const faults = changed(t => {
      t.discharged = { ...t.discharged, auto: [], next: { routed: { to: 'discharged' } } }
    })
    expect(faults).toContain('discharged is a dead end')
    expect(faults).toContain('discharged has no way to closed')
  })

  it('with an unknown name anywhere does not start, and says all of them at once', () => {
    const odd = { to: 'nowhere', when: ['moon is full'], effects: ['dance'], tell: 'x', trouble: 'y' }
    const faults = changed(t => {
      t.packed = { ...t.packed, next: { ...t.packed.next, shipped: odd, teleported: odd } as State['next'] }
      t.picking = { ...t.picking, timers: ['doom' as never] }
    })
    expect(faults).toEqual(
      expect.arrayContaining([
        'packed: "teleported" is no word of evidence',
        'packed -(shipped)-> nowhere: there is no such state',
        'picking: there is no timer "doom"',
      ]),
    )
    const named = changed(t => {
      t.packed = {
        ...t.packed,
        next: { ...t.packed.next, shipped: { ...odd, to: 'shipped' } } as State['next'],
      }
    })
    expect(named).toEqual([
      'packed -(shipped)-> shipped: there is no guard "moon is full"',
      'packed -(shipped)-> shipped: there is no effect "dance"',
      'packed -(shipped)-> shipped: there is no notice "x"',
      'packed -(shipped)-> shipped: there is no trouble "y"',
    ])
  })

  it('with a step backward that is not marked as one does not start', () => {
    const faults = changed(t => {
      t.shipped = { ...t.shipped, next: { ...t.shipped.next, 'at-branch': { to: 'picking' } } }
    })
    expect(faults).toContain('shipped -(at-branch)-> picking leads backward')
  })

  it('with a step that could be taken for ever does not start', () => {
    const faults = changed(t => {
      t.packed = { ...t.packed, auto: [{ to: 'packed' }] }
    })
    expect(faults).toContain('packed -(at once)-> packed could be taken for ever')
  })

  it('throws everything that is wrong in one message', () => {
    const table = { ...states, closed: { ...states.closed, terminal: undefined } } as unknown as Table
    expect(() => checkTable(table)).toThrow('closed is a dead end')
  })
})

describe('the page about the states', () => {
  it('names every state in both languages, and every word of evidence', () => {
    const page = orderStatesPage()
    for (const status of lineStatuses) {
      expect(page).toContain(`### ${status} ${states[status].zh} (${states[status].en})`)
      expect(mermaid()).toMatch(new RegExp(`\\b${status}\\b`))
    }
    for (const what of whats) expect(page).toContain(what)
  })
})

describe('evidence at the border', () => {
  const raw = {
    id: 'e1',
    libraryId: 'home',
    orderId: 'o',
    lineId: 'l',
    source: 'staff',
    what: 'packed',
    at: 1,
    receivedAt: 1,
    data: { parcelNumber: 'P1' },
  } as const

  it('is taken when word, source and data fit', () => {
    expect(readEvidence(raw)).toEqual({ ok: true, value: raw })
  })

  it.each([
    ['an unknown word', { what: 'toString' }],
    ['a source that cannot know', { source: 'courier' }],
    ['a missing field', { data: {} }],
    ['a field too many', { data: { parcelNumber: 'P1', name: '李小明' } }],
    ['a field too long', { data: { parcelNumber: 'P'.repeat(65) } }],
  ] as const)('is not taken with %s', (_why, change) => {
    const answer = readEvidence({ ...raw, ...change } as typeof raw)
    expect(answer).toMatchObject({ ok: false, problem: { kind: 'garbled', code: 'bad-evidence' } })
  })

  it('of an effect has one id for ever, whatever the number of tries', () => {
    expect(effectEvidenceId('o/l/ils.checkout/3')).toBe('effect:o/l/ils.checkout/3')
    expect(effectEvidenceId('k', 'deferred')).not.toBe(effectEvidenceId('k'))
  })

  it('that comes too early is told from evidence that comes too late', () => {
    expect(whereCounts('packed', 'delivered')).toBe('ahead')
    expect(whereCounts('on_loan', 'delivered')).toBe('behind')
    expect(whereCounts('closed', 'packed')).toBe('behind')
  })

  it('has a word for each step, each said by somebody', () => {
    for (const what of whats) expect(vocabulary[what].from.length, what).toBeGreaterThan(0)
  })
})
