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
import { bytes, type Direction, meetsSamples, survives } from './check-frames.ts'

const frames: Direction<Aa55Frame> = { build: frameOf, at: frameAt }
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
