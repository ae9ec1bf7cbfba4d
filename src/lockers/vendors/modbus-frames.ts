/**
 * What Modbus relay boards are asked and answer (the PDU: function and data), both directions, without any IO. How a
 * PDU travels, with a CRC on a serial line or behind an MBAP header over TCP, is in `modbus-envelope.ts`.
 * Coils and inputs count from 0 on the wire, and here.
 */

/** A question to one board. `pulse` and `all-off` are the Waveshare extensions of function 05. */
export type ModbusRequest =
  | {
      readonly kind: 'read-coils' | 'read-inputs'
      readonly unit: number
      readonly from: number
      readonly count: number
    }
  | { readonly kind: 'coil'; readonly unit: number; readonly coil: number; readonly on: boolean }
  | { readonly kind: 'coils'; readonly unit: number; readonly from: number; readonly on: readonly boolean[] }
  /** The board turns the relay to `to` and back again by itself after so many tenths of a second. */
  | {
      readonly kind: 'pulse'
      readonly unit: number
      readonly coil: number
      readonly to: 'on' | 'off'
      readonly tenths: number
    }
  | { readonly kind: 'all-off'; readonly unit: number }

/** `exception`: the board understood the frame and will not do it; its code. */
export type ModbusAnswer =
  | { readonly kind: 'bits'; readonly bits: readonly boolean[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'exception'; readonly code: number }

const functions = { 'read-coils': 0x01, 'read-inputs': 0x02, coil: 0x05, coils: 0x0f } as const
/** Set in the function of an answer that is an exception. */
const refusal = 0x80
const allRelays = 0x00ff
const pulseBase = { on: 0x0200, off: 0x0400 } as const
/** Coils and inputs of one board that one exchange may carry (the standard allows 2000; no relay board has as many). */
export const maxBits = 256
export const maxTenths = 0x7fff

const word = (value: number): readonly [number, number] => [(value >> 8) & 0xff, value & 0xff]
const wordAt = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!

const inRange = (what: string, value: number, from: number, to: number): number => {
  if (!Number.isInteger(value) || value < from || value > to)
    throw new RangeError(`${what} ${value} is not within ${from}..${to}`)
  return value
}
const functionOf = (request: ModbusRequest): number =>
  request.kind === 'pulse' || request.kind === 'all-off' ? functions.coil : functions[request.kind]

/** Function and data of a question. Throws RangeError for a coil, count or pulse that no board has. */
export const requestPdu = (request: ModbusRequest): Uint8Array => {
  const code = functionOf(request)
  switch (request.kind) {
    case 'read-coils':
    case 'read-inputs': {
      const from = inRange('first', request.from, 0, 0xffff)
      return Uint8Array.of(code, ...word(from), ...word(inRange('count', request.count, 1, maxBits)))
    }
    case 'coil':
      return Uint8Array.of(code, ...word(inRange('coil', request.coil, 0, 0xffff)), request.on ? 0xff : 0, 0)
    case 'coils': {
      const count = inRange('count', request.on.length, 1, maxBits)
      const data = bytesOf(request.on)
      const from = inRange('first', request.from, 0, 0xffff)
      return Uint8Array.of(code, ...word(from), ...word(count), data.length, ...data)
    }
    case 'pulse': {
      const coil = pulseBase[request.to] + inRange('relay', request.coil, 0, 0xfe)
      return Uint8Array.of(code, ...word(coil), ...word(inRange('pulse', request.tenths, 1, maxTenths)))
    }
    case 'all-off':
      return Uint8Array.of(code, ...word(allRelays), 0, 0)
  }
}

/** What a board is asked; undefined when no relay board would do it. */
export const readRequestPdu = (unit: number, pdu: Uint8Array): ModbusRequest | undefined => {
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

/** Function and data of the answer to a question. */
export const answerPdu = (request: ModbusRequest, answer: ModbusAnswer): Uint8Array => {
  const code = functionOf(request)
  if (answer.kind === 'exception') return Uint8Array.of(code | refusal, answer.code)
  if (answer.kind === 'done') return requestPdu(request).subarray(0, 5)
  const data = bytesOf(answer.bits)
  return Uint8Array.of(code, data.length, ...data)
}

/** Bytes of the PDU that answers the question when it is done; an exception has two. */
export const answerLength = (request: ModbusRequest): number =>
  request.kind === 'read-coils' || request.kind === 'read-inputs' ? 2 + Math.ceil(request.count / 8) : 5

/** Reads the answer against its question; undefined when it is not the answer to it. */
export const readAnswerPdu = (pdu: Uint8Array, request: ModbusRequest): ModbusAnswer | undefined => {
  const code = functionOf(request)
  if (pdu[0] === (code | refusal))
    return pdu.length === 2 && pdu[1]! > 0 ? { kind: 'exception', code: pdu[1]! } : undefined
  if (pdu[0] !== code || pdu.length !== answerLength(request)) return undefined
  if (request.kind === 'read-coils' || request.kind === 'read-inputs')
    return pdu[1] === pdu.length - 2
      ? { kind: 'bits', bits: bitsOf(pdu.subarray(2), request.count) }
      : undefined
  const wanted = requestPdu(request).subarray(0, 5)
  return wanted.every((byte, at) => pdu[at] === byte) ? { kind: 'done' } : undefined
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
