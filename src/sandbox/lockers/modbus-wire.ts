/**
 * Modbus as a relay board hears and says it, written by hand: what the gateway's library builds and reads is met here by
 * an implementation that is not the same one. Without any IO.
 */
import { crc16 } from '../../lockers/transport/bytes.ts'
import {
  allRelays,
  type ModbusAnswer,
  type ModbusFraming,
  type ModbusRequest,
  maxBits,
  maxTenths,
  pulseBase,
} from '../../lockers/vendors/modbus-frames.ts'

/** A question as a board hears it, and its bytes taken; `request` absent: a byte, or a frame, to be passed over. */
export interface HeardRequest {
  readonly taken: number
  readonly request?: ModbusRequest
  readonly transaction?: number
}

const functions = { 'read-coils': 0x01, 'read-inputs': 0x02, coil: 0x05, coils: 0x0f } as const
/** Set in the function of an answer that is an exception. */
const refusal = 0x80
const mbapLength = 7
const longestPdu = 253

const word = (value: number): readonly [number, number] => [(value >> 8) & 0xff, value & 0xff]
const wordAt = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
const functionOf = (request: ModbusRequest): number =>
  request.kind === 'pulse' || request.kind === 'all-off' ? functions.coil : functions[request.kind]

/** The first question in the bytes; undefined while it may yet become one. */
export const cutRequest = (framing: ModbusFraming, bytes: Uint8Array): HeardRequest | undefined =>
  framing === 'rtu' ? cutRtu(bytes) : cutTcp(bytes)

const cutRtu = (bytes: Uint8Array): HeardRequest | undefined => {
  const code = bytes[1]
  if (code === undefined) return undefined
  if (code === functions.coils && bytes.length < 7) return undefined
  const length = code === functions.coils ? 9 + bytes[6]! : 8
  if (!(Object.values(functions) as number[]).includes(code)) return { taken: 1 }
  if (bytes.length < length) return undefined
  const frame = bytes.subarray(0, length)
  // The CRC over a frame with its own CRC behind it is 0.
  const request = crc16(frame) === 0 ? readRequestPdu(frame[0]!, frame.subarray(1, -2)) : undefined
  return request ? { taken: length, request } : { taken: 1 }
}

const cutTcp = (bytes: Uint8Array): HeardRequest | undefined => {
  if (bytes.length < mbapLength) return undefined
  const length = wordAt(bytes, 4)
  if (bytes[2] !== 0 || bytes[3] !== 0 || length < 3 || length > longestPdu + 1) return { taken: 1 }
  const total = length + 6
  if (bytes.length < total) return undefined
  const request = readRequestPdu(bytes[6]!, bytes.subarray(mbapLength, total))
  return { taken: total, transaction: wordAt(bytes, 0), ...(request ? { request } : {}) }
}

/** What a board is asked; undefined when no relay board would do it. */
const readRequestPdu = (unit: number, pdu: Uint8Array): ModbusRequest | undefined => {
  if (pdu.length < 5) return undefined
  const [first, second] = [wordAt(pdu, 1), wordAt(pdu, 3)]
  switch (pdu[0]) {
    case functions['read-coils']:
    case functions['read-inputs']: {
      const kind = pdu[0] === functions['read-coils'] ? 'read-coils' : 'read-inputs'
      return pdu.length === 5 && second >= 1 && second <= maxBits
        ? { kind, unit, from: first, count: second }
        : undefined
    }
    case functions.coil:
      return pdu.length === 5 ? readCoil(unit, first, second) : undefined
    case functions.coils: {
      const bytes = Math.ceil(second / 8)
      if (second < 1 || second > maxBits || pdu[5] !== bytes || pdu.length !== 6 + bytes) return undefined
      return { kind: 'coils', unit, from: first, on: bitsOf(pdu.subarray(6), second) }
    }
    default:
      return undefined
  }
}

const readCoil = (unit: number, coil: number, value: number): ModbusRequest | undefined => {
  if (coil === allRelays && value === 0) return { kind: 'all-off', unit }
  if (value === 0xff00 || value === 0) return { kind: 'coil', unit, coil, on: value !== 0 }
  const to = coil >> 8 === 2 ? 'on' : coil >> 8 === 4 ? 'off' : undefined
  return to && value <= maxTenths
    ? { kind: 'pulse', unit, coil: coil - pulseBase[to], to, tenths: value }
    : undefined
}

/** Bytes of an answer. */
export const answerBytes = (
  framing: ModbusFraming,
  request: ModbusRequest,
  answer: ModbusAnswer,
  transaction = 0,
): Uint8Array => {
  const body = Uint8Array.of(request.unit, ...answerPdu(request, answer))
  if (framing === 'tcp') return Uint8Array.of(...word(transaction), 0, 0, ...word(body.length), ...body)
  const crc = crc16(body)
  return Uint8Array.of(...body, crc & 0xff, crc >> 8)
}

/** Function and data of the answer to a question. What was done is told by the first five bytes of the question. */
const answerPdu = (request: ModbusRequest, answer: ModbusAnswer): readonly number[] => {
  const code = functionOf(request)
  if (answer.kind === 'exception') return [code | refusal, answer.code]
  if (answer.kind === 'bits') {
    const data = bytesOf(answer.bits)
    return [code, data.length, ...data]
  }
  switch (request.kind) {
    case 'coil':
      return [code, ...word(request.coil), request.on ? 0xff : 0, 0]
    case 'all-off':
      return [code, ...word(allRelays), 0, 0]
    case 'pulse':
      return [code, ...word(pulseBase[request.to] + request.coil), ...word(request.tenths)]
    case 'coils':
      return [code, ...word(request.from), ...word(request.on.length)]
    default:
      throw new RangeError(`${request.kind} is answered with bits`)
  }
}

/** Bit 0 of the first byte is the first coil. */
const bytesOf = (bits: readonly boolean[]): number[] => {
  const bytes = new Array<number>(Math.ceil(bits.length / 8)).fill(0)
  bits.forEach((on, at) => {
    if (on) bytes[at >> 3]! |= 1 << (at & 7)
  })
  return bytes
}
const bitsOf = (bytes: Uint8Array, count: number): boolean[] =>
  Array.from({ length: count }, (_, at) => (bytes[at >> 3]! & (1 << (at & 7))) !== 0)
