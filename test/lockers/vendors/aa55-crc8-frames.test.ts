import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Aa55Frame,
  commands,
  frameAt,
  frameOf,
  openFrame,
  readFrame,
  readSet,
  stateFrame,
} from '../../../src/lockers/vendors/aa55-crc8-frames.ts'
import { bytes, type Direction, meetsSamples, meetsVectors, survives } from './check-frames.ts'

const frames: Direction<Aa55Frame> = { build: frameOf, at: frameAt }
const of = (board: number, command: keyof typeof commands, ...data: number[]): Aa55Frame => ({
  board,
  command: commands[command],
  data,
})

meetsVectors('aa55-crc8', frames, frames, {
  questions: {
    'sensor.level': of(0, 'level', 0),
    lamp55: of(0, 'lockLamp', 0),
    out52: of(0, 'fanA', 0),
    out53: of(0, 'fanB', 0),
    'tempComp.query': of(0, 'temperatureTrim'),
    'humComp.query': of(0, 'humidityTrim'),
    'tempComp.set': of(0, 'trimTemperature', 1),
    'open.b1.l1': of(1, 'open', 0),
    'open.b1.l22': of(1, 'open', 21),
    'open.b0.l1.5s': of(0, 'open', 0, 5),
    'status.b1': of(1, 'read'),
    'guard.query': of(0, 'guard'),
    'temp.query': of(0, 'temperature'),
    'lamp.b1.on': of(1, 'lamp', 0),
  },
  answers: {
    'status.b1.reply': of(1, 'read', 1, 0, 0),
    'temp.reply.25.3': of(0, 'temperature', 0x02, 0xf1),
  },
})
meetsSamples('aa55-crc8', frames, frames)

describe('frames of the AA 55 boards', () => {
  const locks = (channels: number) => fc.subarray(Array.from({ length: channels }, (_, index) => index + 1))

  it('survive junk before them, and no other frame is read out of a damaged one', () => {
    const junk = fc.uint8Array({ maxLength: 8 }).filter(some => !some.includes(0xaa))
    fc.assert(
      fc.property(
        fc.nat(12),
        fc.uint8Array({ maxLength: 21 }),
        junk,
        fc.nat(199),
        (board, data, junk, bit) => {
          survives(frames, { board, command: commands.open, data: [...data] }, junk, bit)
        },
      ),
    )
  })

  it('tell the same doors they were built of, in two bytes for a board of twelve', () => {
    fc.assert(
      fc.property(fc.constantFrom(8, 12, 16, 22, 24), fc.nat(12), (channels, board) =>
        fc.assert(
          fc.property(locks(channels), set => {
            const frame = stateFrame(board, channels, set)
            expect(frame).toHaveLength(channels > 16 ? 9 : 8)
            expect([...readSet(frameAt(frame)!.value, channels)!]).toEqual(set)
          }),
          { numRuns: 5 },
        ),
      ),
      { numRuns: 20 },
    )
  })

  it('ask and open as counted from 1', () => {
    expect(openFrame(1, 22)).toEqual(bytes('AA 55 03 01 50 15 22'))
    expect(openFrame(0, 1, 5)).toEqual(bytes('AA 55 04 00 50 00 05 6D'))
    expect(readFrame(1)).toEqual(bytes('AA 55 02 01 51 D9'))
  })

  it('are refused for boards, locks and pulses that do not exist, and as answers when they tell too few locks', () => {
    for (const wrong of [
      () => openFrame(13, 1),
      () => openFrame(0, 0),
      () => openFrame(0, 25),
      () => openFrame(0, 1, 10),
    ])
      expect(wrong).toThrow(RangeError)
    const short = frameAt(stateFrame(1, 12, [3]))!.value
    expect(readSet(short, 22)).toBeUndefined()
    expect([...readSet(short, 12)!]).toEqual([3])
  })
})
