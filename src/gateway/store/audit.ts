import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Db, Tx } from './db.ts'
import type { AuditTable } from './ground.ts'

/** Who did what to what, and why. No personal data: subjects are ids. */
export interface AuditEntry {
  readonly libraryId: string
  readonly at: Millis
  /** `staff:<id>`, `reader:<id>`, `command-line` ... */
  readonly actor: string
  /** Kebab-case: `locker-opened`, `decision-overridden`. */
  readonly action: string
  readonly subject: string
  readonly reason: string
  readonly data?: Readonly<Record<string, unknown>>
}
export interface AuditRecord extends Required<AuditEntry> {
  readonly seq: number
  readonly hash: string
}

/** What the first entry of a library follows. */
const root = '0'.repeat(64)

type Row = Selectable<AuditTable>

const hashOf = (row: Omit<Row, 'hash'>): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        row.prev_hash,
        row.library_id,
        row.seq,
        row.at,
        row.actor,
        row.action,
        row.subject,
        row.reason,
        row.data,
      ]),
    )
    .digest('hex')

/** Writes an entry at the end of its library's chain. */
export const audit = async (tx: Tx, entry: AuditEntry): Promise<void> => {
  const { libraryId } = entry
  await tx
    .insertInto('audit_head')
    .values({ library_id: libraryId, seq: 0, hash: root })
    .onConflict(c => c.column('library_id').doNothing())
    .execute()
  const head = await tx
    .updateTable('audit_head')
    .set(e => ({ seq: e('seq', '+', 1) }))
    .where('library_id', '=', libraryId)
    .returningAll()
    .executeTakeFirstOrThrow()
  const row = {
    library_id: libraryId,
    seq: head.seq,
    at: entry.at,
    actor: entry.actor,
    action: entry.action,
    subject: entry.subject,
    reason: entry.reason,
    data: JSON.stringify(entry.data ?? {}),
    prev_hash: head.hash,
  }
  const hash = hashOf(row)
  await tx
    .insertInto('audit')
    .values({ ...row, hash })
    .execute()
  await tx.updateTable('audit_head').set({ hash }).where('library_id', '=', libraryId).execute()
}

export type Verdict =
  | { readonly whole: true; readonly entries: number; readonly head: string }
  | { readonly whole: false; readonly seq: number; readonly why: 'missing' | 'changed' | 'cut-off' }

/** Walks a library's chain; the head, kept elsewhere, proves later that nothing was rewritten. */
export const verifyAudit = async (db: Db, libraryId: string): Promise<Verdict> => {
  let prev = root
  let seq = 0
  for (;;) {
    const rows = await page(db, libraryId, seq, 1000)
    for (const row of rows) {
      seq += 1
      if (row.seq !== seq) return { whole: false, seq, why: 'missing' }
      if (row.prev_hash !== prev || row.hash !== hashOf(row)) return { whole: false, seq, why: 'changed' }
      prev = row.hash
    }
    if (rows.length === 0) break
  }
  const head = await db
    .selectFrom('audit_head')
    .selectAll()
    .where('library_id', '=', libraryId)
    .executeTakeFirst()
  if ((head?.seq ?? 0) !== seq || (head?.hash ?? root) !== prev)
    return { whole: false, seq: seq + 1, why: 'cut-off' }
  return { whole: true, entries: seq, head: prev }
}

const page = (db: Db, libraryId: string, after: number, limit: number): Promise<Row[]> =>
  db
    .selectFrom('audit')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute()

/** Newest first; `before` is the `seq` of the last one seen. */
export const listAudit = async (
  db: Db,
  libraryId: string,
  { before, limit }: { before?: number; limit: number },
): Promise<readonly AuditRecord[]> => {
  let query = db
    .selectFrom('audit')
    .selectAll()
    .where('library_id', '=', libraryId)
    .orderBy('seq', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('seq', '<', before)
  return (await query.execute()).map(r => ({
    libraryId: r.library_id,
    seq: r.seq,
    at: r.at,
    actor: r.actor,
    action: r.action,
    subject: r.subject,
    reason: r.reason,
    data: JSON.parse(r.data) as Record<string, unknown>,
    hash: r.hash,
  }))
}

/** Libraries that have entries. */
export const auditedLibraries = async (db: Db): Promise<readonly string[]> =>
  (await db.selectFrom('audit_head').select('library_id').orderBy('library_id').execute()).map(
    r => r.library_id,
  )
