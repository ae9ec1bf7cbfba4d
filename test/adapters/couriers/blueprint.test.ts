import { expect, it } from 'vitest'
import { bookRequest, readBooking, readPush } from '../../../src/adapters/couriers/_blueprint.ts'
import { parcelOf } from '../../contracts/courier.ts'

it('shows the four tests of a driver: request built, answer read, refusal read, push read', () => {
  expect(JSON.parse(bookRequest(parcelOf('P-1'), { endpoint: '', key: 'k' }))).toMatchObject({ order: 'P-1' })
  expect(readBooking('{"waybill":"W1"}')).toEqual({ ok: true, value: { waybill: 'W1', already: false } })
  expect(readBooking('{"error":"E7"}')).toMatchObject({ problem: { kind: 'refused', their: { code: 'E7' } } })
  expect(readPush('{"waybill":"W1","action":"?","time":5}')).toMatchObject({ value: [{ kind: 'unknown' }] })
  for (const broken of ['', 'null', '{}', '{"waybill":"W1"}'])
    expect(readPush(broken)).toMatchObject({ problem: { kind: 'garbled' } })
})
