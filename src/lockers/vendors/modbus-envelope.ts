/**
 * How Modbus questions and answers travel. `rtu`: unit, PDU, CRC-16 with its low byte first, as on a serial line; behind
 * a transparent converter these very bytes go through TCP ("RTU over TCP"). `tcp`: the MBAP header (transaction, 0000,
 * length, unit) and the PDU, without a CRC. The two are not interchangeable.
 */
import type { Ask, Found } from '../transport/bus.ts'
import {
  answerLength,
  answerPdu,
  type ModbusAnswer,
  type ModbusRequest,
  readAnswerPdu,
  readRequestPdu,
  requestPdu,
} from './modbus-frames.ts'

export type ModbusFraming = 'rtu' | 'tcp'

const mbapLength = 7
/** Unit, function, exception code, CRC. */
const shortestRtu = 5
const longestPdu = 253

/** CRC-16/MODBUS: polynomial A001 (reflected), begun with FFFF. */
export const crc16 = (bytes: Uint8Array): number => {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}

const rtu = (unit: number, pdu: Uint8Array): Uint8Array => {
  const body = Uint8Array.of(unit, ...pdu)
  const crc = crc16(body)
  return Uint8Array.of(...body, crc & 0xff, crc >> 8)
}
const tcp = (transaction: number, unit: number, pdu: Uint8Array): Uint8Array => {
  const length = pdu.length + 1
  return Uint8Array.of(transaction >> 8, transaction & 0xff, 0, 0, length >> 8, length & 0xff, unit, ...pdu)
}
const enveloped = (framing: ModbusFraming, unit: number, pdu: Uint8Array, transaction: number): Uint8Array =>
  framing === 'rtu' ? rtu(unit, pdu) : tcp(transaction, unit, pdu)

/** Bytes of a question. `transaction` (0..65535) comes back with the answer over TCP; RTU has none. */
export const requestBytes = (framing: ModbusFraming, request: ModbusRequest, transaction = 0): Uint8Array =>
  enveloped(framing, request.unit, requestPdu(request), transaction)

/** Bytes of an answer. */
export const answerBytes = (
  framing: ModbusFraming,
  request: ModbusRequest,
  answer: ModbusAnswer,
  transaction = 0,
): Uint8Array => enveloped(framing, request.unit, answerPdu(request, answer), transaction)

const soundRtu = (frame: Uint8Array): boolean =>
  frame.length >= shortestRtu - 1 && crc16(frame.subarray(0, -2)) === (frame.at(-2)! | (frame.at(-1)! << 8))

/** First answer to the question in the bytes heard, whatever junk is before it; undefined while there is none. */
export const findAnswer = (
  framing: ModbusFraming,
  request: ModbusRequest,
  transaction = 0,
): Ask<ModbusAnswer>['find'] =>
  framing === 'rtu'
    ? heard => firstOf(heard, shortestRtu, start => rtuAt(heard, start, request))
    : heard => firstOf(heard, mbapLength + 2, start => tcpAt(heard, start, request, transaction))

const firstOf = (
  heard: Uint8Array,
  shortest: number,
  at: (start: number) => Found<ModbusAnswer> | undefined,
): Found<ModbusAnswer> | undefined => {
  for (let start = 0; start + shortest <= heard.length; start++) {
    const found = at(start)
    if (found) return found
  }
  return undefined
}

const rtuAt = (heard: Uint8Array, start: number, request: ModbusRequest): Found<ModbusAnswer> | undefined => {
  if (heard[start] !== request.unit) return undefined
  for (const pduLength of [answerLength(request), 2]) {
    const end = start + 1 + pduLength + 2
    const frame = heard.subarray(start, end)
    if (end > heard.length || !soundRtu(frame)) continue
    const value = readAnswerPdu(frame.subarray(1, -2), request)
    if (value) return { value, start, end }
  }
  return undefined
}

const tcpAt = (
  heard: Uint8Array,
  start: number,
  request: ModbusRequest,
  transaction: number,
): Found<ModbusAnswer> | undefined => {
  const head = readHeader(heard.subarray(start))
  if (head?.transaction !== transaction || head.unit !== request.unit) return undefined
  const end = start + head.total
  if (end > heard.length) return undefined
  const value = readAnswerPdu(heard.subarray(start + mbapLength, end), request)
  return value && { value, start, end }
}

interface Header {
  readonly transaction: number
  readonly unit: number
  /** Of the whole frame, in bytes. */
  readonly total: number
}

const readHeader = (bytes: Uint8Array): Header | undefined => {
  if (bytes.length < mbapLength || bytes[2] !== 0 || bytes[3] !== 0) return undefined
  const length = (bytes[4]! << 8) | bytes[5]!
  if (length < 3 || length > longestPdu + 1) return undefined
  return { transaction: (bytes[0]! << 8) | bytes[1]!, unit: bytes[6]!, total: length + 6 }
}

/** A question as a board hears it, and its bytes taken; `request` absent: a byte, or a frame, to be passed over. */
export interface HeardRequest {
  readonly taken: number
  readonly request?: ModbusRequest
  readonly transaction?: number
}

/** The first question in the bytes; undefined while it may yet become one. */
export const cutRequest = (framing: ModbusFraming, bytes: Uint8Array): HeardRequest | undefined =>
  framing === 'rtu' ? cutRtu(bytes) : cutTcp(bytes)

const cutRtu = (bytes: Uint8Array): HeardRequest | undefined => {
  const code = bytes[1]
  if (code === undefined) return undefined
  if (code === 0x0f && bytes.length < 7) return undefined
  const length = code === 0x0f ? 9 + bytes[6]! : 8
  if (![0x01, 0x02, 0x05, 0x0f].includes(code)) return { taken: 1 }
  if (bytes.length < length) return undefined
  const frame = bytes.subarray(0, length)
  const request = soundRtu(frame) ? readRequestPdu(frame[0]!, frame.subarray(1, -2)) : undefined
  return request ? { taken: length, request } : { taken: 1 }
}

const cutTcp = (bytes: Uint8Array): HeardRequest | undefined => {
  if (bytes.length < mbapLength) return undefined
  const head = readHeader(bytes)
  if (!head) return { taken: 1 }
  if (bytes.length < head.total) return undefined
  const request = readRequestPdu(head.unit, bytes.subarray(mbapLength, head.total))
  return { taken: head.total, transaction: head.transaction, ...(request ? { request } : {}) }
}
