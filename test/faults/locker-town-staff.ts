import { expect } from 'vitest'
import type { LockerTown } from './locker-town.ts'

const hour = 3_600_000
export const staff = { actor: 'staff:li', reason: '巡查' }

/** A librarian goes round: the overdue and the returned are taken out, alarms settled where all is as it is told. */
export const rounds = async (town: LockerTown): Promise<void> => {
  const { store, clock } = town.base
  for (const { site } of town.sites.map(one => town.place(one.id))) {
    const seen = await town.lockers.picture(site.id)
    if (!seen.ok) throw new Error(seen.problem.code)
    for (const one of seen.value.compartments) {
      const act = { ...staff, lockerId: site.id, compartmentId: one.id }
      const out = town.takeOut(site.id, 'staff')
      if (one.state === 'returned') await town.at(site.id, () => town.lockers.empty(act), out)
      if (one.state === 'expired') {
        await town.at(site.id, () => town.lockers.recover(act), out)
        town.count('taken back')
      }
      if (one.alarm !== null && town.chance(0.5)) await settle(town, site.id, one)
    }
  }
  for (const book of town.books.values())
    if (book.way === 'out' && book.where === 'inside' && clock.now() - book.loadedAt > 3 * 24 * hour)
      await store.tx(tx => town.lockers.expire(tx, book.libraryId, `P-${book.name}`))
}

/** Staff open a door with an alarm and look; what is there must be what the gateway says, or the alarm stays. */
const settle = async (
  town: LockerTown,
  lockerId: string,
  { id, parcel, state }: { readonly id: string; readonly parcel: string | null; readonly state: string },
): Promise<void> => {
  const act = { ...staff, lockerId, compartmentId: id }
  let agrees = false
  const answer = await town.at(
    lockerId,
    () => town.lockers.remoteOpen(act),
    () => {
      const [name] = [...town.things(lockerId, id)]
      const said = state === 'reserved' ? null : parcel
      agrees = name === undefined ? said === null : said === `P-${name}` || said === `return:line-${name}`
    },
  )
  if (answer?.signal !== 'open' || !agrees) return
  await town.lockers.settleAlarm(act)
  town.count('settled')
}

/** Two librarians open every door of a cabinet, and take out what the gateway knows to be theirs. */
export const openAll = async (town: LockerTown): Promise<void> => {
  const { site, hand, keyOf } = town.place(town.sites[town.pick(town.sites.length)]!.id)
  const seen = await town.lockers.picture(site.id)
  const asked = await town.lockers.askBulkOpening({ ...staff, lockerId: site.id, compartmentIds: 'all' })
  if (!asked.ok || !seen.ok) throw new Error('a bulk opening could not be asked for')
  const wish = { lockerId: site.id, id: asked.value.id }
  expect((await town.lockers.approveBulkOpening({ ...wish, actor: staff.actor })).ok).toBe(false)
  const before = town.pulses()
  let opened: Awaited<ReturnType<typeof town.lockers.approveBulkOpening>>
  try {
    opened = await town.during(town.lockers.approveBulkOpening({ ...wish, actor: 'staff:wu' }))
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'killed') throw error
    town.databaseIsBack()
    await town.begin()
    return town.shutAll(site.id)
  } finally {
    town.databaseIsBack()
  }
  if (!opened.ok) throw new Error(opened.problem.code)
  town.count('all opened')
  expect(town.pulses() - before).toBeLessThanOrEqual(2 * site.compartments.length)
  for (const { compartmentId, signal } of opened.value.doors) {
    if (signal !== 'open' || !hand.open.has(keyOf(compartmentId))) continue
    const { state } = seen.value.compartments.find(one => one.id === compartmentId)!
    if (state === 'returned' || state === 'expired') town.takeOut(site.id, 'staff')(compartmentId)
  }
  await town.lockers.look(site.id)
  await town.shutAll(site.id)
}

/** Some cabinets are serviced for some hours, and serve nobody. */
export const service = async (town: LockerTown): Promise<void> => {
  for (const id of [...town.serviced])
    if (town.chance(0.3)) {
      await town.lockers.setMaintenance({ ...staff, lockerId: id, on: false })
      town.serviced.delete(id)
    }
  if (!town.chance(0.3)) return
  const { id } = town.sites[town.pick(town.sites.length)]!
  await town.lockers.setMaintenance({ ...staff, lockerId: id, on: true })
  town.serviced.add(id)
  town.count('serviced')
}
