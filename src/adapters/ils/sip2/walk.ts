/**
 * One walk over the bytes of a message adds up numbers from a table: in the lower places the bytes themselves,
 * which make the checksum, in the higher ones how many bytes there are that matter. It is three times as fast as
 * looking at each byte for each question.
 */
export interface Walk {
  readonly total: number
  readonly ascii: boolean
}

export const walk = (bytes: Uint8Array, end: number, weights: Int32Array): Walk => {
  let total = 0
  let bits = 0
  for (let i = 0; i < end; i++) {
    const byte = bytes[i]!
    total += weights[byte]!
    bits |= byte
  }
  return { total, ascii: bits < 128 }
}

const isControl = (byte: number): boolean => byte < 32 || byte === 127

/** Counts control characters above the sum; right for messages of up to 128 KiB. */
export const reading = {
  weights: Int32Array.from({ length: 256 }, (_, byte) => byte + (isControl(byte) ? 2 ** 25 : 0)),
  sum: (total: number): number => total & (2 ** 25 - 1),
  hasControls: (total: number): boolean => total >= 2 ** 25,
}

/** Counts delimiters above the sum, and control characters above both; right for up to 4 KiB. */
export const writing = {
  longest: 4096,
  weights: (delimiter: string): Int32Array => {
    const weights = reading.weights.map((weight, byte) => weight + (isControl(byte) ? 2 ** 28 - 2 ** 25 : 0))
    weights[delimiter.charCodeAt(0)]! += 2 ** 20
    return weights
  },
  sum: (total: number): number => total & (2 ** 20 - 1),
  /** Or control characters, or more than 255 delimiters: in either case too many. */
  delimiters: (total: number): number => (total < 2 ** 28 ? total >> 20 : 256),
}
