import { expect, it } from 'vitest'
import { worlds } from './begin.ts'
import { walk } from './world.ts'

const begin = worlds()
const hour = 3_600_000

it('a cabinet that goes away and comes back is told to each reader once, however many books they have in it', async () => {
  const w = await begin()
  const readers = ['p1', 'p1', 'p2'] as const
  const orders = await Promise.all(
    readers.map((patronId, i) => w.place({ patronId, recordIds: [`r${i + 1}`] })),
  )
  for (const order of orders) await walk(w, order, 'ready')
  const tellAll = async (what: 'locker-offline' | 'locker-online') => {
    for (const order of orders)
      await w.tell(order, 'locker', what, what === 'locker-offline' ? { lockerId: 'home-locker' } : {})
  }
  const told = async (notice: string) =>
    (
      await w.store.db
        .selectFrom('message')
        .select('patron_id')
        .where('notice', '=', notice)
        .orderBy('patron_id')
        .execute()
    ).map(row => row.patron_id)
  await tellAll('locker-offline')
  expect(await told('locker-away')).toEqual(['p1', 'p2'])
  await tellAll('locker-online')
  expect(await told('locker-back')).toEqual(['p1', 'p2'])
  await w.clock.advance(2 * hour)
  await tellAll('locker-offline')
  expect(await told('locker-away')).toEqual(['p1', 'p1', 'p2', 'p2'])
})
