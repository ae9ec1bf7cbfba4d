import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc16 } from '../../../src/lockers/transport/bytes.ts'
import { findAnswer, requestBytes } from '../../../src/lockers/vendors/modbus-codec.ts'
import type {
  ModbusAnswer,
  ModbusFraming,
  ModbusRequest,
} from '../../../src/lockers/vendors/modbus-frames.ts'
import { answerBytes, cutRequest } from '../../../src/sandbox/lockers/modbus-wire.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const bits = (count: number, ...set: number[]): ModbusAnswer => ({
  kind: 'bits',
  bits: Array.from({ length: count }, (_, i) => set.includes(i)),
})
const coil0: ModbusRequest = { kind: 'coil', unit: 1, coil: 0, on: true }
const coils8: ModbusRequest = { kind: 'read-coils', unit: 1, from: 0, count: 8 }
const inputs8: ModbusRequest = { kind: 'read-inputs', unit: 1, from: 0, count: 8 }
const write8: ModbusRequest = { kind: 'coils', unit: 1, from: 0, on: new Array<boolean>(8).fill(true) }
const pulse = (to: 'on' | 'off', tenths: number): ModbusRequest => ({
  kind: 'pulse',
  unit: 1,
  coil: 0,
  to,
  tenths,
})

/** In the fixtures every transaction over TCP is the number in the frame's own head. */
const transactionOf = (framing: ModbusFraming, frame: Uint8Array): number =>
  framing === 'tcp' ? (frame[0]! << 8) | frame[1]! : 0

interface Sample {
  readonly proves: string
  readonly framing: ModbusFraming
  readonly hex: string
  readonly request?: ModbusRequest
  readonly answer?: ModbusAnswer
}
const samples = JSON.parse(
  readFileSync(new URL('../../../fixtures/lockers/modbus.json', import.meta.url), 'utf8'),
) as readonly Sample[]

describe('samples of Modbus frames', () => {
  it.each(samples.map(one => [one.proves, one] as const))('%s', (_, { framing, hex, request, answer }) => {
    const frame = bytes(hex)
    const transaction = transactionOf(framing, frame)
    if (!request) {
      expect(cutRequest(framing, frame)?.request).toBeUndefined()
      expect(findAnswer(framing, coil0, transaction)(frame)).toBeUndefined()
      expect(findAnswer(framing, inputs8, transaction)(frame)).toBeUndefined()
    } else if (answer) {
      expect(answerBytes(framing, request, answer, transaction)).toEqual(frame)
      expect(findAnswer(framing, request, transaction)(frame)?.value).toEqual(answer)
    } else {
      expect(requestBytes(framing, request, transaction)).toEqual(frame)
      expect(cutRequest(framing, frame)).toMatchObject({ taken: frame.length, request })
    }
  })
})

const unit = fc.integer({ min: 1, max: 247 })
const request: fc.Arbitrary<ModbusRequest> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('read-coils' as const, 'read-inputs' as const),
    unit,
    from: fc.nat(0xffff),
    count: fc.integer({ min: 1, max: 256 }),
  }),
  fc.record({ kind: fc.constant('coil' as const), unit, coil: fc.nat(0xfe), on: fc.boolean() }),
  fc.record({
    kind: fc.constant('coils' as const),
    unit,
    from: fc.nat(0xffff),
    on: fc.array(fc.boolean(), { minLength: 1, maxLength: 64 }),
  }),
  fc.record({
    kind: fc.constant('pulse' as const),
    unit,
    coil: fc.nat(0xfe),
    to: fc.constantFrom('on' as const, 'off' as const),
    tenths: fc.integer({ min: 1, max: 0x7fff }),
  }),
)
const framing = fc.constantFrom('rtu' as const, 'tcp' as const)

describe('frames of Modbus boards', () => {
  it('has the check value of CRC-16/MODBUS', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0x4b37)
  })

  it('reads back every question and finds every answer, with junk before and behind', () => {
    fc.assert(
      fc.property(framing, request, fc.nat(0xffff), fc.uint8Array({ maxLength: 3 }), (how, one, id, junk) => {
        const question = requestBytes(how, one, id)
        expect(cutRequest(how, question)).toEqual({
          taken: question.length,
          request: one,
          ...(how === 'tcp' ? { transaction: id } : {}),
        })
        const answer: ModbusAnswer = 'count' in one ? bits(one.count, 0, one.count - 1) : { kind: 'done' }
        const frame = answerBytes(how, one, answer, id)
        const found = findAnswer(how, one, id)(Uint8Array.of(...junk, ...frame, ...junk))
        expect(found?.value).toEqual(answer)
        for (let length = 0; length < frame.length; length++)
          expect(findAnswer(how, one, id)(frame.subarray(0, length))).toBeUndefined()
      }),
    )
  })

  it('takes no answer of another board, of another question or of another transaction', () => {
    const other = answerBytes('rtu', { ...coil0, unit: 2 }, { kind: 'done' })
    expect(findAnswer('rtu', coil0)(other)).toBeUndefined()
    expect(
      findAnswer('rtu', { ...coil0, coil: 1 })(answerBytes('rtu', coil0, { kind: 'done' })),
    ).toBeUndefined()
    expect(findAnswer('rtu', { ...inputs8, count: 9 })(answerBytes('rtu', inputs8, bits(8)))).toBeUndefined()
    expect(findAnswer('tcp', coil0, 7)(answerBytes('tcp', coil0, { kind: 'done' }, 6))).toBeUndefined()
    const eight = { kind: 'coils', unit: 1, from: 0, on: new Array<boolean>(8).fill(true) } as const
    for (const other of [
      { ...eight, from: 1 },
      { ...eight, on: eight.on.slice(1) },
    ])
      expect(findAnswer('rtu', eight)(answerBytes('rtu', other, { kind: 'done' }))).toBeUndefined()
  })

  it('takes no answer that says more than it was asked, and no exception without a code', () => {
    const padded = Uint8Array.of(0, 7, 0, 0, 0, 8, 1, 5, 0, 0, 0xff, 0, 0, 0)
    expect(findAnswer('tcp', coil0, 7)(padded)).toBeUndefined()
    const longer = answerBytes('tcp', inputs8, bits(9), 7)
    expect(findAnswer('tcp', inputs8, 7)(longer)).toBeUndefined()
    for (const framing of ['rtu', 'tcp'] as const)
      expect(
        findAnswer(framing, coil0, 7)(answerBytes(framing, coil0, { kind: 'exception', code: 0 }, 7)),
      ).toBeUndefined()
  })

  it('takes for the answer to a pulse its own bytes, or an exception, and no other pulse', () => {
    for (const framing of ['rtu', 'tcp'] as const) {
      const one = pulse('on', 7)
      const find = findAnswer(framing, one, 9)
      expect(find(requestBytes(framing, one, 9))?.value).toEqual({ kind: 'done' })
      expect(find(requestBytes(framing, pulse('on', 8), 9))).toBeUndefined()
      expect(find(requestBytes(framing, { ...coil0, on: false }, 9))).toBeUndefined()
      const refused: ModbusAnswer = { kind: 'exception', code: 3 }
      expect(find(answerBytes(framing, one, refused, 9))?.value).toEqual(refused)
    }
  })

  it('refuses to build what no board has', () => {
    const wrong: ModbusRequest[] = [
      { ...coils8, count: 0 },
      { ...coils8, count: 257 },
      { ...coil0, coil: -1 },
      { kind: 'coils', unit: 1, from: 0, on: [] },
      pulse('on', 0),
      { ...pulse('on', 1), coil: 255 } as ModbusRequest,
    ]
    for (const one of wrong) expect(() => requestBytes('rtu', one)).toThrow(RangeError)
  })

  it('never throws at whatever comes over the wire', () => {
    fc.assert(
      fc.property(framing, fc.uint8Array({ maxLength: 40 }), (how, heard) => {
        for (const one of [coil0, inputs8, write8]) findAnswer(how, one, 1)(heard)
        let rest = heard
        for (let next = cutRequest(how, rest); next; next = cutRequest(how, rest)) {
          expect(next.taken).toBeGreaterThan(0)
          rest = rest.subarray(next.taken)
        }
      }),
    )
  })
})
