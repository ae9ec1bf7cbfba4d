/**
 * Error detection of the protocol: AZ holds the 16-bit two's complement of the sum of the message's bytes from
 * its first character through the letters `AZ`, as four hexadecimal digits.
 */
export type ChecksumRule = 'bytes' | 'utf-16' | 'dp2'
export type Verdict = 'ok' | 'ok:utf-16' | 'ok:dp2' | 'wrong' | 'absent'

/** Sum of the bytes `[0, end)`. A message is too short for the sum to leave the exact integers. */
export const sumBytes = (bytes: Uint8Array, end = bytes.length): number => {
  let sum = 0
  for (let i = 0; i < end; i++) sum += bytes[i]!
  return sum
}

/** Sum of the UTF-16 units `[0, end)`. */
export const sumUnits = (text: string, end = text.length): number => {
  let sum = 0
  for (let i = 0; i < end; i++) sum += text.charCodeAt(i)
  return sum
}

/** `FEF5` for the sum 267. */
export const hex4 = (sum: number): string => (-sum & 0xffff).toString(16).toUpperCase().padStart(4, '0')

/** Where the checksum stands in a message. */
export interface Tail {
  /** Index in the text where `AY` (or `AZ` without it) begins; the text's length when there is none. */
  readonly start: number
  /** Index just after the letters `AZ`; -1 when there is no checksum. */
  readonly sumEnd: number
  readonly sequence: number | null
  /** The digits as written: 1 to 4, either case. */
  readonly digits: string
  /** Length of the text without trailing blanks. */
  readonly end: number
}

const isHex = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102)

/**
 * Looks for `AYnAZhhhh` or `AZhhhh` at the very end only: a title can hold the same letters. Without a sequence
 * number AZ must stand where a field would begin. Some senders do not pad the digits (invenio-sip2).
 */
export const findTail = (text: string, delimiter: string, bodyStart: number): Tail => {
  let end = text.length
  while (end > 2 && text.charCodeAt(end - 1) === 32) end--
  let at = end
  while (at > 2 && end - at < 4 && isHex(text.charCodeAt(at - 1))) at--
  const none = { start: text.length, sumEnd: -1, sequence: null, digits: '', end: text.length }
  if (at === end || at < 4 || text.charCodeAt(at - 1) !== 90 || text.charCodeAt(at - 2) !== 65) return none
  const digits = text.slice(at, end)
  const digit = text.charCodeAt(at - 3) - 48
  if (at >= 7 && digit >= 0 && digit <= 9 && text.startsWith('AY', at - 5))
    return { start: at - 5, sumEnd: at, sequence: digit, digits, end }
  const before = at - 2
  if (before !== bodyStart && text[before - 1] !== delimiter) return none
  return { start: before, sumEnd: at, sequence: null, digits, end }
}

/**
 * Checks the sum over the wire's bytes first, then as two known kinds of sender compute it: over UTF-16 units
 * (an ILS in php-sip2 #8, several clients), and as dp2 does: `AY4`, over the units of the text before it.
 */
export const verdict = (bytes: Uint8Array, text: string, tail: Tail, delimiter: string): Verdict => {
  if (tail.sumEnd < 0) return 'absent'
  const value = Number.parseInt(tail.digits, 16)
  const fits = (sum: number): boolean => ((sum + value) & 0xffff) === 0
  // Everything after the letters AZ is ASCII, so the same number of characters and bytes.
  if (fits(sumBytes(bytes, bytes.length - (text.length - tail.sumEnd)))) return 'ok'
  if (fits(sumUnits(text, tail.sumEnd))) return 'ok:utf-16'
  if (tail.sequence === 4) {
    const before = sumUnits(text, tail.start)
    if (fits(before)) return 'ok:dp2'
    if (text[tail.start - 1] === delimiter && fits(before - delimiter.charCodeAt(0))) return 'ok:dp2'
  }
  return 'wrong'
}
