import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** Source of randomness, passed in so that a run can be repeated. */
export type RandomBytes = (length: number) => Uint8Array

const drawn = 2048

/** Draws from `source` many bytes at a time: a call into the system costs more than the bytes. None is given twice. */
export const drawingAhead = (source: RandomBytes): RandomBytes => {
  let pool: Uint8Array = new Uint8Array(0)
  return length => {
    if (length > drawn / 16) return source(length)
    if (pool.length < length) pool = source(drawn)
    const bytes = pool.subarray(0, length)
    pool = pool.subarray(length)
    return bytes
  }
}

/** The system's randomness. */
export const systemRandom: RandomBytes = drawingAhead(randomBytes)

/** Makes the ids and numbers of one process. */
export interface Ids {
  /** A UUID version 7 (RFC 9562): ordered by time, also within one millisecond of one process. */
  next(): string
  /** A number of `digits` decimal digits with a uniform distribution, leading zeros kept. */
  digits(digits: number): string
  /** From 0 to below 1, with a uniform distribution. */
  fraction(): number
  /** Unguessable text of `bytes` random bytes in base64url: keys, session ids, hook addresses. */
  secret(bytes?: number): string
}

const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')

export const createIds = (clock: Pick<Clock, 'now'>, random: RandomBytes = systemRandom): Ids => {
  let last = 0
  let counter = 0
  const next = (): string => {
    const now = clock.now()
    if (now > last) {
      last = now
      counter = 0
    } else if (++counter > 0xfff) {
      last += 1
      counter = 0
    }
    const time = last.toString(16).padStart(12, '0')
    const count = counter.toString(16).padStart(3, '0')
    const bytes = random(8)
    bytes[0] = (bytes[0]! & 0x3f) | 0x80
    const tail = hex(bytes)
    return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${tail.slice(0, 4)}-${tail.slice(4)}`
  }
  const digits = (count: number): string => {
    let out = ''
    while (out.length < count) {
      // 250 is the largest multiple of 10 below 256: above it a digit would be likelier than the others.
      for (const byte of random(count)) if (byte < 250 && out.length < count) out += String(byte % 10)
    }
    return out
  }
  const fraction = (): number => {
    const [a, b, c] = random(3)
    return ((a! << 16) | (b! << 8) | c!) / 2 ** 24
  }
  return { next, digits, fraction, secret: (bytes = 24) => Buffer.from(random(bytes)).toString('base64url') }
}

/** Repeatable randomness for tests and draws (xorshift128 seeded by text); never for secrets. */
export const seededRandom = (seed: string): RandomBytes => {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = 0xb7e15162
  let d = 0xdeadbeef
  const step = (): number => {
    const t = a ^ (a << 11)
    a = b
    b = c
    c = d
    d = (d ^ (d >>> 19) ^ t ^ (t >>> 8)) | 0
    return d & 0xff
  }
  for (const char of seed) {
    a = (a ^ char.codePointAt(0)!) | 0
    for (let i = 0; i < 8; i++) step()
  }
  return length => Uint8Array.from({ length }, step)
}
