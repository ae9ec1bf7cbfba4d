/** One message without its terminator, or the news that one was too long and has been thrown away. */
export type Frame = { readonly bytes: Uint8Array } | { readonly tooLong: { readonly limit: number } }

export interface Splitter {
  /** Takes bytes as they arrive and gives the messages that are complete. */
  push(chunk: Uint8Array): Frame[]
  /** The rest without a terminator, when the stream has ended; empty afterwards. */
  end(): Frame[]
  /** Bytes that wait for their terminator. */
  readonly pending: number
}

/** Longest answer we take from a library system, bytes. */
export const longestAnswer = 64 * 1024
/** Longest request we take from a machine, bytes. */
export const longestRequest = 16 * 1024

const CR = 0x0d
const LF = 0x0a

/** What ends a message: `any` of CR, LF, CRLF and LFCR, or one alone where values may hold the others. */
export type LineEnd = 'any' | 'cr' | 'crlf' | 'lf'

/**
 * Cuts a stream of bytes into messages at CR, LF, CRLF or LFCR, wherever the segments of the network happen to
 * be cut. Blanks, NULs and line ends before a message are dropped, empty lines too. Neither CR nor LF occurs
 * inside a character of any charset we speak, so cutting comes before decoding.
 *
 * A message longer than `limit` is told once, thrown away up to its terminator, and the next one is read again.
 */
export const createSplitter = (limit: number, ends: LineEnd = 'any'): Splitter => {
  let parts: Uint8Array[] = []
  let pending = 0
  let skipping = false
  let afterCr = false

  const isEnd = (byte: number, behindCr: boolean): boolean =>
    byte === CR ? ends === 'cr' : ends === 'lf' || (ends === 'crlf' && behindCr)
  const add = (piece: Uint8Array, frames: Frame[]): void => {
    if (skipping) return
    const kept = pending === 0 ? withoutLead(piece) : piece
    if (kept.length === 0) return
    if (pending + kept.length > limit) {
      frames.push({ tooLong: { limit } })
      parts = []
      pending = 0
      skipping = true
      return
    }
    parts.push(kept)
    pending += kept.length
  }
  const finish = (frames: Frame[]): void => {
    skipping = false
    if (pending === 0) return
    frames.push({ bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts, pending) })
    parts = []
    pending = 0
  }
  return {
    push: chunk => {
      const frames: Frame[] = []
      let from = 0
      for (let i = 0; i < chunk.length; i++) {
        if (chunk[i] !== CR && chunk[i] !== LF) continue
        if (ends !== 'any' && !isEnd(chunk[i]!, i > 0 ? chunk[i - 1] === CR : afterCr)) continue
        add(chunk.subarray(from, i), frames)
        finish(frames)
        from = i + 1
      }
      if (chunk.length > 0) afterCr = chunk[chunk.length - 1] === CR
      // A copy: the caller may fill its buffer again before the terminator comes.
      if (from < chunk.length) add(Uint8Array.prototype.slice.call(chunk, from), frames)
      return frames
    },
    end: () => {
      const frames: Frame[] = []
      finish(frames)
      return frames
    },
    get pending() {
      return pending
    },
  }
}

const isLead = (byte: number): boolean => byte === 0x20 || byte === 0 || byte === CR || byte === LF

const withoutLead = (bytes: Uint8Array): Uint8Array => {
  let from = 0
  while (from < bytes.length && isLead(bytes[from]!)) from++
  return from === 0 ? bytes : bytes.subarray(from)
}
