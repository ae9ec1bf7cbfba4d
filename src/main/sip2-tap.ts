import { isUnreadable, type Parsed, parseMessage } from '../adapters/ils/sip2/codec.ts'
import { decode, type Encoding } from '../adapters/ils/sip2/encodings.ts'
import { longestAnswer } from '../adapters/ils/sip2/framing.ts'
import { messages } from '../adapters/ils/sip2/messages.ts'
import type { Pseudonyms } from './sip2-pseudonyms.ts'
import { type By, messageText } from './sip2-recording.ts'

/** One message, or a stretch of bytes that is none, with the line end behind it. */
interface Piece {
  readonly bytes: Uint8Array
  readonly end: string
  /** Bytes that were too many to be kept. */
  readonly dropped: number
}

const CR = 0x0d
const LF = 0x0a

/** Cuts one direction of a line into messages and keeps their line ends; keeps no more than one message. */
const createCutter = (limit: number) => {
  let parts: Uint8Array[] = []
  let length = 0
  let dropped = 0
  let end = ''
  const out = (pieces: Piece[]): void => {
    if (length > 0 || dropped > 0) pieces.push({ bytes: Buffer.concat(parts, length), end, dropped })
    parts = []
    length = 0
    dropped = 0
    end = ''
  }
  const add = (piece: Uint8Array): void => {
    if (piece.length === 0) return
    if (length + piece.length > limit) {
      dropped += length + piece.length
      parts = []
      length = 0
    } else if (dropped > 0) dropped += piece.length
    else {
      parts.push(Uint8Array.prototype.slice.call(piece))
      length += piece.length
    }
  }
  return {
    push: (chunk: Uint8Array): Piece[] => {
      const pieces: Piece[] = []
      let from = 0
      for (let i = 0; i < chunk.length; i++) {
        const isEnd = chunk[i] === CR || chunk[i] === LF
        if (!isEnd && end !== '') out(pieces)
        if (!isEnd) continue
        add(chunk.subarray(from, i))
        if (end.length < 4) end += chunk[i] === CR ? '\r' : '\n'
        from = i + 1
      }
      add(chunk.subarray(from))
      if (end !== '') out(pieces)
      return pieces
    },
    end: (): Piece[] => {
      const pieces: Piece[] = []
      out(pieces)
      return pieces
    },
  }
}

/** Says what has to be written: masked lines of a recording, without connection and time. */
export interface Tap {
  take(by: By, chunk: Uint8Array): void
  end(): void
}

export interface TapSettings {
  readonly pseudonyms: Pseudonyms
  /** `auto`: UTF-8 until something is not, then GB18030. */
  readonly encoding: Encoding | 'auto'
  readonly delimiter: string
  /** `=` for notes. */
  readonly write: (what: '>' | '<' | '=', text: string) => void
}

/** The charset of a recording: found once for all its connections. */
export const createCharset = (encoding: Encoding | 'auto', note: (text: string) => void) => {
  let found: Encoding | undefined = encoding === 'auto' ? undefined : encoding
  if (found !== undefined) note(`charset ${found}`)
  return {
    of: (bytes: Uint8Array): Encoding => {
      if (found === undefined && bytes.some(byte => byte >= 0x80)) {
        found = decode(bytes, 'utf-8').includes('\ufffd') ? 'gb18030' : 'utf-8'
        note(`charset ${found}`)
      }
      return found ?? 'utf-8'
    },
  }
}
export type Charset = ReturnType<typeof createCharset>

/** Listens to one connection in both directions. */
export const createTap = (
  { pseudonyms, delimiter, write }: Omit<TapSettings, 'encoding'>,
  charset: Charset,
): Tap => {
  const cutters = { kiosk: createCutter(longestAnswer), ils: createCutter(longestAnswer) }
  const show = (by: By, piece: Piece): void => {
    write(by === 'kiosk' ? '>' : '<', textOf(piece, pseudonyms, delimiter, charset))
  }
  return {
    take: (by, chunk) => {
      for (const piece of cutters[by].push(chunk)) show(by, piece)
    },
    end: () => {
      for (const by of ['kiosk', 'ils'] as const) for (const piece of cutters[by].end()) show(by, piece)
    },
  }
}

/** What cannot be read cannot be masked either: only its length is told. */
const textOf = (piece: Piece, pseudonyms: Pseudonyms, delimiter: string, charset: Charset): string => {
  const { bytes, end, dropped } = piece
  if (dropped > 0) return `?${dropped}`
  const parsed = parseMessage(bytes, { encoding: charset.of(bytes), delimiter })
  if (isUnreadable(parsed) || !isPlain(parsed)) return `?${bytes.length}`
  return messageText(masked(parsed, pseudonyms), delimiter, end) ?? `?${bytes.length}`
}

/** Whether the part before the fields holds what belongs there, and nobody's card that slipped into it. */
const isPlain = ({ command, fixed }: Parsed): boolean => {
  const type = messages.get(command)
  if (!type) return true
  return type.fixed.every(({ name, kind, length }) => {
    const value = fixed[name] ?? ''
    if (kind === 'date') return /^(?:[ 0]{0,18}|\d{8}.{0,4}\d{6})$/.test(value)
    if (kind === 'version') return /^[\d. A-Z]{0,4}$/.test(value)
    return length <= 4 ? value.length <= 4 : /^[YNU ]*$/i.test(value)
  })
}

const masked = (parsed: Parsed, pseudonyms: Pseudonyms): Parsed => ({
  ...parsed,
  // A value that could not be decoded may hold a name that nobody recognizes.
  fields: pseudonyms.mask(parsed).map(([id, value]) => [id, value.includes('\ufffd') ? '***' : value]),
})
