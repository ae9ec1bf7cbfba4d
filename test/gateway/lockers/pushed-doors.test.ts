import { afterEach, describe, expect, it } from 'vitest'
import { createTcpBus } from '../../../src/lockers/transport/tcp-bus.ts'
import { wkly } from '../../../src/lockers/vendors/wkly.ts'
import { startSandboxLine } from '../../../src/sandbox/lockers/line.ts'
import { wklyBoards } from '../../../src/sandbox/lockers/wkly.ts'
import { until } from '../../harness/until.ts'
import { wireTime } from '../../lockers/wire.ts'
import { boards, freshStore, lockersOver } from './rig.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Service, driver, sockets and boards that push their door changes. */
const setUp = async () => {
  const base = await freshStore()
  const { clock } = base
  const wired = boards.map(one => ({ address: one.board, channels: one.channels, pushes: true }))
  const far = await startSandboxLine(wklyBoards, { boards: wired, clock })
  const address = { dial: { host: '127.0.0.1', port: far.port } }
  const bus = createTcpBus({ name: 'locker-line:a', address, clock, timing: wkly.timing })
  await until(() => bus.up())
  const near = { boards: wired.map(({ pushes: _, ...board }) => board), pushes: true }
  const driver = wkly.on(near, bus, clock)
  const time = wireTime(clock, bus, far)
  const service = lockersOver(base, new Map([['a', driver]]))
  await service.lockers.start()
  closing.push(base.close, far.close, driver.close, () => time.during(service.lockers.stop()))
  await time.pass(12_000)
  return { ...base, ...service, ...time, far }
}

describe('a cabinet whose boards push their door changes', () => {
  it('is looked at as soon as one has spoken, and what was seen counts, not what was said', async () => {
    const { far, pass, stateOf, kinds } = await setUp()
    const asked = far.asked.length
    far.door(1, 3).force()
    await pass(300)
    expect(far.asked.slice(asked)).toContain('read-board 1')
    expect(await stateOf('A03')).toMatchObject({
      door: 'open',
      alarm: { en: expect.stringContaining('forced') },
    })
    expect(await kinds()).toContain('cabinet-door-opened')
  })

  it('is asked less often while it is quiet', async () => {
    const { far, pass } = await setUp()
    const asked = far.asked.length
    await pass(10_000)
    expect(far.asked.length - asked).toBeLessThanOrEqual(6)
  })
})
