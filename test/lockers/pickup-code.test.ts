import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/kernel/clock.ts'
import { createIds, seededRandom } from '../../src/kernel/ids.ts'
import {
  afterWrongCode,
  codeDigits,
  findByCode,
  freshKeypad,
  hashCode,
  type Keypad,
  lockedUntil,
  newCode,
  qrPayload,
  readQr,
  sameHash,
  typedCode,
} from '../../src/lockers/pickup-code.ts'

const key = new Uint8Array(32).fill(7)
const otherKey = new Uint8Array(32).fill(8)
const ids = createIds(new ManualClock(0), seededRandom('codes'))
const minute = 60_000
const hour = 60 * minute

describe('a pick-up code', () => {
  it('has eight digits, each as likely as any other in every place', () => {
    expect(codeDigits).toBe(8)
    const counts = Array.from({ length: codeDigits }, () => new Array<number>(10).fill(0))
    const draws = 20_000
    for (let i = 0; i < draws; i++) {
      const { code } = newCode(ids, key, new Set())
      expect(code).toMatch(/^\d{8}$/)
      for (const [place, digit] of [...code].entries()) counts[place]![Number(digit)]! += 1
    }
    const expected = draws / 10
    for (const place of counts) {
      const chiSquare = place.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0)
      // 33.7 is passed by chance once in ten thousand times with nine degrees of freedom.
      expect(chiSquare).toBeLessThan(33.7)
    }
  })

  it('is never one that another parcel of the locker has', () => {
    const living = new Set<string>()
    for (let i = 0; i < 90; i++) {
      const { code, hash } = newCode({ digits: n => ids.digits(2).padStart(n, '0') }, key, living, 8)
      expect(living.has(hash)).toBe(false)
      expect(hashCode(key, code)).toBe(hash)
      living.add(hash)
    }
    expect(living.size).toBe(90)
  })

  it('is tied to its locker: at another it is wrong', () => {
    const { code, hash } = newCode(ids, key, new Set())
    expect(findByCode(key, code, [{ hash, id: 'a' }])?.id).toBe('a')
    expect(findByCode(otherKey, code, [{ hash, id: 'a' }])).toBeUndefined()
    expect(sameHash(hash, hashCode(otherKey, code))).toBe(false)
  })

  it('stands at rest as a keyed hash that shows nothing of it', () => {
    const hash = hashCode(key, '12345678')
    expect(hash).not.toContain('12345678')
    expect(Buffer.from(hash, 'base64url')).toHaveLength(32)
    expect(sameHash(hash, `${hash}x`)).toBe(false)
  })

  it('is read as people type it, and nothing else is taken for one', () => {
    expect(typedCode(' 1234 5678 ')).toBe('12345678')
    expect(typedCode('1234-5678')).toBe('12345678')
    expect(typedCode('１２３４５６７８')).toBe('12345678')
    for (const wrong of ['', '12345', '12345678901', '1234567a', "1' or 1=1"])
      expect(typedCode(wrong)).toBeUndefined()
  })

  it('travels as a QR code that cannot be made up, moved to another locker, or changed', () => {
    const text = qrPayload(key, 'guanqian', 'code-1')
    expect(text).toMatch(/^SQ1\.guanqian\.code-1\.[\w-]{22}$/)
    expect(readQr(key, 'guanqian', text)).toEqual({ codeId: 'code-1' })
    expect(readQr(otherKey, 'xiangcheng', text)).toBe('wrong-locker')
    for (const forged of [
      text.replace('code-1', 'code-2'),
      text.replace('guanqian', 'x'),
      `${text}.x`,
      text.slice(0, -1),
      'SQ1...',
      '12345678',
    ]) {
      const read = readQr(key, 'guanqian', forged)
      expect(read === undefined || read === 'wrong-locker').toBe(true)
    }
    expect(readQr(otherKey, 'guanqian', text)).toBeUndefined()
  })
})

/** Tries as often as the keypad lets anybody, for so long; returns the number of tries. */
const attack = (from: Keypad, start: number, duration: number): { tries: number; keypad: Keypad } => {
  let keypad = from
  let tries = 0
  for (let now = start; now < start + duration; ) {
    const until = lockedUntil(keypad, now)
    if (until > 0) {
      now = until
      continue
    }
    keypad = afterWrongCode(keypad, now)
    tries += 1
    now += 1000
  }
  return { tries, keypad }
}

describe('the keypad of a locker', () => {
  it('takes four wrong codes, and then locks for one, two, four ... sixty minutes', () => {
    let keypad = freshKeypad
    const locks: number[] = []
    let now = hour * 1000
    for (let i = 0; i < 20; i++) {
      keypad = afterWrongCode(keypad, now)
      const until = lockedUntil(keypad, now)
      locks.push(until === 0 ? 0 : (until - now) / minute)
      now = Math.max(now + 1, until)
    }
    expect(locks.slice(0, 4)).toEqual([0, 0, 0, 0])
    // One failure is forgotten while the longer locks last.
    expect(locks.slice(4, 10)).toEqual([1, 2, 4, 8, 16, 32])
    expect(locks.slice(-5)).toEqual([60, 60, 60, 60, 60])
  })

  it('leaves who types day and night at a full locker a chance below one in 25,000 a day', () => {
    const compartments = 60
    const first = attack(freshKeypad, 1000 * hour, 24 * hour)
    expect(first.tries).toBeGreaterThan(20)
    expect(first.tries).toBeLessThanOrEqual(40)
    const perTry = compartments / 10 ** codeDigits
    expect(1 - (1 - perTry) ** first.tries).toBeLessThan(1 / 25_000)
    const month = attack(first.keypad, 1024 * hour, 30 * 24 * hour)
    expect(month.tries / 30).toBeLessThanOrEqual(40)
    expect(1 - (1 - perTry) ** month.tries).toBeLessThan(1 / 1000)
  })

  it('would be unsafe with no lock: that is what the lock is for', () => {
    const typedInADay = (24 * hour) / 2000
    expect(1 - (1 - 60 / 10 ** codeDigits) ** typedInADay).toBeGreaterThan(0.02)
  })

  it('does not hold slips of the finger against the readers of a busy week', () => {
    let keypad = freshKeypad
    for (let slip = 0; slip < 7 * 24; slip++) {
      const now = (1000 + slip) * hour
      keypad = afterWrongCode(keypad, now)
      expect(lockedUntil(keypad, now)).toBe(0)
    }
  })

  it('does not stay locked for years because a clock was wrong', () => {
    const keypad = { failures: 9, countedAt: 0, lockedUntil: 10 ** 13 }
    expect(lockedUntil(keypad, 10 ** 12)).toBe(0)
  })
})
