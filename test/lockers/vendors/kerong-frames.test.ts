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
import { type Direction, meetsSamples, meetsVectors, survives } from './check-frames.ts'

const questions: Direction<KerongRequest> = { build: requestFrame, at: requestAt }
const states: Direction<KerongState> = { build: stateFrame, at: stateAt }
const first16 = Array.from({ length: 16 }, (_, index) => index + 1)
const open = (unit: number, lock: number): KerongRequest => ({ kind: 'open', unit, lock })

meetsVectors('kerong-cu', questions, states, {
  questions: {
    'status.cu0': { kind: 'read', unit: 0 },
    'unlock.cu0.l1': open(0, 1),
    'unlock.cu0.l2': open(0, 2),
    'unlock.cu0.l10': open(0, 10),
    'unlock.cu0.l11': open(0, 11),
    'unlock.cu0.l16': open(0, 16),
    'status.cu1': { kind: 'read', unit: 1 },
    'unlock.cu1.l1': open(1, 1),
    'unlock.cu1.l3': open(1, 3),
    'statusAll.bus': { kind: 'read-line' },
    'unlockAll.cu0': { kind: 'open-all', unit: 0 },
    'setUnlockTime.500ms': { kind: 'set-pulse', unit: 0, pulse: 500 },
    queryUnlockTime: { kind: 'ask-pulse', unit: 0 },
    'setDelay.3s': { kind: 'set-delay', unit: 0, seconds: 3 },
    'setBaud.19200': { kind: 'set-baud', unit: 0, baud: 19200 },
    getVersion: { kind: 'ask-version', unit: 0 },
  },
  answers: {
    'status.cu0.reply.allLocked': { kind: 'state', unit: 0, locked: first16, occupied: [] },
    'status.cu0.reply.l1open.ir2': { kind: 'state', unit: 0, locked: first16.slice(1), occupied: [2] },
    'statusAll.reply.cu0': { kind: 'state-of-line', unit: 0, locked: first16, occupied: [] },
  },
})
meetsSamples('kerong-cu', questions, states)

const first48 = Array.from({ length: 48 }, (_, index) => index + 1)
const opened48 = ({ board, lock, worked, closed, told }: cu48.Cu48Answer): Uint8Array =>
  closed ? cu48.stateFrame(board, told, closed) : cu48.openedFrame(board, lock, worked)
const questions48: Direction<cu48.Cu48Request> = { build: cu48.requestFrame, at: cu48.requestAt }
const answers48: Direction<cu48.Cu48Answer> = { build: opened48, at: cu48.answerAt }

meetsVectors('kerong-cu48', questions48, answers48, {
  questions: {
    'status.d0': { kind: 'read', board: 0 },
    'open.d0.l1': { kind: 'open', board: 0, lock: 1 },
    'open.d0.l48': { kind: 'open', board: 0, lock: 48 },
  },
  answers: {
    'status.d0.reply': { board: 0, lock: 1, worked: true, closed: first48.slice(1), told: 48 },
    'open.d0.l1.reply': { board: 0, lock: 1, worked: true, told: 0 },
    'open.d0.l1.reply.fail': { board: 0, lock: 1, worked: false, told: 0 },
  },
})
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
