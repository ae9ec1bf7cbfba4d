import { endianness } from 'node:os'
import iconv from 'iconv-lite'

/**
 * GB18030's one- and two-byte characters by table, in both directions: nearly all text there is, several times
 * faster than a general converter. What the tables lack (four bytes, faults) is left to the converter.
 */
interface Tables {
  /** UTF-16 unit by both bytes; 0 where there is none. */
  readonly toUnit: Uint16Array
  /** Both bytes by unit; 0 where there are none. */
  readonly toPair: Uint16Array
}

let made: Tables | undefined

const tables = (): Tables => {
  made ??= makeTables()
  return made
}

const makeTables = (): Tables => {
  const toUnit = new Uint16Array(0x10000)
  const toPair = new Uint16Array(0x10000)
  for (let first = 0x81; first <= 0xfe; first++) {
    for (let second = 0x40; second <= 0xfe; second++) {
      if (second === 0x7f) continue
      const text = iconv.decode(Buffer.from([first, second]), 'gb18030', { stripBOM: false })
      if (text.length !== 1 || text === '\ufffd') continue
      toUnit[(first << 8) | second] = text.charCodeAt(0)
      toPair[text.charCodeAt(0)] = (first << 8) | second
    }
  }
  return { toUnit, toPair }
}

const littleEndian = endianness() === 'LE'

/** Room for the UTF-16 units of a message, and the same memory as bytes. */
let units = new Uint16Array(4096)
let unitBytes = Buffer.from(units.buffer)

const makeRoom = (length: number): void => {
  if (units.length >= length) return
  units = new Uint16Array(length)
  unitBytes = Buffer.from(units.buffer)
}

/** The text, or undefined when some of it is not in the tables. */
export const decodeByTable = (bytes: Uint8Array): string | undefined => {
  if (!littleEndian) return undefined
  const { toUnit } = tables()
  makeRoom(bytes.length)
  const out = units
  let to = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte < 0x80) {
      out[to++] = byte
      continue
    }
    const second = i + 1 < bytes.length ? bytes[++i]! : 0
    const unit = toUnit[(byte << 8) | second]!
    if (unit === 0) return undefined
    out[to++] = unit
  }
  return unitBytes.toString('utf16le', 0, to * 2)
}

/** Writes the text from `bytes[0]` on and gives the length, or -1 when some of it is not in the tables. */
export const encodeByTable = (text: string, bytes: Uint8Array): number => {
  if (!littleEndian) return -1
  const { toPair } = tables()
  makeRoom(text.length)
  const from = units
  unitBytes.write(text, 0, 'utf16le')
  let to = 0
  for (let i = 0; i < text.length; i++) {
    const unit = from[i]!
    if (unit < 0x80) {
      bytes[to++] = unit
      continue
    }
    const pair = toPair[unit]!
    if (pair === 0) return -1
    bytes[to++] = pair >> 8
    bytes[to++] = pair & 0xff
  }
  return to
}
