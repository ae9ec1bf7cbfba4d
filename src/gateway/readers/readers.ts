import type { Contact } from '../../adapters/couriers/courier.ts'
import type { Ils, IlsPatron } from '../../adapters/ils/ils.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import { ProblemError, refused, type Words } from '../../kernel/problem.ts'
import type { MeJson } from '../http/api/reader.ts'
import type { Libraries } from '../libraries.ts'
import { addAddress, addressesOf, removeAddress } from '../store/addresses.ts'
import type { Db, Store } from '../store/db.ts'
import { type Patron, patronById, setLargeType, setWithinReach } from '../store/patrons.ts'
import type { Personal } from '../store/personal.ts'
import { blockReasons } from './words.ts'

export interface ReaderRef {
  readonly libraryId: string
  readonly patronId: string
}

/** What credit says of a reader; a library without it lends to every card. */
export interface ReaderCredit {
  allowanceOf(
    db: Db,
    who: ReaderRef,
  ): Promise<
    { readonly tier: { readonly id: string; readonly name: Words }; readonly maxItems: number } | undefined
  >
  blocksOf(db: Db, who: ReaderRef): Promise<readonly Words[]>
}

export interface ReaderParts {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly personal: Personal
  readonly libraries: Libraries
  readonly ils: (libraryId: string) => Ils
  readonly credit?: ReaderCredit | undefined
}

/** What a reader sees and keeps of the own person. */
export interface Readers {
  /** The reader's own page. `fresh` is what the ILS said a moment ago; else it is asked. Throws `unknown-reader`. */
  describe(who: ReaderRef, fresh?: IlsPatron): Promise<MeJson>
  /** Throws `refused/too-many-addresses`. */
  addAddress(who: ReaderRef, contact: Contact): Promise<{ readonly id: string; readonly label: string }>
  /** False when it is not the reader's. */
  removeAddress(who: ReaderRef, id: string): Promise<boolean>
  setLargeType(who: ReaderRef, large: boolean): Promise<void>
  /** Compartments within reach from a wheelchair, from the next parcel on. */
  setWithinReach(who: ReaderRef, asks: boolean): Promise<void>
}

const unknownReader = refused('unknown-reader', { zh: '没有这位读者。', en: 'there is no such reader' })
const addressesMax = 10
const tooManyAddresses = refused('too-many-addresses', {
  zh: '最多保存 10 个地址，请先删除一个。',
  en: 'At most 10 addresses are kept; remove one first.',
})
const labelOf = ({ district, address }: Contact): string => `${district}${address}`

export const createReaders = (parts: ReaderParts): Readers => {
  const { store, personal, clock } = parts
  const known = async (db: Db, { libraryId, patronId }: ReaderRef): Promise<Patron> => {
    const patron = await patronById(db, libraryId, patronId, personal)
    if (patron) return patron
    throw new ProblemError(unknownReader)
  }
  /** A silent ILS does not keep the page from showing. */
  const ask = async (patron: Patron): Promise<IlsPatron | undefined> => {
    const answer = await parts.ils(patron.libraryId).patron({ card: patron.card(), priority: 'person' })
    return answer.ok ? answer.value : undefined
  }
  return {
    describe: async (who, fresh) => {
      const patron = await known(store.db, who)
      const told = fresh ?? (await ask(patron))
      const allowance = await parts.credit?.allowanceOf(store.db, who)
      const blocks = (await parts.credit?.blocksOf(store.db, who)) ?? []
      const addresses = await addressesOf(store.db, who.libraryId, who.patronId, personal)
      const time = (at: number | null) => (at === null ? null : parts.libraries.time(who.libraryId, at))
      const frozen = patron.frozenUntil !== null && patron.frozenUntil > clock.now()
      return {
        patronId: who.patronId,
        libraryId: who.libraryId,
        name: patron.name(),
        card: patron.card(),
        joined: patron.joinedAt !== null,
        tier: allowance ? { id: allowance.tier.id, name: allowance.tier.name } : null,
        frozenUntil: frozen ? time(patron.frozenUntil) : null,
        loans: { onLoan: told?.counts.charged ?? 0, max: allowance?.maxItems ?? told?.limits.charged ?? 0 },
        owed: told?.owed ?? 0,
        blocks: [...blockReasons(told?.blocks ?? []), ...blocks],
        addresses: addresses.map(a => ({ id: a.id, label: labelOf(a.contact()) })),
        largeType: patron.largeType,
        withinReach: patron.withinReach,
      }
    },
    addAddress: async (who, contact) => {
      const id = parts.ids.next()
      await store.tx(async tx => {
        const kept = await addressesOf(tx, who.libraryId, who.patronId, personal)
        if (kept.length >= addressesMax) throw new ProblemError(tooManyAddresses)
        await addAddress(tx, { ...who, id }, contact, personal, clock.now())
      })
      return { id, label: labelOf(contact) }
    },
    removeAddress: (who, id) => store.tx(tx => removeAddress(tx, { ...who, id })),
    setWithinReach: (who, asks) => store.tx(tx => setWithinReach(tx, who.libraryId, who.patronId, asks)),
    setLargeType: (who, large) => store.tx(tx => setLargeType(tx, who.libraryId, who.patronId, large)),
  }
}
