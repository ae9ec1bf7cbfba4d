import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import { boardFacts } from '../../../src/lockers/commission/facts.ts'
import { survey } from '../../../src/lockers/commission/survey.ts'
import { modbusRtu, modbusTcp } from '../../../src/lockers/vendors/modbus.ts'
import type { ModbusFraming } from '../../../src/lockers/vendors/modbus-frames.ts'
import { modbusBench, modbusBoards } from '../../../src/sandbox/lockers/modbus.ts'
import { lockerContract } from '../../contracts/locker.ts'
import { until } from '../../harness/until.ts'
import { boardContractRig, boardRig } from '../boards.ts'

interface Variant {
  readonly framing: ModbusFraming
  readonly boards: readonly {
    address: number
    channels: number
    firstRelay?: number
    firstInput?: number
  }[]
  readonly activeWhen?: 'closed' | 'open'
  readonly pulse?: 'waveshare' | 'momentary'
  readonly pulseTenths?: number
  readonly echo?: boolean
  readonly split?: boolean
  readonly dialsUs?: boolean
  /** What hangs there in truth, where it is not what the settings say. */
  readonly relays?: 'plain'
}

const setup = (variant: Variant, bench = modbusBench()) => {
  const { framing, activeWhen = 'closed', pulse = 'waveshare', echo = false, split = false } = variant
  return {
    make: framing === 'rtu' ? modbusRtu : modbusTcp,
    family: modbusBoards(framing, bench),
    near: {
      boards: variant.boards.map(one => ({ ...one, activeWhen })),
      pulse,
      pulseTenths: variant.pulseTenths ?? 5,
    },
    far: variant.boards.map(one => ({ ...one, activeWhen, relays: variant.relays ?? pulse })),
    faults: { echo, split },
    knowsAbsence: true,
    dialsUs: variant.dialsUs ?? false,
  }
}
const rig = async (variant: Variant) => {
  const bench = modbusBench()
  const { far, ...rest } = await boardRig(setup(variant, bench))
  const relays = (address: number) => bench.relays.get(address)!
  return { ...rest, far, relays, exceptions: bench.exceptions }
}
const contractRig = (variant: Variant) => boardContractRig(setup(variant))

const two = [
  { address: 1, channels: 8 },
  { address: 7, channels: 8 },
]
const shifted = [
  { address: 2, channels: 16, firstRelay: 8, firstInput: 32 },
  { address: 3, channels: 5 },
  { address: 247, channels: 32, firstInput: 0x0300 },
]
for (const framing of ['rtu', 'tcp'] as const) {
  for (const activeWhen of ['closed', 'open'] as const)
    for (const pulse of ['waveshare', 'momentary'] as const)
      lockerContract(
        `two Modbus boards (${framing}, ${pulse} pulse, input active when ${activeWhen})`,
        contractRig({ framing, boards: two, activeWhen, pulse }),
      )
  lockerContract(
    `three Modbus boards (${framing}) of different sizes and first addresses`,
    contractRig({ framing, boards: shifted, activeWhen: 'open' }),
  )
  lockerContract(
    `Modbus boards (${framing}) behind a converter that dials us`,
    contractRig({ framing, boards: two, dialsUs: true }),
  )
  lockerContract(
    `Modbus boards (${framing}) whose answers come byte by byte`,
    contractRig({ framing, boards: two, split: true }),
  )
}
lockerContract(
  'Modbus boards behind an adapter that echoes',
  contractRig({ framing: 'rtu', boards: [{ address: 1, channels: 24, firstInput: 0x0300 }], echo: true }),
)

for (const framing of ['rtu', 'tcp'] as const)
  describe(`the driver of Modbus boards (${framing})`, () => {
    const door = { board: 1, channel: 3 }

    it('turns every relay off before anything else, once, and leaves none under power', async () => {
      const { driver, far, relays, during, close } = await rig({ framing, boards: two })
      // What a program left behind that went away between "on" and "off".
      relays(1).handle({ kind: 'coil', unit: 1, coil: 4, on: true })
      expect([...relays(1).powered()]).toEqual([5])
      await during(driver.read(1))
      expect([...relays(1).powered()]).toEqual([])
      await during(driver.read(1))
      await during(driver.open(door))
      expect(far.asked.filter(one => one === 'all-off 1')).toHaveLength(1)
      expect(far.asked.slice(0, 3)).toEqual(['read-coils 1', 'all-off 1', 'read-coils 1'])
      await close()
    })

    it('lets the board end the pulse: the door is opened by one command, and no relay is turned off by us', async () => {
      const { driver, far, relays, during, pass, close } = await rig({ framing, boards: two })
      await during(driver.open(door))
      await pass(1000)
      expect([...relays(1).powered()]).toEqual([])
      expect(far.asked.filter(one => /^(open|coil|coils) /.test(one))).toEqual(['open 1/3'])
      await close()
    })

    it('turns every relay off again when a board was silent: it may have been without power, and another at it', async () => {
      const { driver, far, relays, during, close } = await rig({ framing, boards: two })
      await during(driver.read(1))
      far.faults.silent.add(1)
      expect(await during(driver.read(1))).toMatchObject({ ok: false, problem: { code: 'locker-no-answer' } })
      far.faults.silent.clear()
      relays(1).restart()
      relays(1).handle({ kind: 'coil', unit: 1, coil: 4, on: true })
      const asked = far.asked.length
      expect((await during(driver.read(1))).ok).toBe(true)
      expect([...relays(1).powered()]).toEqual([])
      expect(far.asked.slice(asked)).toEqual(['read-coils 1', 'all-off 1', 'read-coils 1', 'read-inputs 1'])
      await close()
    })

    it('sends no pulse to a board that has fallen silent, and does not say that the door may have moved', async () => {
      const { driver, far, during, close } = await rig({ framing, boards: two })
      await during(driver.read(1))
      far.faults.silent.add(1)
      await during(driver.read(1))
      far.faults.silent.clear()
      far.faults.deaf = 2
      const answer = await during(driver.open(door))
      expect(answer).toMatchObject({ ok: false, problem: { code: 'locker-no-answer' } })
      expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
      expect(far.asked.filter(one => one.startsWith('open'))).toEqual([])
      await close()
    })

    it('does not cut a pulse short by turning the relays off', async () => {
      const { driver, far, transcript, during, close } = await rig({ framing, boards: two, pulseTenths: 20 })
      expect(await during(driver.open(door))).toEqual({ ok: true, value: { opened: true } })
      far.faults.silent.add(1)
      await during(driver.read(1))
      far.faults.silent.clear()
      expect((await during(driver.read(1))).ok).toBe(true)
      const sent = (what: string) =>
        transcript.lines().filter(({ direction, text }) => direction === '>' && text.startsWith(what))
      const [pulse, off] = [sent('pulse 1/2').at(-1)!, sent('all-off 1').at(-1)!]
      expect(off.at - pulse.at).toBeGreaterThanOrEqual(2000)
      await close()
    })

    it('lets two who want one door at once have it one after the other', async () => {
      const { driver, far, during, clock, close } = await rig({ framing, boards: two })
      await during(driver.read(1))
      const begun = clock.now()
      const both = await during(Promise.all([driver.open(door), driver.open(door)]))
      expect(both).toEqual([1, 2].map(() => ({ ok: true, value: { opened: true } })))
      expect(far.asked.filter(one => one === 'open 1/3')).toHaveLength(2)
      expect(clock.now() - begun).toBeGreaterThanOrEqual(1000)
      await close()
    })

    it('opens nothing on a board with a relay that cannot be turned off, and still reads its doors', async () => {
      const { driver, far, relays, during, close } = await rig({ framing, boards: two })
      relays(1).welded.add(6)
      expect(await during(driver.open(door))).toMatchObject({
        ok: false,
        problem: { code: 'locker-relay-stands' },
      })
      expect(far.door(1, 3).isOpen()).toBe(false)
      expect((await during(driver.read(1))).ok).toBe(true)
      relays(1).welded.clear()
      expect(await during(driver.open(door))).toEqual({ ok: true, value: { opened: true } })
      await close()
    })

    it('says that the settings are wrong when a strict board refuses the pulse, and reads on', async () => {
      const { driver, far, during, close } = await rig({ framing, boards: two, relays: 'plain' })
      const answer = await during(driver.open(door))
      expect(answer).toMatchObject({
        ok: false,
        problem: { kind: 'misconfigured', code: 'locker-board-cannot', their: { code: '3' } },
      })
      expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
      expect(far.door(1, 3).isOpen()).toBe(false)
      expect((await during(driver.read(1))).ok).toBe(true)
      await close()
    })

    it('takes a busy board for one to be asked again, and does not say that the door may have moved', async () => {
      const { driver, during, exceptions, close } = await rig({ framing, boards: two })
      await during(driver.read(1))
      exceptions.push(6)
      const answer = await during(driver.open(door))
      expect(answer).toMatchObject({ ok: false, problem: { code: 'locker-board-busy', retry: 'later' } })
      expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
      await close()
    })

    it('looks at the door when a gateway says that the board did not answer', async () => {
      const { driver, during, exceptions, close } = await rig({ framing, boards: two })
      await during(driver.read(1))
      exceptions.push(11)
      expect(await during(driver.open(door))).toEqual({ ok: true, value: { opened: false } })
      await close()
    })

    it('does not take a damaged answer for one, and asks again only what moves nothing', async () => {
      const { driver, far, during, close } = await rig({ framing, boards: two })
      await during(driver.read(1))
      far.faults.corrupt = 1
      expect((await during(driver.read(1))).ok).toBe(true)
      far.faults.corrupt = 1
      expect(await during(driver.open(door))).toEqual({ ok: true, value: { opened: true } })
      expect(far.asked.filter(one => one === 'open 1/3')).toHaveLength(1)
      await close()
    })

    it('is not misled by an answer that comes late, alone or glued to the next', async () => {
      for (const fault of ['late', 'glue'] as const) {
        const { driver, far, during, close } = await rig({ framing, boards: two })
        await during(Promise.all([driver.read(1), driver.read(7)]))
        far.door(1, 2).force()
        if (fault === 'late') far.faults.late.push(320)
        else far.faults.glue = 1
        const [one, seven] = await during(Promise.all([driver.read(1), driver.read(7)]))
        if (!one.ok || !seven.ok) throw new Error('a board was not read')
        expect(one.value.filter(reading => reading.door === 'open').map(reading => reading.channel)).toEqual([
          2,
        ])
        expect(seven.value.filter(reading => reading.door === 'open')).toEqual([])
        await close()
      }
    })

    it('opens within 150 ms of its turn while the line is being polled', async () => {
      const { driver, far, during, clock, close } = await rig({ framing, boards: shifted })
      for (const { address } of shifted) await during(driver.read(address))
      const begun = clock.now()
      const polls = shifted.map(({ address }) => driver.read(address))
      const opening = driver.open({ board: 3, channel: 5 })
      await during(
        until(() => {
          if (far.asked.includes('open 3/5')) return true
          void clock.advance(1)
          return false
        }),
      )
      expect(clock.now() - begun).toBeLessThanOrEqual(150)
      await during(Promise.all([...polls, opening]))
      await close()
    })
  })

describe('the commissioning of Modbus boards', () => {
  it('finds the boards of a line and the locks of each, and moves no door', async () => {
    const boards = [
      { address: 2, channels: 16 },
      { address: 5, channels: 8 },
    ]
    const { bus, far, clock, during, close } = await rig({ framing: 'rtu', boards })
    const facts = boardFacts(modbusRtu)!
    expect(facts).toMatchObject({ addresses: { from: 1, to: 247 }, channels: 64 })
    expect(facts.switches.map(one => one.key)).toEqual(['activeWhen'])
    const line = { ...bus, close: async () => {} }
    const driver = (some: readonly { address: number; channels: number }[]) =>
      modbusRtu.on({ boards: some.map(({ address, channels }) => ({ address, channels })) }, line, clock)
    expect(await during(survey({ facts, addresses: [1, 2, 3, 5], driver, clock }))).toEqual(boards)
    expect(far.asked.filter(one => one.startsWith('open'))).toEqual([])
    await close()
  })
})

describe('the settings of Modbus boards', () => {
  const wire = { name: 'locker-line:test', clock: new ManualClock(0), transcript: noTranscript }

  it('have the usual wiring where nothing is said', () => {
    const address = { dial: { host: '10.0.0.9', port: 502 } }
    expect(modbusTcp.settings.parse({ address, boards: [{ address: 1, channels: 8 }] })).toEqual({
      address,
      boards: [
        {
          address: 1,
          channels: 8,
          firstRelay: 0,
          firstInput: 0,
          activeWhen: 'closed',
        },
      ],
      pulse: 'waveshare',
      pulseTenths: 5,
    })
  })

  it('are all told at once where they are wrong', () => {
    const answer = modbusRtu.create(
      {
        address: { dial: { host: 'a', port: 1 } },
        boards: [
          { address: 248, channels: 65 },
          { address: 248, channels: 1, hold: true },
        ],
        pulseTenths: 0,
      },
      wire,
    )
    if (answer.ok) throw new Error('wrong settings were taken')
    for (const place of ['boards.0.address', 'boards.0.channels', 'pulseTenths', 'boards.1'])
      expect(answer.problem.say.en).toContain(place)
  })

  it('make a driver that tells a line which is not there', async () => {
    for (const make of [modbusRtu, modbusTcp]) {
      const settings = {
        address: { dial: { host: '127.0.0.1', port: 9 } },
        boards: [{ address: 1, channels: 8 }],
      }
      const answer = make.create(settings, wire)
      if (!answer.ok) throw new Error(answer.problem.say.en)
      expect(answer.value.name).toBe(make.name)
      expect(await answer.value.read(1)).toMatchObject({ ok: false, problem: { kind: 'unreachable' } })
      await answer.value.close()
    }
  })
})
