import type { IlsItem, IlsPatron } from '../../adapters/ils/ils.ts'
import type { ManualTasks } from '../../adapters/ils/manual.ts'
import type { Store } from '../store/db.ts'
import { countManualTasks, manualAnswer, putManualTask } from '../store/manual-tasks.ts'
import { patronByCard } from '../store/patrons.ts'
import type { Personal } from '../store/personal.ts'

/** The tasks of one library whose staff act by hand; kept over restarts, card numbers sealed. */
export const createManualTasks = async (parts: {
  readonly libraryId: string
  readonly store: Store
  readonly personal: Personal
  /** What the catalogue knows of a book. */
  readonly item: (libraryId: string, barcode: string) => Promise<IlsItem | undefined>
}): Promise<ManualTasks> => {
  const { libraryId, store, personal } = parts
  let waiting = await countManualTasks(store.db, libraryId)
  return {
    put: async task => {
      await putManualTask(store.db, libraryId, task, personal)
      waiting = await countManualTasks(store.db, libraryId)
    },
    answer: async key => {
      const answer = await manualAnswer(store.db, libraryId, key, personal)
      if (answer && answer.state !== 'waiting') waiting = await countManualTasks(store.db, libraryId)
      return answer
    },
    patron: async ({ card }) => {
      const patron = await patronByCard(store.db, libraryId, card, personal)
      return patron && asIlsPatron(card, patron.name())
    },
    item: barcode => parts.item(libraryId, barcode),
    waiting: () => waiting,
  }
}

/** A card we know, of which the library system tells us nothing. */
const asIlsPatron = (card: string, name: string): IlsPatron => ({
  card,
  name,
  valid: true,
  pinValid: null,
  blocks: [],
  counts: {},
  limits: {},
  owed: 0,
  items: [],
  itemsAre: 'barcode',
  messages: [],
})
