import { createServer, type Server, type Socket } from 'node:net'
import jsmodbus from 'jsmodbus'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { LockerDriver } from '../../../src/lockers/locker.ts'
import { createTcpBus } from '../../../src/lockers/transport/tcp-bus.ts'
import { modbusRtu, modbusTcp, modbusTiming } from '../../../src/lockers/vendors/modbus.ts'
import type { ModbusFraming } from '../../../src/lockers/vendors/modbus-frames.ts'
import { until } from '../../harness/until.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A Modbus server that somebody else wrote, with eight coils and inputs. A coil that goes on opens its door. */
const foreignBoard = async (framing: ModbusFraming) => {
  const coils = Buffer.alloc(1)
  /** Doors are closed: their inputs are active. */
  const discrete = Buffer.from([0xff])
  const options = { coils, discrete, holding: Buffer.alloc(2), input: Buffer.alloc(2) }
  const sockets: Socket[] = []
  const server: Server = createServer()
  const opened = (): void => {
    discrete[0] = 0xff & ~coils[0]!
  }
  if (framing === 'tcp') {
    const modbus = new jsmodbus.server.TCP(server, options)
    modbus.on('postWriteSingleCoil', opened)
  }
  server.on('connection', socket => {
    sockets.push(socket)
    if (framing === 'rtu') {
      const modbus = new jsmodbus.server.RTU(socket as never, options)
      modbus.on('postWriteSingleCoil', opened)
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  return { port: (server.address() as { port: number }).port, coils, discrete }
}

const driverFor = async (framing: ModbusFraming, port: number): Promise<LockerDriver> => {
  const address = { dial: { host: '127.0.0.1', port } }
  const clock = systemClock
  const bus = createTcpBus({ name: 'locker-line:test', address, clock, timing: modbusTiming })
  await until(() => bus.up())
  const make = framing === 'rtu' ? modbusRtu : modbusTcp
  const driver = make.on({ boards: [{ address: 1, channels: 8 }], pulse: 'momentary' }, bus, clock)
  closing.unshift(() => driver.close())
  return driver
}

for (const framing of ['rtu', 'tcp'] as const)
  describe(`a Modbus server of other hands (${framing})`, () => {
    it('is read, has its relays turned off at the start, and opens the door that is meant', async () => {
      const board = await foreignBoard(framing)
      board.coils[0] = 0b0100_0000
      board.discrete[0] = 0b1101_1111
      const driver = await driverFor(framing, board.port)
      const before = await driver.read(1)
      if (!before.ok) throw new Error(before.problem.code)
      expect(before.value.filter(one => one.door === 'open').map(one => one.channel)).toEqual([6])
      expect(board.coils[0]).toBe(0)
      expect(await driver.open({ board: 1, channel: 3 })).toEqual({ ok: true, value: { opened: true } })
      expect(board.coils[0]).toBe(0b0000_0100)
    })
  })
