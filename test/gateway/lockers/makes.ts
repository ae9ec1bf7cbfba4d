import { Agent } from 'undici'
import { createHttp } from '../../../src/adapters/http.ts'
import type { ManualClock } from '../../../src/kernel/clock.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import type { BoardMake } from '../../../src/lockers/boards.ts'
import type { Door, LockerDriver } from '../../../src/lockers/locker.ts'
import { createTcpBus } from '../../../src/lockers/transport/tcp-bus.ts'
import { aa55Crc8 } from '../../../src/lockers/vendors/aa55-crc8.ts'
import { f5Scu } from '../../../src/lockers/vendors/f5-scu.ts'
import { kerongCu } from '../../../src/lockers/vendors/kerong-cu.ts'
import { kerongCu48 } from '../../../src/lockers/vendors/kerong-cu48.ts'
import { modbusRtu, modbusTcp } from '../../../src/lockers/vendors/modbus.ts'
import { createMqttCabinets } from '../../../src/lockers/vendors/mqtt-cabinet.ts'
import { createOpenLockers } from '../../../src/lockers/vendors/open-locker.ts'
import { createCloudDriver, vendorCloud } from '../../../src/lockers/vendors/vendor-cloud.ts'
import { winnsen } from '../../../src/lockers/vendors/winnsen.ts'
import { wkly } from '../../../src/lockers/vendors/wkly.ts'
import { xorBoard } from '../../../src/lockers/vendors/xor-board.ts'
import { ytAscii } from '../../../src/lockers/vendors/yt-ascii.ts'
import { aa55Boards } from '../../../src/sandbox/lockers/aa55-crc8.ts'
import { startSandboxCloud } from '../../../src/sandbox/lockers/cloud.ts'
import type { SandboxDoor } from '../../../src/sandbox/lockers/door.ts'
import { scuBoards } from '../../../src/sandbox/lockers/f5-scu.ts'
import { kerongUnits } from '../../../src/sandbox/lockers/kerong-cu.ts'
import { cu48Boards } from '../../../src/sandbox/lockers/kerong-cu48.ts'
import { type SandboxFamily, startSandboxLine } from '../../../src/sandbox/lockers/line.ts'
import { modbusBench, modbusBoards } from '../../../src/sandbox/lockers/modbus.ts'
import { startMqttCabinet } from '../../../src/sandbox/lockers/mqtt-cabinet.ts'
import { startOpenLocker } from '../../../src/sandbox/lockers/open-locker.ts'
import { winnsenBoards } from '../../../src/sandbox/lockers/winnsen.ts'
import { wklyBoards } from '../../../src/sandbox/lockers/wkly.ts'
import { xorBoards } from '../../../src/sandbox/lockers/xor-board.ts'
import { ytBoards } from '../../../src/sandbox/lockers/yt-ascii.ts'
import { until } from '../../harness/until.ts'
import { brokerTime } from '../../lockers/broker-time.ts'
import { wireTime } from '../../lockers/wire.ts'

/** A cabinet of four doors of one make: the real driver, the real simulator, and the socket between them. */
export interface MakeRig {
  readonly driver: LockerDriver
  /** Where the four doors hang. */
  readonly doors: readonly Door[]
  door(door: Door): Pick<SandboxDoor, 'isOpen' | 'close' | 'force' | 'jammed' | 'items'>
  /** Pulses that reached the door. */
  pulses(door: Door): number
  silence(on: boolean): void
  power(on: boolean): void
  /** Moves the clock on beside the sockets. */
  pass(by: number): Promise<void>
  during<T>(promise: Promise<T>): Promise<T>
  close(): Promise<void>
}
type Make = (clock: ManualClock) => Promise<MakeRig>

const four = (board: number): readonly Door[] => [1, 2, 3, 4].map(channel => ({ board, channel }))

const serial =
  <C, Request, Far extends { readonly address: number }>(
    make: BoardMake<C>,
    family: () => SandboxFamily<Request, Far>,
    near: C,
    far: readonly Far[],
    doors: readonly Door[],
  ): Make =>
  async clock => {
    const line = await startSandboxLine(family(), { boards: far, clock })
    const address = { dial: { host: '127.0.0.1', port: line.port } }
    const bus = createTcpBus({ name: 'locker-line:a', address, clock, timing: make.timing })
    await until(() => bus.up())
    const driver = make.on(near, bus, clock)
    return {
      driver,
      doors,
      door: ({ board, channel }) => line.door(board, channel),
      pulses: ({ board, channel }) => line.asked.filter(one => one === `open ${board}/${channel}`).length,
      silence: on => {
        for (const { address } of far)
          if (on) line.faults.silent.add(address)
          else line.faults.silent.delete(address)
      },
      power: on => line.power(on),
      ...wireTime(clock, bus, line),
      close: async () => {
        await driver.close()
        await line.close()
      },
    }
  }

const password = 'quite long enough'
const beat = 5000

const profile: Make = async clock => {
  const [id, channels] = ['guanqian-1', 4]
  const driver = createMqttCabinets(
    {
      broker: { listen: { host: '127.0.0.1', port: 0 } },
      prefix: 'shuqiao',
      cabinets: [{ board: 1, id, channels, password }],
      heartbeatSeconds: beat / 1000,
      mirrorSeconds: 0,
    },
    { name: 'locker-line:a', clock, transcript: noTranscript },
  )
  const url = `mqtt://127.0.0.1:${await driver.listening()}`
  const far = await startMqttCabinet({
    line: { url, username: id, password, protocol: 4 },
    id,
    channels,
    clock,
    heartbeat: beat,
  })
  const time = brokerTime(clock)
  await time.reach(() => driver.up() && driver.health(1).online)
  return overBroker(driver, far, time)
}

const openContract: Make = async clock => {
  const [id, channels] = ['8f14e45f-ceea-467f-9b1a-0a1b2c3d4e5f', 4]
  const driver = createOpenLockers(
    {
      broker: { listen: { host: '127.0.0.1', port: 0 } },
      cabinets: [{ board: 1, id, channels, password }],
      heartbeatSeconds: beat / 1000,
    },
    { name: 'locker-line:a', clock, transcript: noTranscript },
  )
  const url = `mqtt://127.0.0.1:${await driver.listening()}`
  const far = await startOpenLocker({
    line: { url, username: id, password },
    id,
    channels,
    clock,
    heartbeat: beat,
  })
  const time = brokerTime(clock)
  await time.reach(() => driver.up() && driver.health(1).online)
  await time.pass(50)
  return overBroker(driver, far, time)
}

interface Cabinet {
  readonly faults: { silent: boolean }
  readonly done: readonly string[]
  door(channel: number): SandboxDoor
  power(on: boolean): void
  close(): Promise<void>
}

const overBroker = (
  driver: LockerDriver,
  far: Cabinet,
  { pass, during }: ReturnType<typeof brokerTime>,
): MakeRig => ({
  driver,
  doors: four(1),
  door: ({ channel }) => far.door(channel),
  pulses: ({ channel }) => far.done.filter(one => one === `open ${channel}`).length,
  silence: on => {
    far.faults.silent = on
  },
  power: on => far.power(on),
  pass,
  during,
  close: async () => {
    await far.close()
    await driver.close()
  },
})

const cloud: Make = async clock => {
  const agent = new Agent()
  const hookKey = 'whsec_c2hhcmVkIHdpdGggdGhlIHZlbmRvcg=='
  const key = 'key-of-the-library'
  const cabinets = [{ board: 1, id: 'gusu-01', channels: 4 }]
  const signing = { how: 'bearer', key, hookKey } as const
  const far = await startSandboxCloud({ clock, cabinets, signing, answers: 'at-once' })
  const peer = createHttp({ agent, clock, transcript: noTranscript }).peer('cloud', { atLeast: 10_000 })
  let calling = 0
  const calls: Pick<typeof peer, 'send'> = {
    send: async (...args) => {
      calling += 1
      try {
        return await peer.send(...args)
      } finally {
        calling -= 1
      }
    },
  }
  const chosen = vendorCloud.settings.parse({
    url: far.url,
    cabinets,
    signing: { how: 'bearer', key, hookKeys: [hookKey] },
  })
  const wire = { name: 'locker-line:a', clock, calls } as const
  const driver = createCloudDriver(chosen as Parameters<typeof createCloudDriver>[0], wire)
  const still = async (): Promise<void> => {
    for (let quiet = 0; quiet < 5; ) {
      await new Promise<void>(resolve => setImmediate(resolve))
      quiet = calling > far.waiting() || far.busy() ? 0 : quiet + 1
    }
  }
  const pass = async (by: number): Promise<void> => {
    for (let passed = 0; passed < by; passed += 50) {
      await still()
      await clock.advance(Math.min(50, by - passed))
    }
    await still()
  }
  const during = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false
    const seen = () => {
      settled = true
    }
    promise.then(seen, seen)
    while (!settled) await pass(50)
    return promise
  }
  return {
    driver,
    doors: four(1),
    door: ({ channel }) => far.door('gusu-01', channel),
    pulses: ({ channel }) => far.opened.filter(one => one.startsWith(`gusu-01/${channel}`)).length,
    silence: on => {
      if (on) far.offline.add('gusu-01')
      else far.offline.delete('gusu-01')
    },
    power: on => far.power(on),
    pass,
    during,
    close: async () => {
      await driver.close()
      await far.close()
      await agent.close()
    },
  }
}

const board = { address: 1, channels: 8 }
const modbus = (framing: 'rtu' | 'tcp'): Make => {
  const one = { ...board, activeWhen: 'closed' } as const
  return serial(
    framing === 'rtu' ? modbusRtu : modbusTcp,
    () => modbusBoards(framing, modbusBench()),
    { boards: [one], pulse: 'waveshare' },
    [{ ...one, relays: 'waveshare' }],
    four(1),
  )
}

/** Every make that can be set up, by its name in the settings. */
export const makes: Readonly<Record<string, Make>> = {
  'xor-8a': serial(
    xorBoard,
    () => xorBoards,
    { boards: [{ ...board, shortedWhen: 'closed', bitOneMeans: 'open' }] },
    [{ ...board, shortedWhen: 'closed', bitOneMeans: 'open' }],
    four(1),
  ),
  wkly: serial(wkly, () => wklyBoards, { boards: [board] }, [board], four(1)),
  'kerong-cu': serial(
    kerongCu,
    () => kerongUnits,
    { boards: [{ address: 1, channels: 12 }] },
    [{ address: 1, channels: 12 }],
    four(1),
  ),
  'kerong-cu48': serial(
    kerongCu48,
    () => cu48Boards,
    { boards: [{ address: 1, channels: 24 }] },
    [{ address: 1, channels: 24 }],
    four(1),
  ),
  'f5-scu': serial(
    f5Scu,
    () => scuBoards,
    { boards: [1, 2, 3, 4].map(address => ({ address })) },
    [1, 2, 3, 4].map(address => ({ address, channels: 1 })),
    [1, 2, 3, 4].map(address => ({ board: address, channel: 1 })),
  ),
  winnsen: serial(winnsen, () => winnsenBoards, { boards: [board] }, [board], four(1)),
  'aa55-crc8': serial(
    aa55Crc8,
    () => aa55Boards,
    { boards: [{ address: 1, channels: 12, bitOneMeans: 'closed' }] },
    [{ address: 1, channels: 12, bitOneMeans: 'closed' }],
    four(1),
  ),
  'yt-ascii': serial(
    ytAscii,
    () => ytBoards,
    { boards: [{ address: 1, channels: 12 }] },
    [{ address: 1, channels: 12 }],
    four(1),
  ),
  'modbus-rtu': modbus('rtu'),
  'modbus-tcp': modbus('tcp'),
  'mqtt-cabinet': profile,
  'open-locker': openContract,
  'vendor-cloud': cloud,
}
