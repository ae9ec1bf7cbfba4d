/**
 * Cuts bytes into ISO 2709 records and finds its way back after a broken one. The length in the leader is believed
 * when a record terminator stands at its end; otherwise the terminator is, and a record that begins inside a broken
 * one and ends exactly at that terminator is kept apart.
 */

/** RT, FT and the subfield delimiter of ISO 2709. */
export const recordEnd = 0x1d
export const fieldEnd = 0x1e
export const subfieldStart = 0x1f

/** The longest record that five digits can tell. */
export const longest = 99_999
const leaderLength = 24

export type FrameFault = 'no-leader' | 'too-long' | 'wrong-length' | 'no-terminator'

export interface Frame {
  /** In bytes from the start of the file. */
  readonly offset: number
  /** A view into the reader's buffer, valid until the next frame is asked for. */
  readonly bytes: Buffer
  readonly fault?: FrameFault
}

interface Cut {
  readonly start: number
  readonly end: number
  readonly fault?: FrameFault
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

const digits = (buffer: Buffer, from: number, count: number): number => {
  let value = 0
  for (let i = from; i < from + count; i++) {
    const byte = buffer[i] ?? 0
    if (!isDigit(byte)) return -1
    value = value * 10 + byte - 0x30
  }
  return value
}

/** Whether a leader can stand here: length and base address are numbers that fit each other. */
const leaderAt = (buffer: Buffer, at: number, end: number): boolean => {
  if (at + leaderLength > end) return false
  const length = digits(buffer, at, 5)
  const base = digits(buffer, at + 12, 5)
  return length > leaderLength && base > leaderLength && base < length
}

const fillers = new Set([0x00, 0x0a, 0x0d, 0x1a, 0x20])

/** Line ends, blanks and byte order marks that systems put between records. */
const skipFiller = (buffer: Buffer, from: number, end: number): number => {
  let at = from
  for (;;) {
    if (at < end && fillers.has(buffer[at]!)) at++
    else if (at + 3 <= end && buffer[at] === 0xef && buffer[at + 1] === 0xbb && buffer[at + 2] === 0xbf)
      at += 3
    else return at
  }
}

/** A record that begins after `start` and, by its own leader, ends at the terminator `end`. */
const recordEndingAt = (buffer: Buffer, start: number, end: number): number | undefined => {
  for (let at = start + 1; at + leaderLength <= end; at++)
    if (digits(buffer, at, 5) === end - at + 1 && leaderAt(buffer, at, end)) return at
  return undefined
}

/** What lies between `start` and the terminator `end`, when the leader at `start` does not say so itself. */
const brokenCut = (buffer: Buffer, start: number, end: number): Cut => {
  const plausible = leaderAt(buffer, start, end)
  const inner = recordEndingAt(buffer, start, end)
  if (inner !== undefined) return { start, end: inner, fault: plausible ? 'no-terminator' : 'no-leader' }
  return { start, end: end + 1, fault: plausible ? 'wrong-length' : 'no-leader' }
}

/** Without a terminator in reach: the rest of the file, or so much that no record can begin in it. */
const endlessCut = (buffer: Buffer, start: number, end: number, ended: boolean): Cut | undefined => {
  if (end - start > longest) {
    const next = buffer.subarray(0, end).indexOf(recordEnd, start)
    return { start, end: (next < 0 ? end : next) - longest + 1, fault: 'too-long' }
  }
  if (!ended) return undefined
  return { start, end, fault: leaderAt(buffer, start, end) ? 'no-terminator' : 'no-leader' }
}

/** The next record in `buffer[from, end)`; undefined when more bytes are needed, or none are left. */
const nextCut = (buffer: Buffer, from: number, end: number, ended: boolean): Cut | undefined => {
  const start = skipFiller(buffer, from, end)
  if (start === end) return undefined
  const told = digits(buffer, start, 5)
  const last = start + told - 1
  if (told > leaderLength && last >= end && !ended) return undefined
  const first = buffer.subarray(start, Math.min(end, start + longest)).indexOf(recordEnd) + start
  if (first < start) return endlessCut(buffer, start, end, ended)
  if (last < end && buffer[last] === recordEnd && leaderAt(buffer, start, end)) {
    const whole = first === last || !leaderAt(buffer, skipFiller(buffer, first + 1, last), last)
    if (whole) return { start, end: last + 1 }
  }
  return brokenCut(buffer, start, first)
}

/** Fills `into` and returns how many bytes it wrote; 0 at the end. */
export type ReadBytes = (into: Buffer) => Promise<number>

/**
 * All records of a run of bytes, in their order, broken ones included. Holds one buffer of about `chunk` + 200 KB,
 * however long the run is. A stretch without any terminator is one broken frame, of which a part is handed on.
 */
export async function* framesOf(read: ReadBytes, chunk = 1 << 20): AsyncGenerator<Frame> {
  const buffer = Buffer.allocUnsafe(chunk + 2 * longest)
  let base = 0
  let from = 0
  let end = 0
  let ended = false
  let skipping = false
  for (;;) {
    const cut = nextCut(buffer, from, end, ended)
    if (cut) {
      const known = skipping && (cut.fault === 'too-long' || cut.fault === 'no-leader')
      skipping = cut.fault === 'too-long'
      from = cut.end
      const bytes = buffer.subarray(cut.start, cut.end)
      if (!known) yield { offset: base + cut.start, bytes, ...(cut.fault ? { fault: cut.fault } : {}) }
      continue
    }
    if (ended) return
    buffer.copyWithin(0, from, end)
    base += from
    end -= from
    from = 0
    const got = await read(buffer.subarray(end, Math.min(buffer.length, end + chunk)))
    end += got
    ended = got === 0
  }
}
