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
import { bytes, type Direction, meetsSamples, meetsVectors, survives } from './check-frames.ts'

const questions: Direction<WklyRequest> = { build: requestFrame, at: requestAt }
const answers: Direction<WklyAnswer> = { build: answerFrame, at: answerAt }

meetsVectors('wkly', questions, answers, {
  questions: {
    'open.a0.c1': { kind: 'open', board: 0, lock: 1 },
    'open.a1.c5': { kind: 'open', board: 1, lock: 5 },
    'flash.a0.c1': { kind: 'lamp', board: 0, lock: 1 },
    'status.a0.c1': { kind: 'read-one', board: 0, lock: 1 },
    'statusAll.a0': { kind: 'read-board', board: 0 },
    'openMany.simultaneous': { kind: 'open-together', board: 0, locks: [1, 2, 3] },
    'openMany.sequential': { kind: 'open-in-turn', board: 0, locks: [1, 2, 3] },
    'openAll.a0': { kind: 'open-all', board: 0 },
    'keepOpen.c1': { kind: 'hold', board: 0, lock: 1 },
    'closeChannel.c1': { kind: 'release', board: 0, lock: 1 },
    'trap.payloadXor': { kind: 'open-together', board: 1, locks: [5] },
  },
  answers: {
    'open.a0.c1.reply': { kind: 'open', board: 0, worked: true, lock: 1, door: 'open' },
    'open.a0.c1.reply.fail': { kind: 'open', board: 0, worked: false, lock: 1, door: 'closed' },
    'flash.a0.c1.reply': { kind: 'lamp', board: 0, worked: true, lock: 1 },
    'status.a0.c1.closed': { kind: 'read-one', board: 0, worked: true, lock: 1, door: 'closed' },
    'statusAll.a0.reply4': {
      kind: 'read-board',
      board: 0,
      worked: true,
      doors: ['closed', 'open', 'closed', 'unknown'],
    },
    'event.a0.c3.closed': { kind: 'changed', board: 0, lock: 3, door: 'closed' },
    'openMany.simultaneous.reply': { kind: 'open-together', board: 0, worked: true },
  },
})
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
