import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  answerAt,
  answerFrame,
  requestAt,
  requestFrame,
  type WklyAnswer,
  type WklyDoor,
  type WklyRequest,
} from '../../../src/lockers/vendors/wkly-frames.ts'
import { bytes, type Direction, meetsSamples, survives } from './check-frames.ts'

const questions: Direction<WklyRequest> = { build: requestFrame, at: requestAt }
const answers: Direction<WklyAnswer> = { build: answerFrame, at: answerAt }

meetsSamples('wkly', questions, answers)

describe('frames of the WKLY boards', () => {
  const board = fc.nat(31)
  const lock = fc.integer({ min: 1, max: 24 })
  const door = fc.constantFrom<WklyDoor>('open', 'closed', 'unknown')
  const junk = fc.uint8Array({ maxLength: 12 })

  it('survive junk before them, and no other frame is read out of a damaged one', () => {
    fc.assert(
      fc.property(board, lock, door, junk, fc.nat(87), (board, lock, door, junk, bit) => {
        survives(questions, { kind: 'open', board, lock }, junk, bit)
        survives(answers, { kind: 'read-one', board, worked: true, lock, door }, junk, bit)
      }),
    )
    fc.assert(
      fc.property(board, fc.array(door, { minLength: 1, maxLength: 24 }), junk, (board, doors, junk) => {
        survives(answers, { kind: 'read-board', board, worked: true, doors }, junk, 0)
      }),
    )
  })

  it('are refused for boards and locks that do not exist', () => {
    for (const [board, lock] of [
      [32, 1],
      [-1, 1],
      [0, 0],
      [0, 25],
    ] as const)
      expect(() => requestFrame({ kind: 'open', board, lock })).toThrow(RangeError)
  })

  it('may begin with 53 when they answer, not when they ask', () => {
    const answer = bytes('53 4B 4C 59 0B 00 83 00 01 01 85')
    expect(answerAt(answer)?.value).toMatchObject({ kind: 'read-one', lock: 1, door: 'closed' })
    expect(requestAt(bytes('53 4B 4C 59 09 00 82 01 87'))).toBeUndefined()
  })
})
