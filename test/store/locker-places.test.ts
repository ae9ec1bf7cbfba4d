import { expect, it } from 'vitest'
import {
  changePlace,
  insertPlace,
  livingPlaces,
  placeByReference,
} from '../../src/gateway/store/locker-places.ts'
import { eachStore } from '../harness/store.ts'

const key = { libraryId: 'su', lockerId: 'guanqian' }
const day = 86_400_000

eachStore('places that a vendor keeps', fresh => {
  it('are forgotten three months after they were wanted, unless something may still come of them', async () => {
    const { store, clock } = await fresh()
    const start = clock.now()
    const want = (reference: string, createdAt: number, of = key) =>
      store.tx(tx =>
        insertPlace(tx, of, { reference, board: 1, libraryId: 'su', parcel: `P-${reference}`, createdAt }),
      )
    const far = { ...key, lockerId: 'xiangcheng' }
    for (const name of ['over', 'refused', 'kept']) await want(name, start)
    await want('over', start, far)
    for (const state of ['over', 'refused', 'kept'] as const)
      await store.tx(tx => changePlace(tx, key, state, { state }))
    await store.tx(tx => changePlace(tx, far, 'over', { state: 'over' }))

    await want('soon', start + 90 * day)
    expect(await placeByReference(store.db, key, 'over')).toMatchObject({ state: 'over' })
    await want('late', start + 90 * day + 1)
    expect(await placeByReference(store.db, key, 'over')).toBe(undefined)
    expect(await placeByReference(store.db, key, 'refused')).toBe(undefined)
    expect((await livingPlaces(store.db, key)).map(one => one.reference)).toEqual(['kept', 'soon', 'late'])
    expect(await placeByReference(store.db, far, 'over')).toMatchObject({ state: 'over' })
  })
})
