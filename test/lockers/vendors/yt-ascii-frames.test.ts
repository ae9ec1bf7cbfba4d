import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ytAscii } from '../../../src/lockers/vendors/yt-ascii.ts'
import {
  answerAt,
  answerFrame,
  requestAt,
  requestFrame,
  type YtAnswer,
  type YtError,
  type YtRequest,
} from '../../../src/lockers/vendors/yt-ascii-frames.ts'
import { ytBoards } from '../../../src/sandbox/lockers/yt-ascii.ts'
import { boardRig } from '../boards.ts'
import { type Direction, meetsSamples, survives } from './check-frames.ts'

const questions: Direction<YtRequest> = { build: requestFrame, at: requestAt }
const answers: Direction<YtAnswer | YtError> = { build: answerFrame, at: answerAt }

meetsSamples('yt-ascii', questions, answers)

describe('lines of the YT boards', () => {
  it('survive junk before them, and a damaged one never says the same', () => {
    const junk = fc.uint8Array({ maxLength: 8 }).filter(some => !some.includes(0x2b) && !some.includes(0x59))
    const values = fc.array(fc.nat(1), { minLength: 1, maxLength: 64 })
    fc.assert(
      fc.property(fc.nat(255), values, junk, fc.nat(400), (board, values, junk, bit) => {
        survives(questions, { kind: 'open', board, lock: values.length }, junk, bit)
        survives(answers, { kind: 'read-board', board, values, checked: true }, junk, bit)
      }),
    )
  })

  it('are looked for in no more bytes than the longest has', () => {
    const endless = Buffer.from(`+GETALLLOCKSSTATUS:1${',0'.repeat(200)}\r\n`)
    expect(answerAt(endless)).toBeUndefined()
  })

  it('are refused for boards and locks that do not exist', () => {
    expect(() => requestFrame({ kind: 'open', board: 256, lock: 1 })).toThrow(RangeError)
    expect(() => requestFrame({ kind: 'open', board: 1, lock: 0 })).toThrow(RangeError)
    expect(() => requestFrame({ kind: 'open', board: 1, lock: 65 })).toThrow(RangeError)
  })
})

describe('the driver of the YT boards', () => {
  const board = { address: 1, channels: 4 }

  it('believes no answer without its check where boards are said to send one', async () => {
    const { driver, during, close } = await boardRig({
      make: ytAscii,
      family: ytBoards,
      near: { boards: [board] },
      far: [{ ...board, unchecked: true }],
    })
    expect(await during(driver.read(1))).toMatchObject({
      ok: false,
      problem: { code: 'locker-answer-garbled' },
    })
    await close()
  })

  it('looks at the door, once and at once, when the board says in words that it did not open it', async () => {
    const { driver, far, clock, during, close } = await boardRig({
      make: ytAscii,
      family: ytBoards,
      near: { boards: [board] },
      far: [{ ...board, broken: [3] }],
    })
    const begun = clock.now()
    expect(await during(driver.open({ board: 1, channel: 3 }))).toEqual({
      ok: true,
      value: { opened: false },
    })
    expect(clock.now() - begun).toBeLessThan(300)
    far.door(1, 3).force()
    expect(await during(driver.open({ board: 1, channel: 3 }))).toEqual({ ok: true, value: { opened: true } })
    await close()
  })
})
