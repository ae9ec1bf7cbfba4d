/**
 * What Modbus relay boards are asked and answer, and the one frame that no library builds. Legal frames are the library's
 * (`modbus-codec.ts`). Coils and inputs count from 0 on the wire, and here. Without any IO.
 *
 * `rtu`: unit, PDU, CRC-16 with its low byte first, as on a serial line; behind a transparent converter these very bytes
 * go through TCP ("RTU over TCP"). `tcp`: the MBAP header (transaction, 0000, length, unit) and the PDU, without a CRC.
 * The two are not interchangeable.
 */
import { crc16, inRange } from '../transport/bytes.ts'

export type ModbusFraming = 'rtu' | 'tcp'

/**
 * The board turns the relay to `to` and back again by itself after so many tenths of a second: the Waveshare extension
 * of function 05. The standard allows FF00 and 0000 as its value, nothing between.
 */
export interface ModbusPulse {
  readonly kind: 'pulse'
  readonly unit: number
  readonly coil: number
  readonly to: 'on' | 'off'
  readonly tenths: number
}

/** A question that the standard knows. `all-off` is coil 00FF of a Waveshare board turned off. */
export type LegalRequest =
  | {
      readonly kind: 'read-coils' | 'read-inputs'
      readonly unit: number
      readonly from: number
      readonly count: number
    }
  | { readonly kind: 'coil'; readonly unit: number; readonly coil: number; readonly on: boolean }
  | { readonly kind: 'coils'; readonly unit: number; readonly from: number; readonly on: readonly boolean[] }
  | { readonly kind: 'all-off'; readonly unit: number }

/** A question to one board. */
export type ModbusRequest = LegalRequest | ModbusPulse

/** `exception`: the board understood the frame and will not do it; its code. */
export type ModbusAnswer =
  | { readonly kind: 'bits'; readonly bits: readonly boolean[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'exception'; readonly code: number }

export const allRelays = 0x00ff
export const pulseBase = { on: 0x0200, off: 0x0400 } as const
/** Coils and inputs of one board that one exchange may carry (the standard allows 2000; no relay board has as many). */
export const maxBits = 256
export const maxTenths = 0x7fff

const writeCoil = 0x05
const word = (value: number): readonly [number, number] => [(value >> 8) & 0xff, value & 0xff]

/** Bytes of a pulse, which its answer repeats. Throws RangeError for a relay or a length that no board has. */
export const pulseBytes = (framing: ModbusFraming, pulse: ModbusPulse, transaction = 0): Uint8Array => {
  const coil = pulseBase[pulse.to] + inRange('relay', pulse.coil, 0, 0xfe)
  const tenths = inRange('pulse', pulse.tenths, 1, maxTenths)
  const body = Uint8Array.of(pulse.unit, writeCoil, ...word(coil), ...word(tenths))
  if (framing === 'tcp') return Uint8Array.of(...word(transaction), 0, 0, ...word(body.length), ...body)
  const crc = crc16(body)
  return Uint8Array.of(...body, crc & 0xff, crc >> 8)
}
