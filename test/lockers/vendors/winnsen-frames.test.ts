import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  answerAt,
  answerFrame,
  requestAt,
  requestFrame,
  type WinnsenAnswer,
  type WinnsenRequest,
} from '../../../src/lockers/vendors/winnsen-frames.ts'
import { bytes, type Direction, meetsSamples, survives } from './check-frames.ts'

const questions: Direction<WinnsenRequest> = { build: requestFrame, at: requestAt }
const answers: Direction<WinnsenAnswer> = { build: answerFrame, at: answerAt }

meetsSamples('winnsen', questions, answers)

describe('frames of the Winnsen boards', () => {
  it('survive junk before them, and a damaged one never says the same', () => {
    const junk = fc.uint8Array({ maxLength: 8 }).filter(some => !some.includes(0x90))
    fc.assert(
      fc.property(fc.nat(3), fc.nat(15), fc.nat(1), junk, fc.nat(55), (station, lock, status, junk, bit) => {
        survives(questions, { kind: 'open', station, lock: lock + 1 }, junk, bit)
        survives(answers, { kind: 'read', station, lock: lock + 1, status }, junk, bit)
      }),
    )
  })

  it('are not cut at the first 03, which may be a station or a lock', () => {
    expect(answerAt(bytes('90 07 92 03 03 03 03'))).toEqual({
      value: { kind: 'read', station: 3, lock: 3, status: 3 },
      length: 7,
    })
  })

  it('are refused for stations and locks that do not exist', () => {
    expect(() => requestFrame({ kind: 'open', station: 4, lock: 1 })).toThrow(RangeError)
    expect(() => requestFrame({ kind: 'open', station: 0, lock: 17 })).toThrow(RangeError)
    for (const hex of ['90 06 05 04 01 03', '90 06 05 00 11 03', '90 06 05 00 00 03'])
      expect(requestAt(bytes(hex))).toBeUndefined()
  })
})
