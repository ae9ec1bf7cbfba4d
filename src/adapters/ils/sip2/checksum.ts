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

/** Writes the four digits for a sum. */
export const writeHex4 = (sum: number, bytes: Uint8Array, at: number): void => {
  const value = -sum & 0xffff
  for (let i = 0; i < 4; i++) {
    const digit = (value >> (12 - 4 * i)) & 15
    bytes[at + i] = digit < 10 ? 48 + digit : 55 + digit
  }
}

/** Where the checksum stands in a message. */
export interface Tail {
  /** Index in the text where `AY` (or `AZ` without it) begins; the text's length when there is none. */
  readonly start: number
  /** Index just after the letters `AZ`; -1 when there is no checksum. */
  readonly sumEnd: number
  readonly sequence: number | null
  /** What the digits say. */
  readonly value: number
  /** Four digits in capitals, as one should write them. */
  readonly proper: boolean
  /** Sum of the units behind the letters `AZ`. */
  readonly behind: number
  /** Length of the text without trailing blanks. */
  readonly end: number
}

const noTail = (text: string): Tail => ({
  start: text.length,
  sumEnd: -1,
  sequence: null,
  value: 0,
  proper: true,
  behind: 0,
  end: text.length,
})

/** 0 to 15, -1 for what is no hexadecimal digit. */
const hexValue = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48
  if (code >= 65 && code <= 70) return code - 55
  return code >= 97 && code <= 102 ? code - 87 : -1
}

/**
 * Looks for `AYnAZhhhh` or `AZhhhh` at the very end only: a title can hold the same letters. Without a sequence
 * number AZ must stand where a field would begin. Some senders do not pad the digits (invenio-sip2).
 */
export const findTail = (bytes: Uint8Array, text: string, delimiter: string, bodyStart: number): Tail => {
  let end = bytes.length
  while (end > 2 && bytes[end - 1] === 32) end--
  let at = end
  let value = 0
  let behind = 32 * (bytes.length - end)
  let proper = true
  while (at > 2 && end - at < 4) {
    const code = bytes[at - 1]!
    const digit = hexValue(code)
    if (digit < 0) break
    value |= digit << (4 * (end - at))
    behind += code
    if (code >= 97) proper = false
    at--
  }
  if (at === end || at < 4 || bytes[at - 1] !== 90 || bytes[at - 2] !== 65) return noTail(text)
  proper &&= end - at === 4
  const digit = bytes[at - 3]! - 48
  const numbered = at >= 7 && digit >= 0 && digit <= 9 && bytes[at - 4] === 89 && bytes[at - 5] === 65
  // All of the tail is ASCII, so it is as long in the text; but in GB18030 its A may belong to the character before.
  const shift = text.length - bytes.length
  const start = shift + at - (numbered ? 5 : 2)
  if (text.charCodeAt(start) !== 65) return noTail(text)
  if (!numbered && start !== bodyStart && text[start - 1] !== delimiter) return noTail(text)
  return {
    start,
    sumEnd: shift + at,
    sequence: numbered ? digit : null,
    value,
    proper,
    behind,
    end: shift + end,
  }
}

/**
 * Checks the sum over the wire's bytes first (`sum` is that of all bytes of the message), then as two known
 * kinds of sender compute it: over UTF-16 units (an ILS in php-sip2 #8, several clients), and as dp2 does:
 * `AY4`, over the units of the text before it.
 */
export const verdict = (sum: number, text: string, tail: Tail, delimiter: string): Verdict => {
  if (tail.sumEnd < 0) return 'absent'
  // What stands behind the letters AZ is ASCII: as many bytes as units.
  if (fits(sum - tail.behind, tail.value)) return 'ok'
  return foreignVerdict(text, tail, delimiter)
}

const foreignVerdict = (text: string, tail: Tail, delimiter: string): Verdict => {
  if (fits(sumUnits(text, tail.sumEnd), tail.value)) return 'ok:utf-16'
  if (tail.sequence !== 4) return 'wrong'
  const before = sumUnits(text, tail.start)
  if (fits(before, tail.value)) return 'ok:dp2'
  const cut = text[tail.start - 1] === delimiter ? delimiter.charCodeAt(0) : 0
  return fits(before - cut, tail.value) ? 'ok:dp2' : 'wrong'
}

const fits = (sum: number, value: number): boolean => ((sum + value) & 0xffff) === 0
