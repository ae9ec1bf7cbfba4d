import { createHmac } from 'node:crypto'
import type { Millis } from '../kernel/clock.ts'
import { type LockerKey, sameHash } from './pickup-code.ts'

/**
 * Codes on a cabinet's screen that show a phone to stand before it: `SQH1.<locker>.<nonce>.<132 bits of HMAC>`. The
 * HMAC is over the locker, the nonce and the half minute in which it was made; it counts in that half minute and the
 * next, so at most 60 seconds. It opens nothing: it says where somebody stands, and who that is says their session.
 */
export const hereStep: Millis = 30_000

const start = 'SQH1'
/** Half minutes for which an old code is still told from a made-up one. */
const remembered = 20

const seal = (key: LockerKey, lockerId: string, nonce: string, step: number): string =>
  createHmac('sha256', key).update(`here:${lockerId}:${step}:${nonce}`).digest('base64url').slice(0, 22)

const stepOf = (now: Millis): number => Math.floor(now / hereStep)

/** The code to be shown now; each nonce (6 to 20 digits) makes another one. */
export const hereCode = (key: LockerKey, lockerId: string, nonce: string, now: Millis): string =>
  [start, lockerId, nonce, seal(key, lockerId, nonce, stepOf(now))].join('.')

export interface HereCode {
  readonly lockerId: string
  readonly nonce: string
  readonly proof: string
}

/** The parts of a scanned code, nothing of which is believed yet; undefined: it is none. */
export const readHereCode = (text: string): HereCode | undefined => {
  const parts = text.split('.')
  const [head, lockerId, nonce, proof] = parts
  if (parts.length !== 4 || head !== start || !lockerId || !proof) return undefined
  return /^\d{6,20}$/.test(nonce ?? '') ? { lockerId, nonce: nonce!, proof } : undefined
}

/** `stale`: ours, and too old. Looks at every half minute whatever it finds, and compares in constant time. */
export const judgeHereCode = (
  key: LockerKey,
  { lockerId, nonce, proof }: HereCode,
  now: Millis,
): 'fresh' | 'stale' | 'forged' => {
  const step = stepOf(now)
  let age = -1
  for (let back = 0; back <= remembered; back++)
    if (sameHash(proof, seal(key, lockerId, nonce, step - back))) age = back
  if (age < 0) return 'forged'
  return age <= 1 ? 'fresh' : 'stale'
}
