/**
 * How calls to vendor clouds and their pushes are signed. Two forms: the one of Sudiyi's open platform, which other
 * Chinese platforms resemble (`SDY partner:signature`, HMAC-SHA1 over five lines), and Standard Webhooks
 * (`webhook-id`, `webhook-timestamp`, `webhook-signature`, HMAC-SHA256).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Millis } from '../../kernel/clock.ts'
import type { Push } from '../locker.ts'

/**
 * Sudiyi's rule says MD5 as 16 raw bytes, its printed example has 16 hexadecimal characters, its own client library
 * writes all 32. Each of them in Base64.
 */
export const md5Forms = ['raw', 'hex16', 'hex32'] as const
export type Md5Form = (typeof md5Forms)[number]

export interface SudiyiKey {
  readonly partnerId: string
  readonly secret: string
  readonly md5: Md5Form
}

/** The parts of a message that are signed, as they stand in it; `path` without host and query. */
export interface SudiyiSigned {
  readonly method: string
  readonly contentMd5: string
  readonly contentType: string
  readonly date: string
  readonly path: string
}

/** With the charset in capitals: small letters are refused. */
export const sudiyiContentType = 'application/json;charset=UTF-8'
/** A push older or newer than this is refused, however well it is signed. */
export const replayWindow: Millis = 300_000

/** `Content-MD5` of a body. Of the hexadecimal form the sixteen in the middle are taken, the usual short MD5. */
export const contentMd5 = (body: string, form: Md5Form): string => {
  const digest = createHash('md5').update(body, 'utf8')
  if (form === 'raw') return digest.digest('base64')
  const hex = digest.digest('hex')
  return Buffer.from(form === 'hex32' ? hex : hex.slice(8, 24), 'ascii').toString('base64')
}

export const sudiyiStringToSign = (signed: SudiyiSigned): string =>
  [signed.method, signed.contentMd5, signed.contentType, signed.date, signed.path].join('\n')

/** The value of the header `Authorization`. */
export const sudiyiAuthorization = (
  key: Pick<SudiyiKey, 'partnerId' | 'secret'>,
  signed: SudiyiSigned,
): string => {
  const mac = createHmac('sha1', key.secret).update(sudiyiStringToSign(signed), 'utf8').digest('base64')
  return `SDY ${key.partnerId}:${mac}`
}

/** Headers of a signed call. */
export const sudiyiHeaders = (
  key: SudiyiKey,
  call: { readonly method: string; readonly path: string; readonly body: string; readonly at: Millis },
): Readonly<Record<string, string>> => {
  const signed: SudiyiSigned = {
    method: call.method,
    contentMd5: contentMd5(call.body, key.md5),
    contentType: sudiyiContentType,
    date: mailDate(call.at),
    path: call.path,
  }
  return {
    Authorization: sudiyiAuthorization(key, signed),
    'Content-MD5': signed.contentMd5,
    'Content-Type': signed.contentType,
    Date: signed.date,
  }
}

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (value: number): string => String(value).padStart(2, '0')

/** `Fri, 18 Apr 2014 19:36:42 +0800`: always the time of China, and never the names of the machine's language. */
export const mailDate = (at: Millis): string => {
  const there = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('+08:00')
  const day = `${days[there.dayOfWeek - 1]}, ${two(there.day)} ${months[there.month - 1]} ${there.year}`
  return `${day} ${two(there.hour)}:${two(there.minute)}:${two(there.second)} +0800`
}

/** `id` is the same when the same thing is delivered again. */
export type Checked =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly why: string }

const refusedBecause = (why: string): Checked => ({ ok: false, why })
const inWindow = (at: Millis, now: Millis): boolean => Math.abs(now - at) <= replayWindow

/** The key of Standard Webhooks: `whsec_` and Base64, or plain text. */
const keyBytes = (key: string): Buffer =>
  key.startsWith('whsec_') ? Buffer.from(key.slice(6), 'base64') : Buffer.from(key, 'utf8')

const webhookMac = (key: string, id: string, seconds: string, body: string): Buffer =>
  createHmac('sha256', keyBytes(key)).update(`${id}.${seconds}.${body}`, 'utf8').digest()

/** Headers of a push in the form of Standard Webhooks. */
export const webhookHeaders = (
  key: string,
  push: { readonly id: string; readonly at: Millis; readonly body: string },
): Readonly<Record<string, string>> => {
  const seconds = String(Math.floor(push.at / 1000))
  return {
    'webhook-id': push.id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${webhookMac(key, push.id, seconds, push.body).toString('base64')}`,
  }
}

/** Several keys while one is being exchanged for another; several signatures for the same reason. */
export const checkWebhook = (keys: readonly string[], push: Push, now: Millis): Checked => {
  const id = push.header('webhook-id')
  const seconds = push.header('webhook-timestamp')
  const signatures = push.header('webhook-signature')
  if (!id || id.length > 128 || !seconds || !signatures) return refusedBecause('not signed')
  if (!/^\d{1,12}$/.test(seconds) || !inWindow(Number(seconds) * 1000, now))
    return refusedBecause('too old or too new')
  const given = signatures
    .split(' ', 8)
    .filter(one => one.startsWith('v1,'))
    .map(one => Buffer.from(one.slice(3), 'base64'))
  // Every pair is compared, so that the time tells nothing of which is near.
  const right = keys.flatMap(key => {
    const mac = webhookMac(key, id, seconds, push.body)
    return given.filter(one => one.length === mac.length && timingSafeEqual(one, mac))
  })
  return right.length > 0 ? { ok: true, id } : refusedBecause('signature wrong')
}

/** The same for the form of Sudiyi. It has no number of the delivery; signature and all, the same push is the same. */
export const checkSudiyi = (
  key: Pick<SudiyiKey, 'partnerId' | 'secret'>,
  push: Push & { readonly method?: string },
  now: Millis,
): Checked => {
  const authorization = push.header('authorization')
  const date = push.header('date')
  const md5 = push.header('content-md5')
  if (!authorization || !date || !md5) return refusedBecause('not signed')
  const at = Date.parse(date)
  if (Number.isNaN(at) || !inWindow(at, now)) return refusedBecause('too old or too new')
  if (!md5Forms.some(form => same(contentMd5(push.body, form), md5)))
    return refusedBecause('body is not what was signed')
  const wanted = sudiyiAuthorization(key, {
    method: push.method ?? 'POST',
    contentMd5: md5,
    contentType: push.header('content-type') ?? '',
    date,
    path: push.path,
  })
  if (!same(wanted, authorization)) return refusedBecause('signature wrong')
  return { ok: true, id: createHash('sha256').update(`${authorization}\n${push.body}`).digest('base64url') }
}

const same = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
