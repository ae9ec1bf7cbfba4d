import type { IlsItem } from '../../adapters/ils/ils.ts'
import { findByBarcode, titlesOf } from '../catalogue/record.ts'
import type { Store } from '../store/db.ts'

/** What a library without a link to its system knows of a book: what its catalogue says. */
export const itemOfCatalogue = async (
  store: Store,
  libraryId: string,
  barcode: string,
): Promise<IlsItem | undefined> => {
  const [copy] = await findByBarcode(store.db, barcode, libraryId)
  if (!copy) return undefined
  const titles = await titlesOf(store.db, [[libraryId, barcode]])
  const known = [...titles.values()][0]
  return {
    barcode,
    title: known?.title ?? '',
    status: copy.status === 'free' ? 'available' : copy.status === 'lent' ? 'charged' : 'unknown',
    ...(copy.location === null ? {} : { location: copy.location }),
    ...(copy.callNumber === null ? {} : { callNumber: copy.callNumber }),
    messages: [],
  }
}
