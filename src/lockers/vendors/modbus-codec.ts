/**
 * Modbus questions built, and answers found and read, by the library `jsmodbus`; the pulse alone by hand. The library
 * reads an answer by itself; that it answers this question, in unit, function, address, count and transaction, and that
 * its check is right, is compared here, since a shared line also carries the answers to others. Without any IO.
 */
import { createRequire } from 'node:module'
import type { Ask, Found } from '../transport/bus.ts'
import { inRange } from '../transport/bytes.ts'
import {
  allRelays,
  type LegalRequest,
  type ModbusAnswer,
  type ModbusFraming,
  type ModbusRequest,
  maxBits,
  pulseBytes,
} from './modbus-frames.ts'

type Library = typeof import('jsmodbus')
type Body = InstanceType<Library['requests']['ModbusRequestBody']>
type Response = NonNullable<ReturnType<Library['ModbusTCPResponse']['fromBuffer']>>

let loaded: Library | undefined
/** Loaded at the first question: it takes a tenth of a second that libraries without such boards need not wait. */
const library = (): Library => {
  loaded ??= createRequire(import.meta.url)('jsmodbus') as Library
  return loaded
}

const bodyOf = (request: LegalRequest): Body => {
  const { requests } = library()
  switch (request.kind) {
    case 'read-coils':
    case 'read-inputs': {
      const Reading =
        request.kind === 'read-coils' ? requests.ReadCoilsRequestBody : requests.ReadDiscreteInputsRequestBody
      const count = inRange('count', request.count, 1, maxBits)
      return new Reading(inRange('first', request.from, 0, 0xffff), count)
    }
    case 'coil':
      return new requests.WriteSingleCoilRequestBody(inRange('coil', request.coil, 0, 0xffff), request.on)
    case 'all-off':
      return new requests.WriteSingleCoilRequestBody(allRelays, false)
    case 'coils': {
      inRange('count', request.on.length, 1, maxBits)
      return new requests.WriteMultipleCoilsRequestBody(inRange('first', request.from, 0, 0xffff), [
        ...request.on,
      ])
    }
  }
}

/**
 * Bytes of a question. `transaction` (0..65535) comes back with the answer over TCP; RTU has none. Throws RangeError for
 * a coil, count or pulse that no board has.
 */
export const requestBytes = (framing: ModbusFraming, request: ModbusRequest, transaction = 0): Uint8Array => {
  if (request.kind === 'pulse') return pulseBytes(framing, request, transaction)
  const body = bodyOf(request)
  const { ModbusRTURequest, ModbusTCPRequest } = library()
  const frame =
    framing === 'rtu'
      ? new ModbusRTURequest(request.unit, body)
      : new ModbusTCPRequest(transaction, 0, body.byteCount + 1, request.unit, body)
  return Uint8Array.from(frame.createPayload())
}

/**
 * First answer to the question in the bytes heard, whatever junk is before it; undefined while there is none. `bytes` are
 * those of the question, where they are known.
 */
export const findAnswer = (
  framing: ModbusFraming,
  request: ModbusRequest,
  transaction = 0,
  bytes = requestBytes(framing, request, transaction),
): Ask<ModbusAnswer>['find'] => {
  const asked = Buffer.from(bytes)
  return all => {
    const heard = Buffer.from(all.buffer, all.byteOffset, all.length)
    for (let start = 0; start + shortestAnswer <= heard.length; start++)
      for (const length of lengths(framing, request)) {
        const end = start + length
        if (end > heard.length) continue
        const value = read(framing, request, asked, heard.subarray(start, end))
        if (value) return { value, start, end } satisfies Found<ModbusAnswer>
      }
    return undefined
  }
}

/** Whether another board's answer to such a question is among the bytes. Over TCP nobody else's are ever heard. */
export const hearsOthers = (framing: ModbusFraming, request: ModbusRequest, heard: Uint8Array): boolean => {
  if (framing === 'tcp') return false
  const units = new Set(heard)
  units.delete(request.unit)
  return [...units].some(unit => findAnswer(framing, { ...request, unit })(heard) !== undefined)
}

/** Unit, function, exception code, CRC. */
const shortestAnswer = 5
const mbapLength = 7

/** Bytes of an answer when it is done, and when it is an exception. */
const lengths = (framing: ModbusFraming, request: ModbusRequest): readonly number[] => {
  const around = framing === 'rtu' ? 3 : mbapLength
  return [around + ('count' in request ? 2 + Math.ceil(request.count / 8) : 5), around + 2]
}

/** What the frame says if it answers the question, to the last byte. */
const read = (
  framing: ModbusFraming,
  request: ModbusRequest,
  asked: Buffer,
  frame: Buffer,
): ModbusAnswer | undefined => {
  const unitAt = framing === 'rtu' ? 0 : mbapLength - 1
  if (frame[unitAt] !== request.unit || (frame[unitAt + 1]! & 0x7f) !== asked[unitAt + 1]) return undefined
  // Transaction and protocol; the length is compared below.
  if (framing === 'tcp' && frame.compare(asked, 0, 4, 0, 4) !== 0) return undefined
  if (request.kind === 'pulse' && frame.equals(asked)) return { kind: 'done' }
  const response = parsed(framing, frame)
  return response && answerIn(response.body, request)
}

/** The library compares neither CRC nor length: what it read must be these very bytes when it writes them again. */
const parsed = (framing: ModbusFraming, frame: Buffer): Pick<Response, 'body'> | undefined => {
  const { ModbusRTUResponse, ModbusTCPResponse } = library()
  const response =
    framing === 'rtu' ? ModbusRTUResponse.fromBuffer(frame) : ModbusTCPResponse.fromBuffer(frame)
  if (!response) return undefined
  const around = framing === 'rtu' ? 3 : mbapLength
  const whole = response.body.byteCount + around === frame.length && response.byteCount === frame.length
  return whole && frame.equals(response.createPayload()) ? response : undefined
}

const answerIn = (body: Response['body'], request: ModbusRequest): ModbusAnswer | undefined => {
  const { responses } = library()
  if (body instanceof responses.ExceptionResponseBody)
    return body.code > 0 ? { kind: 'exception', code: body.code } : undefined
  switch (request.kind) {
    case 'read-coils':
    case 'read-inputs': {
      const Read =
        request.kind === 'read-coils'
          ? responses.ReadCoilsResponseBody
          : responses.ReadDiscreteInputsResponseBody
      if (!(body instanceof Read)) return undefined
      const bits = Array.from(body.valuesAsArray, Boolean).slice(0, request.count)
      return bits.length === request.count ? { kind: 'bits', bits } : undefined
    }
    case 'coil':
    case 'all-off': {
      const [coil, on] = request.kind === 'coil' ? [request.coil, request.on] : [allRelays, false]
      if (!(body instanceof responses.WriteSingleCoilResponseBody)) return undefined
      return body.address === coil && body.value === on ? { kind: 'done' } : undefined
    }
    case 'coils':
      if (!(body instanceof responses.WriteMultipleCoilsResponseBody)) return undefined
      return body.start === request.from && body.quantity === request.on.length ? { kind: 'done' } : undefined
    case 'pulse':
      return undefined
  }
}
