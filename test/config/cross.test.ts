import { describe, expect, it } from 'vitest'
import { crossFaults } from '../../src/config/cross.ts'

describe('two locker buses', () => {
  const dial = (host: string, port: number) => ({ dial: { host, port } })

  it('do not go to one converter', () => {
    const faults = crossFaults({
      lockerBuses: [
        { id: 'a', address: dial('192.0.2.7', 20108) },
        { id: 'b', address: dial('192.0.2.8', 20108) },
        { id: 'c', address: dial('192.0.2.7', 20108) },
      ],
    })
    expect(faults).toEqual([
      {
        path: ['lockerBuses', 2, 'address'],
        message: expect.stringContaining('locker bus "a" goes to 192.0.2.7:20108 already'),
      },
    ])
  })

  it('may do without an address, or be dialled', () => {
    expect(crossFaults({ lockerBuses: [{ id: 'a' }, { id: 'b', address: {} }, { id: 'c' }] })).toEqual([])
  })
})

it('two libraries whose systems go by one name are told: their last words would be mixed', () => {
  const libraries = [
    { id: 'a', ils: { name: 'ils:town' } },
    { id: 'b', ils: { name: 'ils:town' } },
    { id: 'c', ils: {} },
  ]
  expect(crossFaults({ libraries })).toEqual([
    { path: ['libraries', 1, 'ils', 'name'], message: 'another library system is already "ils:town"' },
  ])
})
