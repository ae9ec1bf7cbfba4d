import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type KerongRequest,
  type KerongState,
  requestAt,
  requestFrame,
  stateAt,
  stateFrame,
} from '../../../src/lockers/vendors/kerong-cu-frames.ts'
import * as cu48 from '../../../src/lockers/vendors/kerong-cu48-frames.ts'
import { type Direction, meetsSamples, survives } from './check-frames.ts'

const questions: Direction<KerongRequest> = { build: requestFrame, at: requestAt }
const states: Direction<KerongState> = { build: stateFrame, at: stateAt }
const first16 = Array.from({ length: 16 }, (_, index) => index + 1)
const open = (unit: number, lock: number): KerongRequest => ({ kind: 'open', unit, lock })

meetsSamples('kerong-cu', questions, states)

const first48 = Array.from({ length: 48 }, (_, index) => index + 1)
const opened48 = ({ board, lock, worked, closed, told }: cu48.Cu48Answer): Uint8Array =>
  closed ? cu48.stateFrame(board, told, closed) : cu48.openedFrame(board, lock, worked)
const questions48: Direction<cu48.Cu48Request> = { build: cu48.requestFrame, at: cu48.requestAt }
const answers48: Direction<cu48.Cu48Answer> = { build: opened48, at: cu48.answerAt }

meetsSamples('kerong-cu48', questions48, answers48)

describe('frames of the KERONG boards', () => {
  const junk = fc.uint8Array({ maxLength: 8 }).filter(bytes => !bytes.includes(0x02) && !bytes.includes(0xf5))
  const some = (among: readonly number[]) => fc.subarray([...among])

  it('survive junk before them, and no other frame is read out of a damaged one', () => {
    const unit = fc.nat(14)
    fc.assert(
      fc.property(unit, fc.nat(15), some(first16), some(first16), junk, fc.nat(71), (unit, lock, ...rest) => {
        const [locked, occupied, junk, bit] = rest
        survives(questions, open(unit, lock + 1), junk, bit)
        survives(states, { kind: 'state', unit, locked, occupied }, junk, bit)
      }),
    )
    fc.assert(
      fc.property(fc.nat(255), some(first48), junk, fc.nat(95), (board, closed, junk, bit) => {
        survives(answers48, { board, lock: 1, worked: true, closed, told: 48 }, junk, bit)
      }),
    )
  })

  it('are refused for units, boards, locks and pulses that do not exist', () => {
    for (const wrong of [
      open(15, 1),
      open(0, 17),
      open(0, 0),
      { kind: 'set-pulse', unit: 0, pulse: 5 },
      { kind: 'set-delay', unit: 0, seconds: 251 },
    ] as const)
      expect(() => requestFrame(wrong)).toThrow(RangeError)
    expect(() => cu48.requestFrame({ kind: 'open', board: 0, lock: 49 })).toThrow(RangeError)
    expect(() => cu48.requestFrame({ kind: 'read', board: 256 })).toThrow(RangeError)
  })
})
