import { getRecord, itemsOfWork } from '../catalogue/record.ts'
import type { Holdings } from '../ill/candidates.ts'
import type { Store } from '../store/db.ts'

/** The copies of a record in the whole consortium, as the search for a supplier sees them. */
export const bindHoldings = (store: Store): Holdings => ({
  copies: async recordId => {
    const record = await getRecord(store.db, recordId)
    if (!record) return undefined
    const copies = (await itemsOfWork(store.db, recordId)).filter(copy => copy.lendable)
    return {
      title: record.title,
      author: record.author ?? null,
      clc: record.clc ?? null,
      copies: copies.map(({ libraryId, branchId, barcode, shelving, callNumber, location }) => ({
        supplierId: libraryId,
        branchId,
        barcode,
        shelving,
        callNumber,
        location,
      })),
    }
  },
})
