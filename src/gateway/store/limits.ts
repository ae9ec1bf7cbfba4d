import type { Millis } from '../../kernel/clock.ts'
import { type Problem, refused } from '../../kernel/problem.ts'
import type { Db, Store, Tx } from './db.ts'

/** How often something may fail before it is locked, and for how long; each further failure doubles the lock. */
export interface AttemptRule {
  /** `login-card`, `login-address`, `pickup-code` ... */
  readonly scope: string
  readonly free: number
  readonly firstLock: Millis
  readonly longestLock: Millis
  /** Failures are forgotten this long after the last one. */
  readonly forgetAfter: Millis
  /** A success forgives everything (the owner was there), or only its own try (one of many behind an address). */
  readonly success: 'forgives' | 'counts-for-nothing'
}

const minute = 60_000
/** A card or a staff account: five tries, then a minute, two, four ... an hour. */
export const perAccount = (scope: string): AttemptRule => ({
  scope,
  free: 5,
  firstLock: minute,
  longestLock: 60 * minute,
  forgetAfter: 24 * 60 * minute,
  success: 'forgives',
})
/** A network address may be a whole reading room: more tries, shorter memory. */
export const perAddress = (scope: string): AttemptRule => ({
  scope,
  free: 30,
  firstLock: minute,
  longestLock: 15 * minute,
  forgetAfter: 60 * minute,
  success: 'counts-for-nothing',
})

export type Attempt =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly until: Millis; readonly problem: Problem }

/**
 * Counts a try before it is made, so that many at once cannot slip through; `succeeded` takes it back.
 * `subject` is a keyed hash (`personal.lookup`) where it is personal.
 */
export const countAttempt = (
  store: Store,
  rule: AttemptRule,
  subject: string,
  now: Millis,
): Promise<Attempt> =>
  store.tx(async tx => {
    const row = await find(tx, rule, subject)
    // A lock longer than any we give comes from a clock that was wrong.
    if (row && row.locked_until > now && row.locked_until <= now + rule.longestLock)
      return { allowed: false, until: row.locked_until, problem: tooMany }
    const forgotten = !row || now - row.last_at >= rule.forgetAfter
    const failures = forgotten ? 1 : row.failures + 1
    const values = { failures, last_at: now, locked_until: now + lockAfter(rule, failures) }
    await tx
      .insertInto('attempt')
      .values({ scope: rule.scope, subject, ...values })
      .onConflict(c => c.columns(['scope', 'subject']).doUpdateSet(values))
      .execute()
    return { allowed: true }
  })

/** Whether a further try would be turned away; counts nothing. */
export const isLocked = async (db: Db, rule: AttemptRule, subject: string, now: Millis): Promise<boolean> => {
  const row = await db
    .selectFrom('attempt')
    .select('locked_until')
    .where('scope', '=', rule.scope)
    .where('subject', '=', subject)
    .executeTakeFirst()
  return row !== undefined && row.locked_until > now && row.locked_until <= now + rule.longestLock
}

/** Whether a try is remembered that was not right. */
export const hasFailed = async (db: Db, rule: AttemptRule, subject: string): Promise<boolean> => {
  const row = await db
    .selectFrom('attempt')
    .select('failures')
    .where('scope', '=', rule.scope)
    .where('subject', '=', subject)
    .executeTakeFirst()
  return row !== undefined
}

const lockAfter = (rule: AttemptRule, failures: number): Millis =>
  failures < rule.free
    ? 0
    : Math.min(rule.longestLock, rule.firstLock * 2 ** Math.min(failures - rule.free, 30))

/** The counted try was right. */
export const attemptSucceeded = (
  store: Store,
  rule: AttemptRule,
  subject: string,
  now: Millis,
): Promise<void> =>
  rule.success === 'forgives'
    ? store.tx(tx => forgive(tx, rule, subject))
    : takeAttemptBack(store, rule, subject, now)

/** The counted try was neither right nor wrong: it could not be made. */
export const takeAttemptBack = (
  store: Store,
  rule: AttemptRule,
  subject: string,
  now: Millis,
): Promise<void> =>
  store.tx(async tx => {
    const failures = ((await find(tx, rule, subject))?.failures ?? 0) - 1
    if (failures <= 0) return forgive(tx, rule, subject)
    await tx
      .updateTable('attempt')
      .set({ failures, locked_until: now + lockAfter(rule, failures) })
      .where('scope', '=', rule.scope)
      .where('subject', '=', subject)
      .execute()
  })

const forgive = async (tx: Tx, rule: AttemptRule, subject: string): Promise<void> => {
  await tx.deleteFrom('attempt').where('scope', '=', rule.scope).where('subject', '=', subject).execute()
}

const find = (tx: Tx, rule: AttemptRule, subject: string) =>
  tx
    .selectFrom('attempt')
    .selectAll()
    .where('scope', '=', rule.scope)
    .where('subject', '=', subject)
    .executeTakeFirst()

const tooMany: Problem = {
  ...refused('too-many-attempts', {
    zh: '尝试次数过多，请稍后再试。',
    en: 'too many attempts; try again later',
  }),
  retry: 'later',
}

/** Removes what is forgotten by every rule. */
export const sweepAttempts = async (store: Store, now: Millis): Promise<void> => {
  await store.db
    .deleteFrom('attempt')
    .where('last_at', '<', now - 24 * 60 * minute)
    .execute()
}
