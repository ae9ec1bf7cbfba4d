import type { BibRecord, CatalogueSource, SourceRecord } from '../../../src/adapters/catalogue/catalogue.ts'
import {
  type ImportOptions,
  type ImportResult,
  importRecords,
} from '../../../src/gateway/catalogue/import.ts'
import type { TestStore } from '../../harness/store.ts'

/** A record with what a test does not care about left empty. */
export const book = (controlNumber: string, title: string, more: Partial<BibRecord> = {}): BibRecord => ({
  controlNumber,
  title,
  otherAuthors: [],
  isbns: [],
  subjects: [],
  items: [],
  ...more,
})

export const copies = (...barcodes: string[]): BibRecord['items'] =>
  barcodes.map(barcode => ({ barcode, callNumber: `I/${barcode}`, location: 'GQJ', shelving: 'open' }))

export const sourceOf = (records: readonly (BibRecord | string)[]): CatalogueSource => ({
  name: 'test',
  async *records() {
    for (const [i, record] of records.entries()) {
      const where = { number: i + 1, offset: i * 100 }
      const found: SourceRecord =
        typeof record === 'string'
          ? { ok: false, ...where, reason: record }
          : { ok: true, ...where, record, warnings: [] }
      yield found
    }
  },
})

export const bring = (
  { store, clock }: TestStore,
  libraryId: string,
  records: readonly (BibRecord | string)[],
  more: Partial<ImportOptions> = {},
): Promise<ImportResult> =>
  importRecords(store, {
    libraryId,
    source: sourceOf(records),
    clock,
    locationToBranch: () => ({ branchId: `${libraryId}-main` }),
    ...more,
  })
