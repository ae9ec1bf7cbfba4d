import { describe, expect, it } from 'vitest'
import type { Contact, Courier, Parcel } from '../../src/adapters/couriers/courier.ts'

const library: Contact = {
  name: '图书馆配送组',
  phone: '0512-00000001',
  province: '江苏省',
  city: '苏州市',
  district: '姑苏区',
  address: '人民路 858 号',
}
const reader: Contact = { ...library, name: '测试读者', phone: '13900001234', address: '观前街 1 号（2 幢）' }

/** A parcel to a reader; with `back`, the return of one. */
export const parcelOf = (number: string, more: Partial<Parcel> & { back?: boolean } = {}): Parcel => {
  const { back = false, ...rest } = more
  return {
    number,
    from: back ? reader : library,
    to: back ? library : reader,
    contents: [{ name: '图书 "平凡的世界" (第 1 部)*', count: 2 }],
    weightGrams: 900,
    callForPickup: back,
    ...rest,
  }
}

/** What every courier must keep. `make` gives a courier with its party in a fresh state. */
export const courierContract = (name: string, make: () => Promise<Courier>): void => {
  describe(`courier contract: ${name}`, () => {
    it('books a parcel under our number and gives a waybill', async () => {
      const answer = await (await make()).book(parcelOf('P-1'))
      expect(answer).toMatchObject({ ok: true, value: { waybill: expect.stringMatching(/^[\w-]{6,80}$/) } })
    })

    it('gives the same waybill for the same parcel, and another for another', async () => {
      const courier = await make()
      const waybill = async (number: string): Promise<string> => {
        const answer = await courier.book(parcelOf(number))
        return answer.ok ? answer.value.waybill : `refused ${number}`
      }
      const first = await waybill('P-1')
      expect(await waybill('P-1')).toBe(first)
      expect(await waybill('P-2')).not.toBe(first)
    })

    it('calls for a return at the reader’s home', async () => {
      expect(
        await (await make()).book(parcelOf('R-1', { back: true, pickupFrom: 1_772_000_000_000 })),
      ).toMatchObject({
        ok: true,
      })
    })

    it('cancels a booked parcel, and again, and one it never had', async () => {
      const courier = await make()
      await courier.book(parcelOf('P-1'))
      for (const number of ['P-1', 'P-1', 'never-booked'])
        expect(await courier.cancel(number)).toEqual({ ok: true, value: undefined })
    })

    it('refuses a parcel number that could be read as something else', async () => {
      const courier = await make()
      for (const number of ['', 'a b', 'P\n1', 'x'.repeat(65), '包裹'])
        expect(await courier.book(parcelOf(number))).toMatchObject({
          ok: false,
          problem: { kind: 'refused' },
        })
    })
  })
}
