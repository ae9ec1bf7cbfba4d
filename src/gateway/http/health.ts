import { sql } from 'kysely'
import { pendingMigrations } from '../store/db.ts'
import type { Deps, Routes } from './deps.ts'

/** Liveness says only that the process answers; readiness that it can work. Neither asks an ILS. */
export const healthRoutes =
  (deps: Pick<Deps, 'store' | 'started'>): Routes =>
  app => {
    app.get('/healthz', c => c.json({ status: 'alive' }))
    app.get('/readyz', async c => {
      const checks = { ...(await database(deps)), ...deps.started() }
      const ready = Object.values(checks).every(Boolean)
      return c.json({ status: ready ? 'ready' : 'not-ready', checks }, ready ? 200 : 503)
    })
  }

const database = async ({ store }: Pick<Deps, 'store'>): Promise<Record<string, boolean>> => {
  try {
    await sql`select 1`.execute(store.db)
    return { database: true, migrations: (await pendingMigrations(store)).length === 0 }
  } catch {
    return { database: false, migrations: false }
  }
}
