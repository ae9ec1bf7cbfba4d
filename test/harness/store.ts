import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe } from 'vitest'
import { migrate, openStore, type Store } from '../../src/gateway/store/db.ts'
import {
  createPersonal,
  newPersonalKeys,
  type Personal,
  parsePersonalKeys,
} from '../../src/gateway/store/personal.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { createIds, type Ids, seededRandom } from '../../src/kernel/ids.ts'
import { freshDatabase, havePostgres } from './postgres.ts'

export interface TestStore {
  readonly store: Store
  readonly url: string
  readonly clock: ManualClock
  readonly ids: Ids
  readonly personal: Personal
  close(): Promise<void>
}

/** 08:00 on a working Monday in Asia/Shanghai. */
export const monday = '2026-11-23T00:00:00Z'

const opened = async (url: string, seed: string, tidy: () => void = () => {}): Promise<TestStore> => {
  const clock = new ManualClock(monday)
  const store = openStore(url)
  await migrate(store)
  const random = seededRandom(seed)
  return {
    store,
    url,
    clock,
    ids: createIds(clock, random),
    personal: createPersonal(parsePersonalKeys(newPersonalKeys(random))),
    close: async () => {
      await store.close()
      tidy()
    },
  }
}

/** A fresh, migrated store in memory, with a clock that stands still and repeatable ids. */
export const sqliteStore = (seed = 'seed'): Promise<TestStore> => opened('sqlite::memory:', seed)

/** The same in a file, for tests that open it twice. */
export const sqliteFileStore = (seed = 'seed'): Promise<TestStore> => {
  const folder = mkdtempSync(join(tmpdir(), 'shuqiao-store-'))
  return opened(`sqlite:${join(folder, 'shuqiao.sqlite')}`, seed, () => rmSync(folder, { recursive: true }))
}

/** The same on a fresh PostgreSQL database of the run's server. */
export const postgresStore = async (seed = 'seed'): Promise<TestStore> => opened(await freshDatabase(), seed)

/**
 * Runs a block of tests on SQLite and on PostgreSQL (in `test/store/**`, where a server is started). `fresh`
 * gives a new migrated store each time; all are closed after each test.
 */
export const eachStore = (name: string, block: (fresh: () => Promise<TestStore>) => void): void => {
  const run = (open: () => Promise<TestStore>) => (): void => {
    const stores: TestStore[] = []
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close()
    })
    block(async () => {
      const store = await open()
      stores.push(store)
      return store
    })
  }
  describe(`${name}, on SQLite`, run(sqliteStore))
  describe.skipIf(!havePostgres())(`${name}, on PostgreSQL`, run(postgresStore))
}
