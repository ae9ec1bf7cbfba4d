import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { requestFrame, type XorRequest } from '../../../src/lockers/vendors/xor-board-frames.ts'
import { type SandboxBusSettings, startSandboxBus } from '../../../src/sandbox/lockers/bus.ts'
import { until } from '../../harness/until.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const setUp = async (more: Partial<SandboxBusSettings> = {}) => {
  const clock = new ManualClock(0)
  const bus = await startSandboxBus({ boards: [{ address: 1, channels: 24 }], clock, ...more })
  closing.push(bus.close)
  let heard = ''
  const dial = async (): Promise<Socket> => {
    const socket = connect(bus.port, '127.0.0.1')
    closing.push(async () => {
      socket.destroy()
    })
    socket.on('data', chunk => {
      heard += chunk.toString('hex')
    })
    socket.on('error', () => {})
    await new Promise(resolve => socket.once('connect', resolve))
    return socket
  }
  const socket = await dial()
  const send = async (bytes: Uint8Array) => {
    const before = bus.traffic().received
    socket.write(bytes)
    await until(() => bus.traffic().received === before + bytes.length)
  }
  const ask = (request: XorRequest) => send(requestFrame(request))
  const answer = async (text: string) => {
    await until(() => heard.length >= text.length)
    expect(heard).toBe(text)
    heard = ''
  }
  return { clock, bus, socket, send, ask, answer, dial, heard: () => heard }
}

describe('the simulated boards', () => {
  it('open a door a moment after the pulse and answer when the pulse is over', async () => {
    const { clock, bus, ask, answer, heard } = await setUp()
    await ask({ kind: 'open', board: 1, lock: 3 })
    await clock.advance(79)
    expect(bus.door(1, 3).isOpen()).toBe(false)
    await clock.advance(1)
    expect(bus.door(1, 3).isOpen()).toBe(true)
    await clock.advance(239)
    expect(heard()).toBe('')
    await clock.advance(1)
    await answer('8a01030088')
  })

  it('tell a jammed door as shut, and every wiring in its own bits', async () => {
    const boards = [{ address: 1, channels: 8, shortedWhen: 'open', bitOneMeans: 'closed' }] as const
    const { clock, bus, ask, answer } = await setUp({ boards })
    bus.door(1, 1).jammed = true
    await ask({ kind: 'open', board: 1, lock: 1 })
    await clock.advance(320)
    await answer('8a0101008a')
    bus.door(1, 1).force()
    await clock.advance(10)
    await ask({ kind: 'read-one', board: 1, lock: 1 })
    await clock.advance(20)
    await answer('8001011191')
    await clock.advance(10)
    await ask({ kind: 'read-board', board: 1 })
    await clock.advance(20)
    await answer('8001fe334c')
  })

  it('stay silent at another address, a lock beyond the board, a wrong check and commands they do not know', async () => {
    const { clock, bus, ask, send, heard } = await setUp()
    await ask({ kind: 'read-one', board: 2, lock: 1 })
    await ask({ kind: 'open', board: 1, lock: 25 })
    for (const hex of ['8a0101119a', '9a0101108a', '9d0102108e'])
      await send(Uint8Array.from(Buffer.from(hex, 'hex')))
    await clock.advance(1000)
    expect(heard()).toBe('')
    expect(bus.boards[0]!.doors.some(door => door.isOpen())).toBe(false)
  })

  it('open many at once, or all of them one after the other', async () => {
    const { clock, bus, ask } = await setUp()
    const open = () => bus.boards[0]!.doors.filter(door => door.isOpen()).map(door => door.channel)
    await ask({ kind: 'open-many', board: 1, locks: [1, 3, 24] })
    await clock.advance(80)
    expect(open()).toEqual([1, 3, 24])
    await ask({ kind: 'open', board: 1, lock: 0 })
    await clock.advance(380)
    expect(open()).toEqual([1, 2, 3, 24])
    await clock.advance(24 * 300)
    expect(open()).toHaveLength(24)
  })

  it('do not hear a question that comes before the line is free', async () => {
    const { clock, bus, ask, answer } = await setUp()
    await ask({ kind: 'read-one', board: 1, lock: 1 })
    await clock.advance(20)
    await answer('8001011191')
    await ask({ kind: 'read-one', board: 1, lock: 2 })
    expect(bus.asked).toEqual(['read-one 1/1'])
    expect(bus.traffic().trampled).toBe(1)
    await clock.advance(4)
    await ask({ kind: 'read-one', board: 1, lock: 2 })
    expect(bus.asked).toHaveLength(2)
  })

  it('understand a question that comes in pieces, and forget half a one', async () => {
    const { clock, bus, send } = await setUp()
    const frame = requestFrame({ kind: 'read-one', board: 1, lock: 1 })
    await send(frame.subarray(0, 2))
    await send(frame.subarray(2))
    expect(bus.asked).toHaveLength(1)
    await clock.advance(100)
    await send(frame.subarray(0, 3))
    await clock.advance(51)
    await send(frame)
    expect(bus.asked).toHaveLength(2)
  })
})

describe('the simulated doors', () => {
  it('keep what they are and what is in them through a power cut', async () => {
    const { bus, clock, socket, ask, dial } = await setUp()
    bus.door(1, 5).items.push('P-1')
    await ask({ kind: 'open', board: 1, lock: 5 })
    await clock.advance(100)
    const gone = new Promise(resolve => socket.once('close', resolve))
    bus.power(false)
    await gone
    await clock.advance(1000)
    expect([bus.door(1, 5).isOpen(), bus.door(1, 5).items]).toEqual([true, ['P-1']])
    bus.power(true)
    const again = await dial()
    again.write(requestFrame({ kind: 'read-board', board: 1 }))
    await until(() => bus.asked.includes('read-board 1'))
  })

  it('spring open again when pushed too softly', async () => {
    const { bus, clock } = await setUp()
    const door = bus.door(1, 1)
    door.force()
    door.push(200)
    expect(door.isOpen()).toBe(false)
    await clock.advance(200)
    expect(door.isOpen()).toBe(true)
  })

  it('tell who waits for their next movement', async () => {
    const { bus } = await setUp()
    const [any, third] = [bus.moved(), bus.moved(1, 3)]
    bus.door(1, 2).force()
    expect((await any).channel).toBe(2)
    bus.door(1, 3).force()
    expect((await third).channel).toBe(3)
    expect(() => bus.door(9, 1)).toThrow(RangeError)
  })

  it('are shut by the ghost hand of the demo after its time', async () => {
    const { bus, clock } = await setUp({ ghostHand: { after: 5000 } })
    bus.door(1, 1).force()
    await clock.advance(4999)
    expect(bus.door(1, 1).isOpen()).toBe(true)
    await clock.advance(1)
    expect(bus.door(1, 1).isOpen()).toBe(false)
  })
})
