import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Registrations } from '../../lockers/locker.ts'
import { audit } from './audit.ts'
import type { Store } from './db.ts'
import { findKey, issueKey, listKeys, revokeKey } from './keys.ts'

/**
 * Cabinets that register themselves on a line: the token is a key that is used up by being shown, the password is one
 * that is in force until the next, or until somebody revokes it. Both stand in the store as hashes alone.
 */
export const registrationsOf = (store: Store, ids: Ids, clock: Clock, line: string): Registrations => ({
  redeem: (token, cabinets) =>
    store.tx(async tx => {
      const now = clock.now()
      const key = await findKey(tx, 'registration', token, now)
      if (!key || key.subject !== line || !cabinets.has(key.name)) return undefined
      // Of two who show it at the same time one is too late.
      if (!(await revokeKey(tx, key.libraryId, key.id, now))) return undefined
      for (const old of await listKeys(tx, 'cabinet'))
        if (old.subject === line && old.name === key.name && old.revokedAt === null)
          await revokeKey(tx, old.libraryId, old.id, now)
      const { libraryId, name } = key
      const about = { libraryId, kind: 'cabinet', name, subject: line, scopes: [], expiresAt: null } as const
      const issued = await issueKey(tx, about, ids, now)
      await audit(tx, {
        libraryId,
        at: now,
        actor: `cabinet:${name}`,
        action: 'cabinet-registered',
        subject: `${line}/${name}`,
        reason: `token ${key.id}`,
      })
      return { cabinet: name, password: issued.secret }
    }),
  knows: async (cabinet, password) => {
    const key = await findKey(store.db, 'cabinet', password, clock.now())
    return key?.name === cabinet && key.subject === line
  },
})
