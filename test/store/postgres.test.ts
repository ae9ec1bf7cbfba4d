import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { audit, verifyAudit } from '../../src/gateway/store/audit.ts'
import { isGone, migrate, openStore } from '../../src/gateway/store/db.ts'
import { noLog } from '../../src/kernel/log.ts'
import { ProblemError } from '../../src/kernel/problem.ts'
import { freshDatabase, havePostgres, startPostgres } from '../harness/postgres.ts'

const entry = { libraryId: 'suzhou', at: 1, actor: 'a', action: 'b', subject: 'c', reason: 'd' }

describe.skipIf(!havePostgres())('a store on PostgreSQL', () => {
  it('outlives a server that is killed and started again, and loses nothing that was committed', async () => {
    const server = (await startPostgres({ durable: true }))!
    const warned: string[] = []
    const store = openStore(server.url, { log: { ...noLog, warn: (_, message) => warned.push(message) } })
    await migrate(store)
    await store.tx(tx => audit(tx, entry))
    await Promise.all(Array.from({ length: 5 }, () => sql`select pg_sleep(0.01)`.execute(store.db)))
    const underWay = sql`select pg_sleep(60)`.execute(store.db).catch(isGone)
    await sql`select 1`.execute(store.db)
    await server.kill()
    expect(await underWay).toBe(true)
    const tries = [1, 2, 3, 4, 5, 6].map(() =>
      store.tx(tx => audit(tx, entry)).catch((error: unknown) => error),
    )
    for (const error of await Promise.all(tries))
      expect(
        isGone(error) || (error instanceof ProblemError && error.problem.code === 'store-unreachable'),
        String(error),
      ).toBe(true)
    await server.start()
    await store.tx(tx => audit(tx, entry))
    expect(await verifyAudit(store.db, 'suzhou')).toMatchObject({ whole: true, entries: 2 })
    expect(warned).toContain('an idle database connection was lost')
    await store.close()
    await server.stop()
  })

  it('tells that it is busy when all connections are in use for too long, and works again after', async () => {
    const store = openStore(await freshDatabase(), { poolSize: 2, connectTimeout: 200 })
    const gate = Promise.withResolvers<void>()
    const holding = [1, 2].map(() => store.tx(() => gate.promise))
    const third = sql`select 1`.execute(store.db)
    await expect(third).rejects.toMatchObject({ problem: { kind: 'unreachable', code: 'store-unreachable' } })
    gate.resolve()
    await Promise.all(holding)
    await sql`select 1`.execute(store.db)
    await store.close()
  })

  it('lets two processes migrate at once', async () => {
    const url = await freshDatabase()
    const stores = [openStore(url), openStore(url)]
    await Promise.all(stores.map(migrate))
    for (const store of stores) await store.close()
  })
})
