import type { Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import { type Answer, no, type Problem, yes } from '../../kernel/problem.ts'
import type { Contents } from '../../lockers/compartments.ts'
import {
  afterWrongCode,
  findByCode,
  type LockerKey as HashKey,
  lockedUntil,
  newCode,
  qrPayload,
  readQr,
  typedCode,
} from '../../lockers/pickup-code.ts'
import type { Db, Tx } from '../store/db.ts'
import type { LockerKey } from '../store/locker-tables.ts'
import type { Personal } from '../store/personal.ts'
import {
  codesOf,
  codesOfOrder,
  insertCode,
  keypadOf,
  type PickupCode,
  saveKeypad,
  voidCodes,
} from '../store/pickup-codes.ts'
import { codeExpired, codeUsed, keypadLocked, otherLocker, wrongCode } from './words.ts'

/** For so long after its death a code's reader is told what became of it. */
const remembered: Millis = 7 * 86_400_000

const hashKey = (personal: Personal, key: LockerKey): HashKey =>
  Buffer.from(personal.lookup('pickup-code', `${key.libraryId}/${key.lockerId}`), 'base64url')

/** The key under which a cabinet that holds codes itself compares what is typed, as it is told when put up. */
export const cabinetKey = (personal: Personal, key: LockerKey): string =>
  Buffer.from(hashKey(personal, key)).toString('base64url')

/**
 * A fresh code for a parcel that lies ready; earlier ones of the parcel die. `forOther`: for whom the reader sends;
 * the reader's own lives on.
 */
export const issueCode = async (
  tx: Tx,
  key: LockerKey,
  compartmentId: string,
  contents: Contents,
  {
    personal,
    ids,
    now,
    life,
    forOther = false,
  }: { personal: Personal; ids: Ids; now: Millis; life: Millis; forOther?: boolean },
): Promise<void> => {
  await voidCodes(tx, contents.libraryId, contents.parcel, now, { onlyForOther: forOther })
  const known = await codesOf(tx, key, now - remembered)
  const fresh = newCode(ids, hashKey(personal, key), new Set(known.map(one => one.hash)))
  await insertCode(
    tx,
    key,
    {
      id: ids.next(),
      compartmentId,
      orderLibraryId: contents.libraryId,
      orderId: contents.orderId,
      parcel: contents.parcel,
      hash: fresh.hash,
      sealed: personal.seal(fresh.code),
      expiresAt: now + life,
      forOther,
    },
    now,
  )
}

export interface Checked {
  readonly code: Answer<PickupCode>
  /** A code that was used: its door may still stand open. */
  readonly used?: PickupCode
  /** The keypad has just been locked by this try. */
  readonly lockedNow: boolean
}

/**
 * What was typed or scanned, as a living code of this locker. A wrong one counts against the keypad; a QR code is
 * not typed, cannot be guessed, and works while the keypad is locked.
 */
export const checkCode = async (
  tx: Tx,
  key: LockerKey,
  text: string,
  { personal, now }: { personal: Personal; now: Millis },
): Promise<Checked> => {
  const hash = hashKey(personal, key)
  const known = await codesOf(tx, key, now - remembered)
  const scanned = readQr(hash, key.lockerId, text)
  if (scanned === 'wrong-locker') return refusal(otherLocker)
  if (scanned)
    return checked(
      known.find(one => one.id === scanned.codeId),
      now,
    )
  const keypad = await keypadOf(tx, key)
  const until = lockedUntil(keypad, now)
  if (until > 0) return refusal(keypadLocked(Math.ceil((until - now) / 1000)))
  const typed = typedCode(text)
  const found = typed === undefined ? undefined : findByCode(hash, typed, known)
  if (found) return checked(found, now)
  const after = afterWrongCode(keypad, now)
  await saveKeypad(tx, key, after)
  return { ...refusal(wrongCode), lockedNow: lockedUntil(after, now) > 0 }
}

const refusal = (problem: Problem): Checked => ({ code: no(problem), lockedNow: false })

const checked = (code: PickupCode | undefined, now: Millis): Checked => ({
  code: living(code, now),
  ...(code && code.usedAt !== null ? { used: code } : {}),
  lockedNow: false,
})

const living = (code: PickupCode | undefined, now: Millis): Answer<PickupCode> => {
  if (!code) return no(wrongCode)
  if (code.usedAt !== null) return no(codeUsed)
  if (code.voidAt !== null || code.expiresAt <= now) return no(codeExpired)
  return yes(code)
}

/** A code for the eyes of the reader whose order it is, and of nobody else. */
export interface ReaderCode {
  readonly lockerId: string
  readonly compartmentId: string
  readonly parcel: string
  readonly code: string
  /** What its QR code holds. */
  readonly qr: string
  readonly expiresAt: Millis
  /** To be passed on to whom the reader sends. */
  readonly forOther: boolean
}

/** Living codes of an order, unsealed. */
export const readerCodes = async (
  db: Db,
  personal: Personal,
  orderLibraryId: string,
  orderId: string,
  now: Millis,
): Promise<readonly ReaderCode[]> =>
  (await codesOfOrder(db, orderLibraryId, orderId))
    .filter(one => one.expiresAt > now)
    .map(one => ({
      lockerId: one.key.lockerId,
      compartmentId: one.compartmentId,
      parcel: one.parcel,
      code: personal.open(one.sealed),
      qr: qrPayload(hashKey(personal, one.key), one.key.lockerId, one.id),
      expiresAt: one.expiresAt,
      forOther: one.forOther,
    }))
