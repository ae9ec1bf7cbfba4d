import type { KyselyPlugin } from 'kysely'
import type { Store } from '../../src/gateway/store/db.ts'

/**
 * A store that knows whether anything is being asked of it. A database elsewhere answers in its own time: a clock that a
 * test moves on must wait for it, or leases run out between a question and its answer.
 */
export const quietStore = (store: Store): { readonly store: Store; readonly quiet: () => boolean } => {
  let pending = 0
  const asked: KyselyPlugin = {
    transformQuery: ({ node }) => {
      pending += 1
      return node
    },
    transformResult: async ({ result }) => {
      pending -= 1
      return result
    },
  }
  const tx: Store['tx'] = async (act, options) => {
    pending += 1
    try {
      return await store.tx(act, options)
    } finally {
      pending -= 1
    }
  }
  return { store: { ...store, db: store.db.withPlugin(asked), tx }, quiet: () => pending <= 0 }
}
