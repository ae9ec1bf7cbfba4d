import { afterEach, describe, expect, it } from 'vitest'
import { type Clock, ManualClock } from '../../src/kernel/clock.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import { ringTranscript } from '../../src/kernel/transcript.ts'
import type { LockerDriver, TellsLine } from '../../src/lockers/locker.ts'
import { steady } from '../../src/lockers/steady.ts'
import { modbusRtu } from '../../src/lockers/vendors/modbus.ts'
import { wkly } from '../../src/lockers/vendors/wkly.ts'
import { startSandboxLine } from '../../src/sandbox/lockers/line.ts'
import { modbusBoards } from '../../src/sandbox/lockers/modbus.ts'
import { wklyBoards } from '../../src/sandbox/lockers/wkly.ts'
import { until } from '../harness/until.ts'
import { wireTime } from './wire.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const eightHours = 8 * 3_600_000

it('a steady clock stands still where the other is set back, and goes on with it', () => {
  let now = 1000
  const clock = steady({ now: () => now, after: () => () => {} })
  const told = [1000, 1500, 300, 400, 100, 150, 9000].map(at => {
    now = at
    return clock.now()
  })
  expect(told).toEqual([1000, 1500, 1500, 1600, 1600, 1650, 10_500])
})

describe('the line of a machine whose clock is set back by eight hours', () => {
  const boards = [{ address: 1, channels: 4 }]
  const lines = {
    wkly: async (clock: Clock, wire: Clock) => {
      const far = await startSandboxLine(wklyBoards, { boards, clock: wire })
      return { far, make: wkly, clock }
    },
    'modbus-rtu': async (clock: Clock, wire: Clock) => {
      const far = await startSandboxLine(modbusBoards('rtu'), { boards, clock: wire })
      return { far, make: modbusRtu, clock }
    },
  }
  for (const [name, start] of Object.entries(lines))
    it(`of ${name} goes on at once, and its transcript has the new time`, async () => {
      const real = new ManualClock('2026-11-23T12:00:00Z')
      let back = 0
      const machine: Clock = { now: () => real.now() - back, after: (delay, act) => real.after(delay, act) }
      const { far, make } = await start(machine, real)
      const transcript = ringTranscript(100)
      const settings = { address: { dial: { host: '127.0.0.1', port: far.port } }, boards }
      const wire = { name: 'locker-line:test', clock: machine, transcript: transcript.take }
      const driver = orThrow(make.create(settings, wire)) as LockerDriver & TellsLine
      closing.push(far.close, driver.close)
      await until(() => driver.line().up)
      const { during } = wireTime(real, { traffic: driver.line }, far)
      expect((await during(driver.read(1))).ok).toBe(true)
      back = eightHours
      const begun = real.now()
      expect((await during(driver.read(1))).ok).toBe(true)
      expect(real.now() - begun).toBeLessThan(1000)
      const told = transcript.lines().map(one => one.at)
      expect(told.at(-1)! - told[0]!).toBeLessThan(-eightHours / 2)
    })
})
