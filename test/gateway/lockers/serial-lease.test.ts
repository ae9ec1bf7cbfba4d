import { createServer, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { lendable } from '../../../src/lockers/lent-driver.ts'
import type { Sleeps } from '../../../src/lockers/locker.ts'
import { createTcpBus } from '../../../src/lockers/transport/tcp-bus.ts'
import { xorBoard } from '../../../src/lockers/vendors/xor-board.ts'
import { startSandboxBus } from '../../../src/sandbox/lockers/bus.ts'
import { until } from '../../harness/until.ts'
import { wireTime } from '../../lockers/wire.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const wired = [{ address: 1, channels: 8, shortedWhen: 'open', bitOneMeans: 'closed' }] as const

/** A line as a gateway makes it that shares it with others. */
const shared = (port: number, clock: ManualClock) =>
  lendable(
    () => {
      const address = { dial: { host: '127.0.0.1', port } }
      const bus = createTcpBus({ name: 'locker-line:a', address, clock, timing: xorBoard.timing })
      return xorBoard.on({ boards: wired }, bus, clock)
    },
    { asleep: true },
  ) as ReturnType<typeof lendable> & Sleeps

it('a converter with room for one is left to the gateway that has the line, and to the next when that lets go', async () => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const far = await startSandboxBus({ boards: wired, clock })
  const [one, two] = [shared(far.port, clock), shared(far.port, clock)]
  closing.push(one.close, two.close, far.close)
  one.wake()
  await until(() => one.line().up)
  const time = wireTime(
    clock,
    { traffic: () => ({ sent: one.line().sent, received: one.line().received }) },
    far,
  )
  expect((await time.during(one.read(1))).ok).toBe(true)
  expect(two.line().up).toBe(false)
  expect(await two.open({ board: 1, channel: 1 })).toMatchObject({
    ok: false,
    problem: { code: 'locker-line-asleep', retry: 'later' },
  })
  await one.sleep()
  expect(one.line().up).toBe(false)
  two.wake()
  await until(() => two.line().up)
  expect(far.asked.filter(asked => asked.startsWith('open'))).toEqual([])
})

it('one that sleeps does not come back by itself, nor when what it had lent is given back', async () => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const driver = shared(typeof bound === 'object' && bound ? bound.port : 0, clock)
  closing.push(
    () => new Promise(resolve => server.close(resolve)),
    async () => driver.close(),
  )
  driver.wake()
  await until(() => sockets.size === 1)
  const back = await driver.lend()
  await until(() => sockets.size === 0)
  await driver.sleep()
  back()
  for (let i = 0; i < 20; i++) {
    await clock.advance(5000)
    await new Promise<void>(resolve => setImmediate(resolve))
  }
  expect(sockets.size).toBe(0)
  driver.wake()
  await until(() => sockets.size === 1)
})
