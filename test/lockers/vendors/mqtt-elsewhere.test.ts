import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import type { CabinetEvent } from '../../../src/lockers/locker.ts'
import { createMqttCabinets } from '../../../src/lockers/vendors/mqtt-cabinet.ts'
import { createOpenLockers } from '../../../src/lockers/vendors/open-locker.ts'
import { startMqttCabinet } from '../../../src/sandbox/lockers/mqtt-cabinet.ts'
import { startOpenLocker } from '../../../src/sandbox/lockers/open-locker.ts'
import { until } from '../../harness/until.ts'

const mosquitto = ['mosquitto', '/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find(
  path => spawnSync(path, ['-h']).error === undefined,
)
if (!mosquitto) console.log('Mosquitto is not installed on this machine: the tests with it are skipped.')

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const bound = server.address()
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0))
    })
  })

/** A broker of other hands, with one user for all. */
const startMosquitto = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shuqiao-mosquitto-'))
  const port = await freePort()
  const file = join(folder, 'mosquitto.conf')
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n`)
  let child: ChildProcess | undefined
  const start = (): void => {
    child = spawn(mosquitto!, ['-c', file], { stdio: 'ignore' })
  }
  const stop = (): Promise<void> =>
    new Promise(resolve => {
      if (!child || child.exitCode !== null) return resolve()
      child.on('exit', () => resolve())
      child.kill()
    })
  start()
  closing.push(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return { url: `mqtt://127.0.0.1:${port}`, start, stop }
}

const wire = { name: 'locker-line:test', clock: systemClock, transcript: noTranscript }
const soon = 20_000_000

describe.skipIf(!mosquitto)('cabinets on a Mosquitto', () => {
  it.each(['auto', '5', '3.1.1'] as const)(
    'open, are read, tell and keep codes (protocol %s)',
    async protocol => {
      const broker = await startMosquitto()
      const driver = createMqttCabinets(
        {
          broker: { url: broker.url, protocol },
          prefix: 'shuqiao',
          cabinets: [{ board: 1, id: 'a', channels: 8 }],
          heartbeatSeconds: 30,
          mirrorSeconds: 0,
        },
        wire,
      )
      closing.push(() => driver.close())
      const spoken = protocol === '3.1.1' ? 4 : 5
      const cabinet = await startMqttCabinet({
        line: { url: broker.url, protocol: spoken },
        id: 'a',
        channels: 8,
        clock: systemClock,
        key: new Uint8Array(32),
      })
      closing.push(() => cabinet.close())
      const heard: CabinetEvent[] = []
      driver.onEvent(async event => {
        heard.push(event)
      })
      await until(() => driver.health(1).online, soon)
      expect(driver.protocol()).toBe(spoken)
      expect(await driver.open({ board: 1, channel: 3 })).toEqual({ ok: true, value: { opened: true } })
      const read = await driver.read(1)
      expect(read.ok && read.value.filter(door => door.door === 'open').map(door => door.channel)).toEqual([
        3,
      ])
      await until(() => cabinet.unkept() === 0, soon)
      expect(heard.map(event => event.what.kind)).toEqual(['door-opened'])
      expect(
        await driver.putCode({ id: 'c', door: { board: 1, channel: 1 }, hash: 'x'.repeat(43), until: 9e12 }),
      ).toEqual({ ok: true, value: undefined })
      cabinet.network(false)
      await until(() => !driver.health(1).online, soon)
      cabinet.network(true)
      await until(() => driver.health(1).online, soon)
      expect((await driver.read(1)).ok).toBe(true)
    },
  )

  it('come back by themselves when the broker was started anew', async () => {
    const broker = await startMosquitto()
    const driver = createMqttCabinets(
      {
        broker: { url: broker.url, protocol: 'auto' },
        prefix: 'shuqiao',
        cabinets: [{ board: 1, id: 'a', channels: 8 }],
        heartbeatSeconds: 30,
        mirrorSeconds: 0,
      },
      wire,
    )
    closing.push(() => driver.close())
    const line = { url: broker.url, protocol: 5 as const }
    const cabinet = await startMqttCabinet({ line, id: 'a', channels: 8, clock: systemClock })
    closing.push(() => cabinet.close())
    await until(() => driver.health(1).online, soon)
    await broker.stop()
    await until(() => !driver.up(), soon)
    expect(await driver.open({ board: 1, channel: 1 })).toEqual({
      ok: false,
      problem: expect.objectContaining({ code: 'locker-line-down' }),
    })
    broker.start()
    await until(() => driver.health(1).online, soon)
    expect(await driver.open({ board: 1, channel: 1 })).toEqual({ ok: true, value: { opened: true } })
  })

  it('says at once of a cabinet that was never there that nobody hears it (MQTT 5)', async () => {
    const broker = await startMosquitto()
    const driver = createMqttCabinets(
      {
        broker: { url: broker.url, protocol: '5' },
        prefix: 'shuqiao',
        cabinets: [{ board: 1, id: 'nobody', channels: 8 }],
        heartbeatSeconds: 30,
        mirrorSeconds: 0,
      },
      wire,
    )
    closing.push(() => driver.close())
    await until(() => driver.up(), soon)
    const answer = await driver.open({ board: 1, channel: 1 })
    expect(answer).toEqual({ ok: false, problem: expect.objectContaining({ code: 'locker-offline' }) })
    expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
  })

  it('of the Open-Locker contract open and are read', async () => {
    const broker = await startMosquitto()
    const driver = createOpenLockers(
      {
        broker: { url: broker.url, protocol: 'auto' },
        cabinets: [{ board: 1, id: 'c', channels: 8 }],
        heartbeatSeconds: 15,
      },
      wire,
    )
    closing.push(() => driver.close())
    await until(() => driver.up(), soon)
    const cabinet = await startOpenLocker({
      line: { url: broker.url },
      id: 'c',
      channels: 8,
      clock: systemClock,
    })
    closing.push(() => cabinet.close())
    await until(() => driver.health(1).online, soon)
    expect(await driver.open({ board: 1, channel: 3 })).toEqual({ ok: true, value: { opened: true } })
    const read = await driver.read(1)
    expect(read.ok && read.value.filter(door => door.door === 'open').map(door => door.channel)).toEqual([3])
  })
})
