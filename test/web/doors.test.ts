import { describe, expect, it } from 'vitest'
import { layDoors } from '../../src/web/base/doors.ts'

const cabinet = [
  { id: 'a', row: 1, column: 1, size: 'small' },
  { id: 'b', row: 2, column: 1, size: 'large' },
  { id: 'c', row: 1, column: 4, size: 'medium' },
  { id: 'd', row: 2, column: 4, size: 'medium' },
]

describe('the drawing of a cabinet', () => {
  const picture = layDoors(cabinet)
  const placeOf = (id: string) => picture.doors.find(door => door.of.id === id)!.place

  it('closes up the columns that have no doors', () => {
    expect(new Set(picture.doors.map(door => door.place.x)).size).toBe(2)
    expect(picture.width).toBe(124)
  })

  it('gives a large door more room than a small one, and both columns the same height', () => {
    expect(placeOf('b').height).toBeCloseTo(placeOf('a').height * 2.4)
    for (const id of ['b', 'd']) expect(placeOf(id).y + placeOf(id).height).toBeCloseTo(picture.height - 4)
  })

  it('lets no two doors of a column overlap', () => {
    expect(placeOf('b').y).toBeGreaterThan(placeOf('a').y + placeOf('a').height)
  })

  it('draws an empty cabinet without doors', () => {
    expect(layDoors([]).doors).toEqual([])
  })
})
