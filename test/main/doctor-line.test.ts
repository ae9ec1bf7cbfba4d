import { expect, it } from 'vitest'
import { lineOf } from '../../src/main/verbs/doctor-locker.ts'

const bus = (id: string, host: string) => ({
  id,
  driver: 'xor-8a',
  address: { dial: { host, port: 4001 } },
  boards: [{ address: 1, channels: 8 }],
})
const buses = [bus('a', '10.0.0.5'), bus('b', 'serial-two'), { id: 'cloud', driver: 'vendor-cloud' }]
const lookup = async (host: string) => (host === 'serial-two' ? ['10.0.0.6'] : [])

it.each([
  ['b', 'b'],
  ['10.0.0.5:4001', 'a'],
  ['[::ffff:a00:5]:4001', 'a'],
  ['10.0.0.6:4001', 'b'],
  ['10.0.0.5:4002', 'new-line'],
])('%s is the line %s, whose cabinets and books are known', async (name, id) => {
  expect((await lineOf(name, 'wkly', buses, lookup)).id).toBe(id)
})
