import { no, refused, yes } from '../../kernel/problem.ts'
import type { Courier } from './courier.ts'

/**
 * The library's own van. Nobody is called: the waybill is made of the parcel's number, so booking twice gives
 * the same one. Where a parcel is comes from the scans of the staff on the round.
 */
export const createOwnVan = (settings: { readonly prefix?: string } = {}): Courier => ({
  name: 'own-van',
  book: async parcel =>
    /^[A-Za-z0-9-]{1,64}$/.test(parcel.number)
      ? yes({ waybill: `${settings.prefix ?? 'VAN'}-${parcel.number}`, already: false })
      : no(badNumber),
  cancel: async () => yes(undefined),
})

const badNumber = refused('courier-bad-number', {
  zh: '包裹编号只能由字母、数字和连字符组成。',
  en: 'A parcel number consists of letters, digits and hyphens.',
})
