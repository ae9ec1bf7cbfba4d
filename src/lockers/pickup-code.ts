import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Millis } from '../kernel/clock.ts'
import type { Ids } from '../kernel/ids.ts'

/**
 * Pick-up codes.
 *
 * A code alone opens, so one guess may hit any of the codes alive at its locker: 60 full compartments and 6 digits
 * make 6 in 100,000 a try; 8 digits make 6 in 10,000,000, and twice that when each reader sends somebody too. The keypad of the locker is what gets locked, after five
 * wrong tries for a minute, then two, four ... up to an hour, and one failure is forgotten an hour. Who types day
 * and night gets about 35 tries on the first day: with 8 digits a chance of 1 in 50,000.
 *
 * At rest stands an HMAC-SHA-256 under a key of the locker. A slow hash would add nothing: without the key no code
 * can be tried at all, and with it 10^8 codes are too few for any hash (at 50 ms each, a machine of 60 cores is
 * through in a day), while each honest try would cost 50 ms for every code alive.
 */
export const codeDigits = 8

/** The key under which the codes of one locker are hashed: 32 bytes, never stored. */
export type LockerKey = Uint8Array

/** Hash of a code as it is stored; the same code at another locker has another hash. */
export const hashCode = (key: LockerKey, code: string): string =>
  createHmac('sha256', key).update(`code:${code}`).digest('base64url')

/** A fresh code that no living code of the locker equals. */
export const newCode = (
  ids: Pick<Ids, 'digits'>,
  key: LockerKey,
  living: ReadonlySet<string>,
  digits = codeDigits,
): { readonly code: string; readonly hash: string } => {
  for (;;) {
    const code = ids.digits(digits)
    const hash = hashCode(key, code)
    if (!living.has(hash)) return { code, hash }
  }
}

/** Compares in constant time. */
export const sameHash = (a: string, b: string): boolean => {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** The entry whose hash is that of the typed code; looks at every entry whatever it finds. */
export const findByCode = <T extends { readonly hash: string }>(
  key: LockerKey,
  typed: string,
  entries: readonly T[],
): T | undefined => {
  const hash = hashCode(key, typed)
  let found: T | undefined
  for (const entry of entries) if (sameHash(entry.hash, hash)) found = entry
  return found
}

const qrStart = 'SQ1'

const seal = (key: LockerKey, codeId: string): string =>
  createHmac('sha256', key).update(`qr:${codeId}`).digest('base64url').slice(0, 22)

/**
 * What a QR code of a pick-up holds: `SQ1.<locker>.<code id>.<132 bits of HMAC>`. It cannot be guessed, names no
 * reader, and is worth as much as its code: nothing after use, expiry, or at another locker.
 */
export const qrPayload = (key: LockerKey, lockerId: string, codeId: string): string =>
  [qrStart, lockerId, codeId, seal(key, codeId)].join('.')

/** The code's id in a scanned payload; `wrong-locker` where it is meant for another; undefined: not ours. */
export const readQr = (
  key: LockerKey,
  lockerId: string,
  text: string,
): { readonly codeId: string } | 'wrong-locker' | undefined => {
  const parts = text.split('.')
  const [start, locker, codeId, proof] = parts
  if (parts.length !== 4 || start !== qrStart || !codeId || !proof) return undefined
  if (locker !== lockerId) return 'wrong-locker'
  return sameHash(proof, seal(key, codeId)) ? { codeId } : undefined
}

/** What was typed, as a code: spaces and dashes dropped, full-width digits read; undefined when it is no code. */
export const typedCode = (text: string): string | undefined => {
  const plain = text.normalize('NFKC').replace(/[\s-]/g, '')
  return /^\d{6,10}$/.test(plain) ? plain : undefined
}

/** Wrong tries at one locker's keypad, whoever made them. */
export interface Keypad {
  /** Not yet forgotten at `countedAt`, from which the hours of forgetting run. */
  readonly failures: number
  readonly countedAt: Millis
  readonly lockedUntil: Millis
}
export const freshKeypad: Keypad = { failures: 0, countedAt: 0, lockedUntil: 0 }

const freeTries = 5
const firstLock: Millis = 60_000
const longestLock: Millis = 3_600_000
const forgetsOneIn: Millis = 3_600_000

/** Until when the keypad takes no code; 0 when it does. A lock longer than any we give is a wrong clock's. */
export const lockedUntil = (keypad: Keypad, now: Millis): Millis =>
  keypad.lockedUntil > now && keypad.lockedUntil <= now + longestLock ? keypad.lockedUntil : 0

/** The keypad after a wrong code. A right one forgives nothing: it says nothing about the others who typed. */
export const afterWrongCode = (keypad: Keypad, now: Millis): Keypad => {
  const forgotten = Math.max(0, Math.floor((now - keypad.countedAt) / forgetsOneIn))
  const left = Math.max(0, keypad.failures - forgotten)
  const failures = left + 1
  const countedAt = left === 0 ? now : keypad.countedAt + forgotten * forgetsOneIn
  const lock =
    failures < freeTries ? 0 : Math.min(longestLock, firstLock * 2 ** Math.min(failures - freeTries, 16))
  return { failures, countedAt, lockedUntil: now + lock }
}
