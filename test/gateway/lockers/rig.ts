import {
  createLockers,
  type LockerEvidence,
  type LockerSite,
  type LockersOptions,
} from '../../../src/gateway/lockers/lockers.ts'
import type { LockerDriver } from '../../../src/lockers/locker.ts'
import { sqliteStore, type TestStore } from '../../harness/store.ts'

/** Twelve doors in three columns: eight small, three medium, one large; the middle row within reach. */
export const layout = Array.from({ length: 12 }, (_, i) => ({
  id: `A${String(i + 1).padStart(2, '0')}`,
  label: `${i + 1}`,
  size: i < 8 ? ('small' as const) : i < 11 ? ('medium' as const) : ('large' as const),
  row: Math.floor(i / 3) + 1,
  column: (i % 3) + 1,
  board: i < 8 ? 1 : 2,
  channel: i < 8 ? i + 1 : i - 7,
  accessible: i >= 3 && i < 6,
}))
export const boards = [
  { board: 1, channels: 8 },
  { board: 2, channels: 4 },
]

export const site: LockerSite = {
  id: 'guanqian',
  libraryId: 'su',
  name: { zh: '观前街柜', en: 'Guanqian Street' },
  place: '观前街 1 号',
  phone: '0512-00000000',
  line: 'a',
  compartments: layout,
}
export const farSite: LockerSite = { ...site, id: 'xiangcheng', line: 'b' }

export const parcel = (name: string, lines = 1) => ({
  lockerId: site.id,
  libraryId: 'su',
  orderId: `order-${name}`,
  parcel: `P-${name}`,
  lineIds: Array.from({ length: lines }, (_, i) => `line-${name}-${i + 1}`),
})

/** The service over a store, with what it told kept. */
export const lockersOver = (
  base: TestStore,
  lines: ReadonlyMap<string, LockerDriver>,
  more: Partial<LockersOptions> = {},
) => {
  const told: LockerEvidence[] = []
  const lockers = createLockers({
    store: base.store,
    clock: base.clock,
    ids: base.ids,
    personal: base.personal,
    sites: [site],
    lines,
    ingest: async evidence => {
      told.push(evidence)
    },
    ...more,
  })
  const codeOf = async (name: string): Promise<string> => {
    const [one] = await lockers.codes('su', `order-${name}`)
    if (!one) throw new Error(`no code for ${name}`)
    return one.code
  }
  const said = () => told.map(one => `${one.what} ${one.lineId}`)
  const stateOf = async (id: string) => {
    const seen = await lockers.picture(site.id)
    if (!seen.ok) throw new Error(seen.problem.code)
    return seen.value.compartments.find(one => one.id === id)!
  }
  const kinds = async () => (await lockers.history(site.id, { limit: 1000 })).map(one => one.kind).reverse()
  return { lockers, told, said, codeOf, stateOf, kinds }
}

export const freshStore = (): Promise<TestStore> => sqliteStore('lockers')
