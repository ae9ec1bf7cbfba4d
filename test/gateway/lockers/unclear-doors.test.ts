import { afterEach, describe, expect, it } from 'vitest'
import { handDriver } from './hand-driver.ts'
import { boards, freshStore, layout, lockersOver, site } from './rig.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const setUp = async () => {
  const base = await freshStore()
  const hand = handDriver(boards)
  const service = lockersOver(base, new Map([['a', hand.driver]]))
  await service.lockers.start()
  closing.push(base.close, service.lockers.stop)
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) await base.clock.advance(Math.min(500, left))
  }
  await pass(2000)
  const loan = { lockerId: site.id, libraryId: 'su', orderId: 'order-one', lineId: 'line-one' }
  /** The board goes away with the pulse of a return; gives the door. */
  const lostReturn = async () => {
    hand.pulsed(door => {
      hand.dead.add(door.board)
      hand.open.clear()
    })
    const act = service.lockers.giveBack({ ...loan, actor: 'kiosk:k' })
    await pass(10_000)
    expect((await act).signal).toBe('no')
    hand.pulsed(() => {})
    const [pulse] = hand.pulses
    return layout.find(one => `${one.board}/${one.channel}` === pulse)!
  }
  return { ...service, base, hand, pass, lostReturn }
}

describe('a door whose opening nobody saw', () => {
  it('is believed to be the reader’s when it stands open a minute later', async () => {
    const { hand, pass, lostReturn, said, lockers } = await setUp()
    const { board, channel } = await lostReturn()
    await pass(60_000)
    hand.open.add(`${board}/${channel}`)
    hand.dead.clear()
    await pass(60_000)
    hand.open.clear()
    await pass(5000)
    await lockers.told()
    expect(said()).toEqual(['returned-in-locker line-one'])
  })

  it('is looked behind by staff, and nothing counts as returned, when it is first seen open an hour later', async () => {
    const { base, hand, pass, lostReturn, told, stateOf, lockers } = await setUp()
    const { id, board, channel } = await lostReturn()
    await base.clock.advance(3_600_000)
    hand.open.add(`${board}/${channel}`)
    hand.dead.clear()
    await pass(60_000)
    hand.open.clear()
    await pass(5000)
    await lockers.told()
    expect(told.map(one => one.what)).not.toContain('returned-in-locker')
    expect(await stateOf(id)).toMatchObject({ state: 'out_of_service', alarm: expect.anything() })
  })
})
