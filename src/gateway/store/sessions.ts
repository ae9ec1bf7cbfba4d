import { createHash } from 'node:crypto'
import type { Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Db, Store, Tx } from './db.ts'

export type SessionKind = 'reader' | 'staff'
export interface Session {
  readonly libraryId: string
  readonly kind: SessionKind
  /** Patron id or staff user id. */
  readonly subjectId: string
  readonly createdAt: Millis
  readonly expiresAt: Millis
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Ends after `idle` without a request, and at `longest` in any case; the token changes every `rotate`. */
const lives: Record<SessionKind, { idle: Millis; longest: Millis; rotate: Millis }> = {
  reader: { idle: 14 * day, longest: 60 * day, rotate: day },
  staff: { idle: 2 * hour, longest: 12 * hour, rotate: hour },
}
/** How long a session lasts at most. */
export const sessionLife = (kind: SessionKind): Millis => lives[kind].longest

/** A replaced token still answers for requests that were under way. */
const grace: Millis = minute
/** How often use is written down. */
const seenStep: Millis = minute

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** Gives the token, which is kept nowhere; the row has its hash. */
export const startSession = async (
  tx: Tx,
  session: Pick<Session, 'libraryId' | 'kind' | 'subjectId'>,
  ids: Ids,
  now: Millis,
): Promise<string> => {
  const token = ids.secret(32)
  await insert(tx, token, { ...session, createdAt: now, expiresAt: now + lives[session.kind].longest }, now)
  return token
}

const insert = async (tx: Tx, token: string, session: Session, now: Millis): Promise<void> => {
  await tx
    .insertInto('session')
    .values({
      token_hash: hashOf(token),
      library_id: session.libraryId,
      kind: session.kind,
      subject_id: session.subjectId,
      created_at: now,
      seen_at: now,
      expires_at: session.expiresAt,
      replaced_at: null,
    })
    .execute()
}

/** The session of a token, and a new token when it is time to change it; undefined when it has ended. */
export const resumeSession = async (
  store: Store,
  token: string,
  ids: Ids,
  now: Millis,
): Promise<{ readonly session: Session; readonly newToken?: string } | undefined> => {
  const hash = hashOf(token)
  const row = await store.db
    .selectFrom('session')
    .selectAll()
    .where('token_hash', '=', hash)
    .executeTakeFirst()
  if (!row) return undefined
  const { idle, rotate } = lives[row.kind]
  if (now >= row.expires_at || now >= row.seen_at + idle) return undefined
  if (row.replaced_at !== null && now >= row.replaced_at + grace) return undefined
  const session: Session = {
    libraryId: row.library_id,
    kind: row.kind,
    subjectId: row.subject_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
  if (row.replaced_at === null && now >= row.created_at + rotate) {
    const newToken = ids.secret(32)
    const changed = await store.tx(async tx => {
      const { numUpdatedRows } = await tx
        .updateTable('session')
        .set({ replaced_at: now })
        .where('token_hash', '=', hash)
        .where('replaced_at', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows === 1n) await insert(tx, newToken, session, now)
      return numUpdatedRows === 1n
    })
    return changed ? { session, newToken } : { session }
  }
  if (now >= row.seen_at + seenStep)
    await store.db.updateTable('session').set({ seen_at: now }).where('token_hash', '=', hash).execute()
  return { session }
}

export const endSession = async (db: Db, token: string): Promise<void> => {
  await db.deleteFrom('session').where('token_hash', '=', hashOf(token)).execute()
}

/** Ends all sessions of a person: password changed, user removed, reader erased. */
export const endSessionsOf = async (
  db: Db,
  { libraryId, kind, subjectId }: Pick<Session, 'libraryId' | 'kind' | 'subjectId'>,
): Promise<void> => {
  await db
    .deleteFrom('session')
    .where('library_id', '=', libraryId)
    .where('kind', '=', kind)
    .where('subject_id', '=', subjectId)
    .execute()
}

/** Removes rows that can no longer be used. */
export const sweepSessions = async (db: Db, now: Millis): Promise<void> => {
  await db
    .deleteFrom('session')
    .where(e => e.or([e('expires_at', '<=', now), e('replaced_at', '<=', now - grace)]))
    .execute()
}
