import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  answerAt,
  answerFrame,
  requestAt,
  requestFrame,
  type ScuAnswer,
  type ScuRequest,
} from '../../../src/lockers/vendors/f5-scu-frames.ts'
import { type Direction, meetsSamples, survives } from './check-frames.ts'

const questions: Direction<ScuRequest> = { build: requestFrame, at: requestAt }
const answers: Direction<ScuAnswer> = { build: answerFrame, at: answerAt }

meetsSamples('f5-scu', questions, answers)

describe('frames of the single-lock boards', () => {
  it('survive junk before them, and a damaged one never says the same', () => {
    const junk = fc.uint8Array({ maxLength: 8 }).filter(some => !some.includes(0xf5))
    const kind = fc.constantFrom('open' as const, 'read' as const)
    fc.assert(
      fc.property(kind, fc.nat(255), fc.boolean(), junk, fc.nat(63), (kind, board, closed, junk, bit) => {
        survives(questions, { kind, board }, junk, bit)
        survives(answers, { board, closed }, junk, bit)
      }),
    )
  })

  it('are never question and answer at once, so that an echo is none', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.boolean(), (board, closed) => {
        expect(answerAt(requestFrame({ kind: 'open', board }))).toBeUndefined()
        expect(answerAt(requestFrame({ kind: 'read', board }))).toBeUndefined()
        expect(requestAt(answerFrame({ board, closed }))).toBeUndefined()
      }),
    )
  })

  it('are refused for addresses that do not exist', () => {
    for (const board of [-1, 256, 1.5])
      expect(() => requestFrame({ kind: 'open', board })).toThrow(RangeError)
  })
})
