import { expect, it } from 'vitest'
import { createOwnVan } from '../../../src/adapters/couriers/own-van.ts'
import { courierContract, parcelOf } from '../../contracts/courier.ts'

courierContract('own van', async () => createOwnVan())

it('lets two vans of one town keep their waybills apart', async () => {
  const [east, west] = [createOwnVan({ prefix: 'EAST' }), createOwnVan({ prefix: 'WEST' })]
  expect(await east.book(parcelOf('P-1'))).toMatchObject({ value: { waybill: 'EAST-P-1' } })
  expect(await west.book(parcelOf('P-1'))).toMatchObject({ value: { waybill: 'WEST-P-1' } })
})
