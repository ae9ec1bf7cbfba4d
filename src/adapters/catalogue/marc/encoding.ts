import { isAscii, isUtf8 } from 'node:buffer'
import type { ReasonCode } from './reasons.ts'

/** What a file may be said to be written in; `auto` looks at each record. */
export const encodings = ['auto', 'utf-8', 'gb18030', 'big5'] as const
export type Encoding = (typeof encodings)[number]

/** Turns a part of a record into text. */
export type Decode = (bytes: Buffer) => string

export type DecodeAnswer =
  | { readonly ok: true; readonly encoding: 'ascii' | Exclude<Encoding, 'auto'>; readonly decode: Decode }
  | { readonly ok: false; readonly code: ReasonCode; readonly detail?: string }

/** ESC switches character sets in MARC-8. */
const esc = 0x1b
/** In column 9 of a MARC21 leader: MARC-8. */
const blank = 0x20
const gb18030 = new TextDecoder('gb18030', { fatal: true })
const big5 = new TextDecoder('big5', { fatal: true })

const ascii: DecodeAnswer = { ok: true, encoding: 'ascii', decode: b => b.toString('latin1') }
const utf8: DecodeAnswer = { ok: true, encoding: 'utf-8', decode: b => b.toString('utf8') }
const gb: DecodeAnswer = { ok: true, encoding: 'gb18030', decode: b => gb18030.decode(b) }
const taiwan: DecodeAnswer = { ok: true, encoding: 'big5', decode: b => big5.decode(b) }

/**
 * Finds how a record is written. The leader's and 100$a's own claims are not asked for: Chinese exports carry
 * `0110` (GB 2312) in UTF-8 files and blanks in GBK ones. What counts is which encoding the bytes are valid in.
 * @param chinese the record is CNMARC, where bytes above 0x7F are Chinese or Unicode and never ANSEL
 */
export const decoderFor = (bytes: Buffer, wanted: Encoding, chinese: boolean): DecodeAnswer => {
  if (isAscii(bytes)) return bytes.includes(esc) ? { ok: false, code: 'marc-8' } : ascii
  if (wanted === 'utf-8')
    return isUtf8(bytes) ? utf8 : { ok: false, code: 'not-in-encoding', detail: 'UTF-8' }
  if (wanted === 'gb18030')
    return decodes(gb18030, bytes) ? gb : { ok: false, code: 'not-in-encoding', detail: 'GB18030' }
  if (wanted === 'big5')
    return decodes(big5, bytes) ? taiwan : { ok: false, code: 'not-in-encoding', detail: 'Big5' }
  if (isUtf8(bytes)) return utf8
  if (bytes.includes(esc)) return { ok: false, code: 'marc-8' }
  if (looksChinese(countPairs(bytes)) && decodes(gb18030, bytes)) return gb
  const said = bytes[9]
  return { ok: false, code: !chinese && said === blank ? 'marc-8' : 'undecodable' }
}

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
