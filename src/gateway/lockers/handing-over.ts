import { type Answer, no, yes } from '../../kernel/problem.ts'
import { findParcel } from '../store/lockers.ts'
import { voidCodes } from '../store/pickup-codes.ts'
import { issueCode, type ReaderCode, readerCodes } from './codes.ts'
import type { Inside } from './inside.ts'
import type { Lockers } from './lockers.ts'
import { note } from './settling.ts'
import { nothingThere } from './words.ts'

/**
 * A code for whom the reader sends. The reader's own stays valid: the first of the two to be used takes the parcel,
 * and the other is dead. Nothing is kept of the person but that it was the second code.
 */
export const handingOver = (inside: Inside): Pick<Lockers, 'handOver' | 'endHandOver'> => {
  const { store, personal, clock } = inside.options
  const at = async (
    libraryId: string,
    orderId: string,
    parcel: string,
    actor: string,
    on: boolean,
  ): Promise<Answer<void>> => {
    const found = await store.tx(async tx => {
      const place = await findParcel(tx, libraryId, parcel)
      const contents = place?.compartment.contents
      if (place?.compartment.state !== 'loaded' || contents?.orderId !== orderId) return undefined
      const desk = inside.desk(tx, place.key)
      if (on)
        await issueCode(tx, place.key, place.compartment.id, contents, {
          ...desk,
          life: desk.rules.codeLife,
          forOther: true,
        })
      else await voidCodes(tx, libraryId, parcel, desk.now, { onlyForOther: true })
      await note(desk, on ? 'handed-over' : 'hand-over-ended', place.compartment.id, { actor, contents })
      return place
    })
    if (!found) return no(nothingThere)
    const station = inside.stations().find(one => one.site.id === found.key.lockerId)
    if (station) inside.happened(station)
    return yes(undefined)
  }
  return {
    handOver: async ({ libraryId, orderId, parcel, actor }): Promise<Answer<ReaderCode>> => {
      const done = await at(libraryId, orderId, parcel, actor, true)
      if (!done.ok) return done
      const codes = await readerCodes(store.db, personal, libraryId, orderId, clock.now())
      const fresh = codes.find(one => one.parcel === parcel && one.forOther)
      return fresh ? yes(fresh) : no(nothingThere)
    },
    endHandOver: ({ libraryId, orderId, parcel, actor }) => at(libraryId, orderId, parcel, actor, false),
  }
}
