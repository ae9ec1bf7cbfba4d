import { connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import { startBroker } from '../../../src/lockers/transport/mqtt-broker.ts'
import { createMqttCabinets } from '../../../src/lockers/vendors/mqtt-cabinet.ts'
import { startMqttCabinet } from '../../../src/sandbox/lockers/mqtt-cabinet.ts'
import { until } from '../../harness/until.ts'
import { brokerTime } from '../../lockers/broker-time.ts'
import { boards, freshStore, lockersOver, parcel, site } from './rig.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Counts who comes to a port. */
const counted = async (port: number) => {
  const sockets = new Set<Socket>()
  let came = 0
  const server = createServer(near => {
    came += 1
    const far = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  const bound = server.address()
  return {
    url: `mqtt://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`,
    came: () => came,
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}

it('of two gateways under one name on a broker only the one that has the line connects, and the other when that is gone', async () => {
  const base = await freshStore()
  closing.push(base.close)
  const { clock } = base
  const broker = await startBroker({
    listen: { host: '127.0.0.1', port: 0 },
    users: [],
    clock,
    stale: () => false,
  })
  closing.push(broker.close)
  const door = await counted(broker.inner)
  const { pass, reach, during } = brokerTime(clock)
  const names = ['p1', 'p2'] as const
  const cabinets = await Promise.all(
    boards.map(({ board, channels }) =>
      startMqttCabinet({
        line: { url: `mqtt://127.0.0.1:${broker.inner}`, ...broker.gateway, protocol: 4 },
        id: `c${board}`,
        channels,
        clock,
      }),
    ),
  )
  for (const cabinet of cabinets) closing.push(cabinet.close)
  const gateway = async (owner: string) => {
    const driver = createMqttCabinets(
      {
        broker: { url: door.url, ...broker.gateway, protocol: '3.1.1', clientId: 'shuqiao-su' },
        prefix: 'shuqiao',
        cabinets: boards.map(({ board, channels }) => ({ board, id: `c${board}`, channels })),
        heartbeatSeconds: 30,
        mirrorSeconds: 0,
      },
      { name: 'locker-line:a', clock, transcript: noTranscript, asleep: true },
    )
    closing.push(() => driver.close())
    const service = lockersOver(base, new Map([['a', driver]]), { lease: { owner, duration: 15_000 } })
    await service.lockers.start()
    let stopped: Promise<void> | undefined
    const stop = (): Promise<void> => {
      stopped ??= during(service.lockers.stop())
      return stopped
    }
    closing.push(stop)
    return { ...service, driver, stop }
  }
  const one = await gateway(names[0])
  await reach(() => one.driver.up() && one.driver.health(1).online)
  const two = await gateway(names[1])
  await pass(40_000)
  expect([one.driver.up(), two.driver.up(), door.came()]).toEqual([true, false, 1])
  expect(await two.driver.read(1)).toMatchObject({ ok: false, problem: { code: 'locker-line-down' } })

  await one.stop()
  await reach(() => two.driver.up() && two.driver.health(1).online)
  await pass(3000)
  expect([one.driver.up(), two.driver.up(), door.came()]).toEqual([false, true, 2])
  // Who has gained a line reads every board first, and says "in a moment" until then.
  const put = () => during(two.lockers.deposit({ ...parcel('one'), actor: 'staff:li' }))
  let deposit = await put()
  for (let tries = 0; deposit.signal === 'no' && tries < 20; tries++) {
    await pass(1000)
    deposit = await put()
  }
  expect(deposit.signal, deposit.say.en).toBe('open')

  door.cut()
  await reach(() => !two.driver.up())
  await reach(() => two.driver.up())
  await pass(20_000)
  expect([one.driver.up(), door.came()]).toEqual([false, 3])
  expect((await two.lockers.picture(site.id)).ok).toBe(true)
})

it('a broker inside listens only while its gateway has the line', async () => {
  const base = await freshStore()
  closing.push(base.close)
  const driver = createMqttCabinets(
    {
      broker: { listen: { host: '127.0.0.1', port: 0 } },
      prefix: 'shuqiao',
      cabinets: [{ board: 1, id: 'a', channels: 8, password: 'quite long enough' }],
      heartbeatSeconds: 30,
      mirrorSeconds: 0,
    },
    { name: 'locker-line:a', clock: base.clock, transcript: noTranscript },
  )
  closing.push(() => driver.close())
  const port = (await driver.listening())!
  const { reach } = brokerTime(base.clock)
  await reach(() => driver.up())
  await driver.sleep()
  expect(driver.up()).toBe(false)
  const knock = connect(port, '127.0.0.1')
  knock.on('error', () => {})
  await until(() => knock.closed)
  expect(knock.bytesRead).toBe(0)
  driver.wake()
  driver.wake()
  await reach(() => driver.up())
})
