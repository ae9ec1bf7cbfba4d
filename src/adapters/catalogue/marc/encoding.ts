import { isAscii, isUtf8 } from 'node:buffer'
import type { ReasonCode } from './reasons.ts'

/** What a file may be said to be written in; `auto` looks at each record. */
export const encodings = ['auto', 'utf-8', 'gb18030', 'big5'] as const
export type Encoding = (typeof encodings)[number]

/** Turns a part of a record into text. */
export type Decode = (bytes: Buffer, start: number, end: number) => string

export type DecodeAnswer =
  | { readonly ok: true; readonly encoding: Exclude<Encoding, 'auto'>; readonly decode: Decode }
  | { readonly ok: false; readonly code: ReasonCode; readonly detail?: string }

/** ESC switches character sets in MARC-8. */
const esc = 0x1b
/** In column 9 of a MARC21 leader: MARC-8. */
const blank = 0x20
const gb18030 = new TextDecoder('gb18030', { fatal: true })
const big5 = new TextDecoder('big5', { fatal: true })

const utf8: DecodeAnswer = {
  ok: true,
  encoding: 'utf-8',
  decode: (b, start, end) => b.toString('utf8', start, end),
}
const gb: DecodeAnswer = {
  ok: true,
  encoding: 'gb18030',
  decode: (b, start, end) => gb18030.decode(b.subarray(start, end)),
}
const taiwan: DecodeAnswer = {
  ok: true,
  encoding: 'big5',
  decode: (b, start, end) => big5.decode(b.subarray(start, end)),
}

/**
 * Finds how a record is written. The leader's and 100$a's own claims are not asked for: Chinese exports carry
 * `0110` (GB 2312) in UTF-8 files and blanks in GBK ones. What counts is which encoding the bytes are valid in.
 * @param chinese the record is CNMARC, where bytes above 0x7F are Chinese or Unicode and never ANSEL
 */
export const decoderFor = (bytes: Buffer, wanted: Encoding, chinese: boolean): DecodeAnswer => {
  const escaped = bytes.includes(esc)
  if (escaped && isAscii(bytes)) return { ok: false, code: 'marc-8' }
  if (wanted === 'gb18030') return decodes(gb18030, bytes) ? gb : no('GB18030')
  if (wanted === 'big5') return decodes(big5, bytes) ? taiwan : no('Big5')
  if (isUtf8(bytes)) return utf8
  if (wanted === 'utf-8') return no('UTF-8')
  if (escaped) return { ok: false, code: 'marc-8' }
  if (looksChinese(countPairs(bytes)) && decodes(gb18030, bytes)) return gb
  const said = bytes[9]
  return { ok: false, code: !chinese && said === blank ? 'marc-8' : 'undecodable' }
}

const no = (encoding: string): DecodeAnswer => ({ ok: false, code: 'not-in-encoding', detail: encoding })

const decodes = (decoder: TextDecoder, bytes: Buffer): boolean => {
  try {
    decoder.decode(bytes)
    return true
  } catch {
    return false
  }
}

interface Pairs {
  /** Two-byte characters in all, and those in the rows of GB 2312's 3,755 most common hanzi (0xB0-0xD7). */
  readonly pairs: number
  readonly common: number
  /** Bytes above 0x7F that begin no pair. */
  readonly odd: number
}

const countPairs = (bytes: Buffer): Pairs => {
  let pairs = 0
  let common = 0
  let odd = 0
  for (let i = 24; i < bytes.length; i++) {
    const lead = bytes[i]!
    if (lead < 0x80) continue
    const trail = bytes[i + 1] ?? 0
    if (trail < 0x40) {
      odd++
      continue
    }
    pairs++
    if (lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1) common++
    i++
  }
  return { pairs, common, odd }
}

/**
 * In Chinese text, simplified or traditional, far more than a quarter of the characters are common hanzi; Latin
 * text in ANSEL (a letter follows each high byte) and damaged UTF-8 read as pairs have nearly none.
 */
const looksChinese = ({ pairs, common, odd }: Pairs): boolean =>
  pairs > 0 && common * 4 >= pairs && odd * 20 <= pairs
