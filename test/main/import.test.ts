import { describe, expect, it } from 'vitest'
import { defaultHoldings } from '../../src/adapters/catalogue/marc/holdings.ts'
import { type Config, configSchema } from '../../src/config.ts'
import { holdingsOf, locationPlacer, onlyLibrary } from '../../src/main/import.ts'

const library = (catalogue: object = {}): Config['libraries'][number] => {
  const name = { zh: '馆', en: 'Library' }
  const branch = (id: string, more: object) => ({ id, name, address: '街', ...more })
  const hours = { weekly: { 'mon-sun': '09:00-21:00' } }
  return configSchema.parse({
    libraries: [
      {
        id: 'sz',
        name,
        phone: '0512-1',
        divisionCode: '320500',
        region: { province: '江苏省', city: '苏州市', district: '姑苏区' },
        hours,
        ils: { driver: 'manual' },
        branches: [
          branch('main', { locations: ['A'] }),
          branch('stack', { locations: ['B', 'B/1'], shelving: 'closed' }),
        ],
        catalogue,
      },
    ],
  }).libraries[0]!
}

it('needs no --library where there is no choice', () => {
  expect(onlyLibrary(undefined)).toBe('main')
  expect(onlyLibrary([{ id: 'sz' }])).toBe('sz')
  expect(onlyLibrary([{ id: 'sz' }, { id: 'wj' }])).toBeUndefined()
})

describe('a location code', () => {
  it('is found as a whole or by a part; what no branch has stands in the first and is told', () => {
    const placer = locationPlacer(library())
    expect(placer.place('A')).toEqual({ branchId: 'main' })
    expect(placer.place('B/1')).toEqual({ branchId: 'stack', shelving: 'closed' })
    expect(placer.place('X/B')).toEqual({ branchId: 'stack', shelving: 'closed' })
    expect(placer.place(undefined)).toEqual({ branchId: 'main' })
    expect(placer.unknown().size).toBe(0)
    expect([placer.place('Z').branchId, placer.place('Z').branchId]).toEqual(['main', 'main'])
    expect([...placer.unknown()]).toEqual([['Z', 2]])
  })

  it('needs no settings file', () => {
    const placer = locationPlacer(undefined)
    expect(placer.place('anything')).toEqual({ branchId: 'main' })
    expect(placer.unknown().size).toBe(0)
  })
})

describe('the fields of copies', () => {
  it('are the usual ones unless the library says otherwise', () => {
    expect(holdingsOf(undefined)).toBe(defaultHoldings)
    expect(holdingsOf(library())).toEqual(defaultHoldings)
    const own = holdingsOf(
      library({ holdings: { cnmarc: [{ tag: '955', barcode: 'x' }] }, closedLocations: ['C'] }),
    )
    expect(own).toEqual({
      cnmarc: [{ tag: '955', barcode: 'x' }],
      marc21: defaultHoldings.marc21,
      closedLocations: ['C'],
    })
  })

  it('are refused when they are no fields', () => {
    for (const rule of [{ tag: '95', barcode: 'x' }, { tag: '955', barcode: 'xx' }, { tag: '955' }])
      expect(() => library({ holdings: { cnmarc: [rule] } })).toThrow()
  })
})
