import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Db, Tx } from './db.ts'
import type { AccessKeyTable } from './ground.ts'

/**
 * A key of a locker screen (`device`), of another system (`partner`), of a cabinet that may register (`registration`, used
 * up by it) or has done so (`cabinet`).
 */
export interface AccessKey {
  readonly libraryId: string
  readonly id: string
  readonly kind: 'device' | 'partner' | 'registration' | 'cabinet'
  /** Of a cabinet, its id on its line. */
  readonly name: string
  /** A device's locker id; a cabinet's line. */
  readonly subject: string | null
  /** What a partner may do: `records:read`, `orders:write` ... */
  readonly scopes: readonly string[]
  readonly createdAt: Millis
  readonly expiresAt: Millis | null
  readonly revokedAt: Millis | null
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** Makes a key. The returned text is shown once and kept nowhere. */
export const issueKey = async (
  tx: Tx,
  key: Omit<AccessKey, 'id' | 'createdAt' | 'revokedAt'>,
  ids: Ids,
  now: Millis,
): Promise<{ readonly id: string; readonly secret: string }> => {
  const id = ids.next()
  const secret = `sq_${key.kind}_${ids.secret(24)}`
  await tx
    .insertInto('access_key')
    .values({
      library_id: key.libraryId,
      id,
      kind: key.kind,
      name: key.name,
      subject: key.subject,
      scopes: JSON.stringify(key.scopes),
      secret_hash: hashOf(secret),
      created_at: now,
      expires_at: key.expiresAt,
      revoked_at: null,
    })
    .execute()
  return { id, secret }
}

/** The key of a secret, when it is of this kind, not revoked and not expired. */
export const findKey = async (
  db: Db,
  kind: AccessKey['kind'],
  secret: string,
  now: Millis,
): Promise<AccessKey | undefined> => {
  const row = await db
    .selectFrom('access_key')
    .selectAll()
    .where('secret_hash', '=', hashOf(secret))
    .where('kind', '=', kind)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (!row || (row.expires_at !== null && row.expires_at <= now)) return undefined
  return fromRow(row)
}

/** False when there is no such key in force. */
export const revokeKey = async (tx: Tx, libraryId: string, id: string, now: Millis): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('access_key')
    .set({ revoked_at: now })
    .where('library_id', '=', libraryId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export const listKeys = async (db: Db, kind: AccessKey['kind']): Promise<readonly AccessKey[]> =>
  (
    await db
      .selectFrom('access_key')
      .selectAll()
      .where('kind', '=', kind)
      .orderBy('library_id')
      .orderBy('id')
      .execute()
  ).map(fromRow)

const fromRow = (r: Selectable<AccessKeyTable>): AccessKey => ({
  libraryId: r.library_id,
  id: r.id,
  kind: r.kind,
  name: r.name,
  subject: r.subject,
  scopes: JSON.parse(r.scopes) as string[],
  createdAt: r.created_at,
  expiresAt: r.expires_at,
  revokedAt: r.revoked_at,
})
