import { afterEach } from 'vitest'
import { sqliteStore, type TestStore } from '../../harness/store.ts'
import { outside, prepareModel, type World, type WorldOptions, world } from './world.ts'

/** Gives each test of a file a world of its own at 10:00 of a Monday, and closes it afterwards. */
export const worlds = (): ((options?: Partial<WorldOptions>) => Promise<World>) => {
  const open: TestStore[] = []
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close()
  })
  return async (options = {}) => {
    const test = await sqliteStore()
    open.push(test)
    await prepareModel(test.store)
    await test.clock.advance(2 * 3_600_000)
    return world({ ...test, out: outside(test.clock), ...options })
  }
}
