import { describe, expect, it } from 'vitest'
import { type KnownDoor, layOver, likelyDoor } from '../../../src/lockers/commission/layout.ts'

const known = (channel: number, label: string): KnownDoor => ({
  ...{ locker: 'old', id: `door-${label}`, label, size: 'small', row: channel, column: 1, accessible: false },
  ...{ board: 1, channel },
})
const seen = (channel: number, label: string, more: object = {}) => ({
  ...{ board: 1, channel, label, size: 'small' as const, row: channel, column: 1 },
  ...more,
})

describe('what was learned at the doors', () => {
  it('moves a channel to the compartment whose label the person read', () => {
    const { known: laid, fresh } = layOver([known(1, '1'), known(2, '2')], [seen(1, '2'), seen(2, '1')])
    expect(laid[0]!.compartments.map(({ id, channel, accessible }) => [id, channel, accessible])).toEqual([
      ['door-1', 2, false],
      ['door-2', 1, false],
    ])
    expect(fresh).toEqual([])
  })

  it('renames a compartment whose label nobody saw, and adds what no locker has', () => {
    const { known: laid, fresh } = layOver(
      [known(1, '1')],
      [seen(1, 'A01', { size: 'large' }), seen(9, 'A09')],
    )
    expect(laid[0]!.compartments).toMatchObject([{ id: 'door-1', label: 'A01', size: 'large', channel: 1 }])
    expect(fresh).toMatchObject([{ label: 'A09', channel: 9 }])
  })

  it('leaves two compartments on one channel where only one of them was seen: the check tells it', () => {
    const { known: laid } = layOver([known(1, '1'), known(2, '2')], [seen(1, '2')])
    expect(laid[0]!.compartments.map(one => one.channel)).toEqual([1, 1])
  })
})

describe('what the next door is likely to be', () => {
  it('counts on from the last label, below the last door', () => {
    const learned = [seen(1, 'A09', { size: 'medium', column: 2, row: 4 })]
    expect(likelyDoor([], learned, { board: 1, channel: 2 })).toEqual(
      seen(2, 'A10', { size: 'medium', column: 2, row: 5 }),
    )
    expect(likelyDoor([], [], { board: 1, channel: 1 })).toEqual(seen(1, '1', { row: 1 }))
  })

  it('is what the settings say where they say something', () => {
    expect(likelyDoor([known(3, '7')], [seen(1, 'A09')], { board: 1, channel: 3 })).toEqual(
      seen(3, '7', { row: 3 }),
    )
  })
})
