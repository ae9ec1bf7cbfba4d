import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixedLength } from '../../../src/lockers/transport/bus.ts'
import {
  boardAnswerLength,
  boardFrame,
  contactFrame,
  groupFrame,
  readBoardBits,
  readContact,
  readGroupBits,
  readRequest,
  requestFrame,
  type XorRequest,
} from '../../../src/lockers/vendors/xor-board-frames.ts'
import { bytes } from './check-frames.ts'

interface Sample {
  readonly proves: string
  readonly hex: string
  readonly request?: XorRequest
  readonly contact?: { kind: 'open' | 'read-one'; board: number; lock: number; is: 'shorted' | 'not-shorted' }
  readonly board?: { board: number; channels: number; set: number[] }
}
const samples = JSON.parse(
  readFileSync(new URL('../../../fixtures/lockers/xor-board.json', import.meta.url), 'utf8'),
) as readonly Sample[]

describe('samples of frames of the XOR boards', () => {
  for (const { proves, hex, request, contact, board } of samples)
    it(`${proves}: ${hex}`, () => {
      const frame = bytes(hex)
      if (request) {
        expect(requestFrame(request)).toEqual(frame)
        expect(readRequest(frame)).toEqual(request)
      } else if (contact) {
        expect(readContact(frame, contact)).toBe(contact.is)
        expect(contactFrame(contact.kind, contact.board, contact.lock, contact.is)).toEqual(frame)
      } else if (board) {
        expect([...readBoardBits(frame, board)!]).toEqual(board.set)
        expect(boardFrame(board.board, board.channels, board.set)).toEqual(frame)
      } else {
        expect(readRequest(frame)).toBeUndefined()
        for (const kind of ['open', 'read-one'] as const)
          expect(readContact(frame, { kind, board: 2, lock: 7 })).toBeUndefined()
      }
    })
})

describe('frames of the XOR boards', () => {
  it('reads the board answer whose first five bytes are themselves a sound single answer', () => {
    const trap = bytes('80 01 00 00 81 33 33')
    const find = fixedLength(boardAnswerLength(24), frame => readBoardBits(frame, { board: 1, channels: 24 }))
    expect(find(trap.subarray(0, 5))).toBeUndefined()
    expect([...find(trap)!.value]).toEqual([1, 8])
  })

  it('refuses boards, locks, groups and pulses that do not exist', () => {
    const wrong: XorRequest[] = [
      { kind: 'open', board: 0, lock: 1 },
      { kind: 'open', board: 1, lock: 51 },
      { kind: 'open', board: 1, lock: 1, seconds: 0 },
      { kind: 'read-one', board: 1, lock: 0 },
      { kind: 'read-group', board: 1, group: 8 },
      { kind: 'read-one', board: 1.5, lock: 1 },
    ]
    for (const request of wrong) expect(() => requestFrame(request)).toThrow(RangeError)
  })

  it('reads back every question and every answer it builds, for any board and number of locks', () => {
    const channels = fc.integer({ min: 1, max: 50 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), channels, fc.context(), (board, count, ctx) => {
        const set = Array.from({ length: count }, (_, i) => i + 1).filter(n => (n * board) % 3 === 0)
        ctx.log(`set ${set}`)
        const request: XorRequest = { kind: 'read-one', board, lock: count }
        expect(readRequest(requestFrame(request))).toEqual(request)
        expect([...readBoardBits(boardFrame(board, count, set), { board, channels: count })!]).toEqual(set)
        const group = Math.ceil(count / 8)
        const inGroup = set.filter(lock => Math.ceil(lock / 8) === group)
        expect([...readGroupBits(groupFrame(board, group, inGroup), { board, group })!]).toEqual(inGroup)
      }),
    )
  })

  it('takes the groups of eight in the order the board sends them in', () => {
    const low = boardFrame(1, 24, [1, 10, 24], 'low-first')
    expect(low).toEqual(bytes('80 01 01 02 80 33 31'))
    expect([...readBoardBits(low, { board: 1, channels: 24, order: 'low-first' })!]).toEqual([1, 10, 24])
    expect([...readBoardBits(low, { board: 1, channels: 24 })!]).toEqual([8, 10, 17])
  })

  it('leaves the bytes it reads as they are, so that they can be read again', () => {
    const heard = Buffer.from(boardFrame(1, 24, [1, 8, 20]))
    for (let time = 0; time < 2; time++)
      expect([...readBoardBits(heard, { board: 1, channels: 24 })!]).toEqual([1, 8, 20])
  })

  it('takes no frame in which one bit has turned over', () => {
    fc.assert(
      fc.property(fc.nat(39), fc.constantFrom('shorted', 'not-shorted'), (bit, state) => {
        const frame = contactFrame('open', 3, 7, state)
        frame[bit >> 3]! ^= 1 << (bit & 7)
        expect(readContact(frame, { kind: 'open', board: 3, lock: 7 })).toBeUndefined()
      }),
    )
  })
})
