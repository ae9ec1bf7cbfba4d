import type { Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import { ProblemError, refused } from '../../kernel/problem.ts'
import type { Db, Tx } from './db.ts'
import type { StaffUserTable } from './ground.ts'

export const staffRoles = ['librarian', 'manager', 'auditor', 'administrator'] as const
export type StaffRole = (typeof staffRoles)[number]

export interface StaffUser {
  readonly libraryId: string
  readonly id: string
  /** Unique over all libraries; compared without case. */
  readonly login: string
  readonly name: string
  readonly role: StaffRole
  /** Branch ids the person works at; empty: all of the library. */
  readonly branches: readonly string[]
  readonly createdAt: Millis
  readonly disabledAt: Millis | null
}

/** Throws `refused/login-taken`. */
export const addUser = async (
  tx: Tx,
  user: Omit<StaffUser, 'disabledAt'>,
  passwordHash: string,
): Promise<void> => {
  const login = user.login.toLowerCase()
  const taken = await tx.selectFrom('staff_user').select('id').where('login', '=', login).executeTakeFirst()
  if (taken)
    throw new ProblemError(
      refused('login-taken', {
        zh: `登录名“${login}”已有人使用。`,
        en: `the log-in name "${login}" is taken`,
      }),
    )
  await tx
    .insertInto('staff_user')
    .values({
      library_id: user.libraryId,
      id: user.id,
      login,
      name: user.name,
      role: user.role,
      branches: JSON.stringify(user.branches),
      password_hash: passwordHash,
      created_at: user.createdAt,
      disabled_at: null,
    })
    .execute()
}

/** By log-in name, with the hash to check; also people who may no longer log in. */
export const userByLogin = async (
  db: Db,
  login: string,
): Promise<{ readonly user: StaffUser; readonly passwordHash: string } | undefined> => {
  const row = await db
    .selectFrom('staff_user')
    .selectAll()
    .where('login', '=', login.toLowerCase())
    .executeTakeFirst()
  return row && { user: fromRow(row), passwordHash: row.password_hash }
}

export const userById = async (db: Db, libraryId: string, id: string): Promise<StaffUser | undefined> => {
  const row = await db
    .selectFrom('staff_user')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

export const listUsers = async (db: Db, libraryId?: string): Promise<readonly StaffUser[]> => {
  let query = db.selectFrom('staff_user').selectAll().orderBy('library_id').orderBy('login')
  if (libraryId !== undefined) query = query.where('library_id', '=', libraryId)
  return (await query.execute()).map(fromRow)
}

export const setPassword = async (tx: Tx, user: StaffUser, passwordHash: string): Promise<void> => {
  await tx
    .updateTable('staff_user')
    .set({ password_hash: passwordHash })
    .where('library_id', '=', user.libraryId)
    .where('id', '=', user.id)
    .execute()
}

/** The person may no longer log in; the name stays taken, since the audit log speaks of it. */
export const disableUser = async (tx: Tx, user: StaffUser, at: Millis): Promise<void> => {
  await tx
    .updateTable('staff_user')
    .set({ disabled_at: at })
    .where('library_id', '=', user.libraryId)
    .where('id', '=', user.id)
    .execute()
}

const fromRow = (r: Selectable<StaffUserTable>): StaffUser => ({
  libraryId: r.library_id,
  id: r.id,
  login: r.login,
  name: r.name,
  role: r.role,
  branches: JSON.parse(r.branches) as string[],
  createdAt: r.created_at,
  disabledAt: r.disabled_at,
})
