import { expect } from 'vitest'
import { findAnswer, requestBytes } from '../../../src/lockers/vendors/modbus-codec.ts'
import type {
  ModbusAnswer,
  ModbusFraming,
  ModbusRequest,
} from '../../../src/lockers/vendors/modbus-frames.ts'
import { answerBytes, cutRequest } from '../../../src/sandbox/lockers/modbus-wire.ts'
import { nobodyLooked, type Table } from './table.ts'

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

const requests: Readonly<Record<ModbusFraming, Readonly<Record<string, ModbusRequest>>>> = {
  rtu: {
    'coil0.on': coil0,
    'coil0.off': { ...coil0, on: false },
    'coils.read8': coils8,
    'inputs.read8': inputs8,
    'coils.write8': write8,
    'waveshare.flashOn.ch1.700ms': pulse('on', 7),
    'waveshare.flashOn.ch1.200ms': pulse('on', 2),
    'waveshare.flashOff.ch1.700ms': pulse('off', 7),
    'waveshare.allOff': { kind: 'all-off', unit: 1 },
  },
  tcp: { 'coil0.on': coil0, 'inputs.read8': inputs8 },
}
type Answered = readonly [ModbusRequest, ModbusAnswer]
const answers: Readonly<Record<ModbusFraming, Readonly<Record<string, Answered>>>> = {
  rtu: {
    'coil0.on.reply': [coil0, { kind: 'done' }],
    'coils.read8.reply': [coils8, bits(8, 0, 6)],
    'inputs.read8.reply': [inputs8, bits(8, 0, 1)],
    'coils.write8.reply': [write8, { kind: 'done' }],
    'exception.illegalAddress': [coil0, { kind: 'exception', code: 2 }],
    'exception.illegalValue': [pulse('on', 7), { kind: 'exception', code: 3 }],
  },
  tcp: {
    'coil0.on.reply': [coil0, { kind: 'done' }],
    'inputs.read8.reply': [inputs8, bits(8, 0, 1)],
    exception: [coil0, { kind: 'exception', code: 2 }],
  },
}

const table = (framing: ModbusFraming): Table => {
  const [asked, said] = [requests[framing], answers[framing]]
  /** In the file every transaction over TCP is the number in the frame's own head. */
  const transactionOf = (frame: Uint8Array): number => (framing === 'tcp' ? (frame[0]! << 8) | frame[1]! : 0)
  return {
    names: [...Object.keys(asked), ...Object.keys(said)],
    meet: (name, frame) => {
      const transaction = transactionOf(frame)
      const request = asked[name]
      if (request) {
        expect(requestBytes(framing, request, transaction)).toEqual(frame)
        expect(cutRequest(framing, frame)).toMatchObject({ taken: frame.length, request })
        return
      }
      const [question, answer] = said[name] ?? nobodyLooked(name)
      expect(findAnswer(framing, question, transaction)(frame)?.value).toEqual(answer)
      expect(answerBytes(framing, question, answer, transaction)).toEqual(frame)
      damaged(framing, question, frame, transaction)
    },
    refuse: frame => {
      expect(cutRequest(framing, frame)?.request).toBeUndefined()
      for (const question of [coil0, coils8, inputs8, write8])
        expect(findAnswer(framing, question, transactionOf(frame))(frame)).toBeUndefined()
    },
  }
}

/** With any one bit turned over it is no answer; over TCP nothing checks the data, only what they answer. */
const damaged = (
  framing: ModbusFraming,
  question: ModbusRequest,
  right: Uint8Array,
  transaction: number,
): void => {
  const bits = framing === 'rtu' || question === coil0 ? right.length * 8 : 48
  for (let bit = 0; bit < bits; bit++) {
    const frame = Uint8Array.from(right)
    frame[bit >> 3]! ^= 1 << (bit & 7)
    const found = findAnswer(framing, question, transaction)(frame)
    // One exception code may turn into another.
    if (found) expect([framing, found.value.kind]).toEqual(['tcp', 'exception'])
  }
}

/** The relay boards, by the names of their families in the file. */
export const modbusTables: Readonly<Record<string, Table>> = {
  'modbus-rtu': table('rtu'),
  'modbus-tcp': table('tcp'),
}
