import { existsSync } from 'node:fs'
import { openStore } from '../gateway/store/db.ts'
import { sqlitePath } from '../gateway/store/sqlite.ts'
import { asProblem, ProblemError, unreachable, type Words } from '../kernel/problem.ts'
import type { Place } from './settings.ts'

/** Two who ask on one RS485 line spoil each other's answers: a running gateway keeps its lines to itself. */
export const lineTaken: Words = {
  zh: '网关正在运行，线路由它使用：请看馆员页面的“自助柜”，或停下网关再查',
  en: 'a gateway is running and has the line: see the lockers in the staff pages, or stop it first',
}

/** Whether a gateway runs on this data; on PostgreSQL it cannot be told. */
export const isServed = async ({ databaseUrl }: Place): Promise<boolean> => {
  if (!databaseUrl.startsWith('sqlite:') || !existsSync(sqlitePath(databaseUrl))) return false
  try {
    await openStore(databaseUrl, { exclusive: true }).close()
    return false
  } catch (thrown) {
    if (asProblem(thrown).code === 'database-in-use') return true
    throw thrown
  }
}

/**
 * Keeps gateways from starting on this data until the returned function is called; on PostgreSQL the lease of the
 * line does that. `unreachable/locker-line-elsewhere` while one runs.
 */
export const standAlone = ({ databaseUrl }: Place): (() => Promise<void>) => {
  if (!databaseUrl.startsWith('sqlite:')) return async () => {}
  try {
    const store = openStore(databaseUrl, { exclusive: true })
    return () => store.close()
  } catch (thrown) {
    if (asProblem(thrown).code !== 'database-in-use') throw thrown
    throw new ProblemError(unreachable('locker-line-elsewhere', lineTaken), { cause: thrown })
  }
}
