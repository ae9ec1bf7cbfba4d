import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  answerBytes,
  crc16,
  cutRequest,
  findAnswer,
  type ModbusFraming,
  requestBytes,
} from '../../../src/lockers/vendors/modbus-envelope.ts'
import {
  type ModbusAnswer,
  type ModbusRequest,
  requestPdu,
} from '../../../src/lockers/vendors/modbus-frames.ts'

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

const requests: Record<string, ModbusRequest> = {
  'coil0.on': coil0,
  'coil0.off': { ...coil0, on: false },
  'coils.read8': coils8,
  'inputs.read8': inputs8,
  'coils.write8': write8,
  'waveshare.flashOn.ch1.700ms': pulse('on', 7),
  'waveshare.flashOn.ch1.200ms': pulse('on', 2),
  'waveshare.flashOff.ch1.700ms': pulse('off', 7),
  'waveshare.allOff': { kind: 'all-off', unit: 1 },
}
const answers: Record<string, readonly [ModbusRequest, ModbusAnswer]> = {
  'coil0.on.reply': [coil0, { kind: 'done' }],
  'coils.read8.reply': [coils8, bits(8, 0, 6)],
  'inputs.read8.reply': [inputs8, bits(8, 0, 1)],
  'coils.write8.reply': [write8, { kind: 'done' }],
  'exception.illegalAddress': [coil0, { kind: 'exception', code: 2 }],
  'exception.illegalValue': [pulse('on', 7), { kind: 'exception', code: 3 }],
  exception: [coil0, { kind: 'exception', code: 2 }],
}

interface Vector {
  readonly name: string
  readonly hex: string
}
const file = new URL('../../../../shared/vectors/lockers.json', import.meta.url)
const families: readonly { id: string; vectors: readonly Vector[] }[] = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as { families: { id: string; vectors: Vector[] }[] }).families
  : []
if (families.length === 0)
  console.log('check vectors of the Modbus boards are not here: their test is skipped')

/** In the file every transaction over TCP is the number in the frame's own head. */
const transactionOf = (framing: ModbusFraming, frame: Uint8Array): number =>
  framing === 'tcp' ? (frame[0]! << 8) | frame[1]! : 0

for (const framing of ['rtu', 'tcp'] as const) {
  const vectors = families.find(family => family.id === `modbus-${framing}`)?.vectors ?? []
  describe.skipIf(vectors.length === 0)(`check frames of Modbus ${framing}`, () => {
    it.each(vectors.map(one => [one.name, one.hex] as const))('%s is met byte for byte', (name, hex) => {
      const frame = bytes(hex)
      const transaction = transactionOf(framing, frame)
      const request = requests[name]
      if (request) {
        expect(requestBytes(framing, request, transaction)).toEqual(frame)
        expect(cutRequest(framing, frame)).toMatchObject({ taken: frame.length, request })
        return
      }
      const [question, answer] = answers[name]!
      expect(findAnswer(framing, question, transaction)(frame)?.value).toEqual(answer)
      expect(answerBytes(framing, question, answer, transaction)).toEqual(frame)
    })

    it('are refused with any one bit turned over', () => {
      for (const { name, hex } of vectors) {
        const right = bytes(hex)
        const transaction = transactionOf(framing, right)
        for (let bit = 0; bit < right.length * 8; bit++) {
          // Over TCP there is no check of the data, only of what they answer.
          if (framing === 'tcp' && bit >= 48 && !name.startsWith('coil0')) continue
          const frame = Uint8Array.from(right)
          frame[bit >> 3]! ^= 1 << (bit & 7)
          const question = answers[name]?.[0]
          if (question) expect(findAnswer(framing, question, transaction)(frame)).toBeUndefined()
          else if (framing === 'rtu') expect(cutRequest(framing, frame)?.request).toBeUndefined()
        }
      }
    })
  })
}

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
    for (const one of wrong) expect(() => requestPdu(one)).toThrow(RangeError)
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
