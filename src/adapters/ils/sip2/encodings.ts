import iconv from 'iconv-lite'
import { decodeByTable, encodeByTable } from './gb18030.ts'

/** Character sets a library system may speak. GB18030 holds all of GBK and GB2312. */
export const encodings = ['utf-8', 'gb18030', 'cp850', 'iso-8859-1', 'ascii'] as const
export type Encoding = (typeof encodings)[number]

export const isEncoding = (name: string): name is Encoding => (encodings as readonly string[]).includes(name)

const view = (bytes: Uint8Array): Buffer =>
  bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Bytes to text; what is no character of the charset becomes U+FFFD. Never throws. */
export const decode = (bytes: Uint8Array, encoding: Encoding): string => {
  if (encoding === 'utf-8') return view(bytes).toString('utf8')
  if (encoding === 'iso-8859-1') return view(bytes).toString('latin1')
  const quick = encoding === 'gb18030' ? decodeByTable(bytes) : undefined
  return quick ?? iconv.decode(view(bytes), encoding, { stripBOM: false })
}

/** The same for bytes below 0x80, which mean the same in every charset here. */
export const decodeAscii = (bytes: Uint8Array): string => view(bytes).toString('latin1')

export interface Encoded {
  readonly bytes: Uint8Array
  /** The characters the charset lacks, each once; they were written as `?`. */
  readonly lacking: readonly string[]
}

const none: readonly string[] = []

/** Text to bytes, telling which characters could not be written. */
export const encode = (text: string, encoding: Encoding): Encoded => {
  const whole = encodeWithSpare(text, encoding, 0)
  if (whole) return { bytes: whole, lacking: none }
  const lacking = new Set<string>()
  const kept = Array.from(text, char => {
    if (writable(char, encoding)) return char
    lacking.add(char)
    return '?'
  }).join('')
  return { bytes: iconv.encode(kept, encoding), lacking: [...lacking] }
}

/** The bytes of a text with `spare` more bytes behind them; undefined when the charset lacks a character. */
export const encodeWithSpare = (text: string, encoding: Encoding, spare: number): Buffer | undefined => {
  const length = Buffer.byteLength(text, 'utf8')
  if (length === text.length || encoding === 'utf-8') {
    if (length !== text.length && !text.isWellFormed()) return undefined
    const room = Buffer.allocUnsafe(length + spare)
    room.write(text)
    return room
  }
  if (encoding === 'gb18030') {
    const room = Buffer.allocUnsafe(text.length * 2 + spare)
    const written = encodeByTable(text, room)
    if (written >= 0) return room.subarray(0, written + spare)
  }
  const bytes = iconv.encode(text, encoding)
  return decode(bytes, encoding) === text ? Buffer.concat([bytes], bytes.length + spare) : undefined
}

const writable = (char: string, encoding: Encoding): boolean =>
  char.isWellFormed() && (encoding === 'utf-8' || decode(iconv.encode(char, encoding), encoding) === char)
