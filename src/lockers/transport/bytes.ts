/** XOR of every byte. */
export const xor = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum ^ byte, 0)

/** Low byte of the sum of every byte. */
export const sum8 = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum + byte, 0) & 0xff

/** CRC-8/MAXIM: polynomial 31 reflected, from 0, nothing added at the end. "123456789" gives A1. */
export const crc8 = (bytes: Uint8Array): number =>
  bytes.reduce((crc, byte) => {
    let rest = crc ^ byte
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >> 1) ^ 0x8c : rest >> 1
    return rest
  }, 0)

/** CRC-16/MODBUS: polynomial 8005 reflected, begun with FFFF. "123456789" gives 4B37. */
export const crc16 = (bytes: Uint8Array): number =>
  bytes.reduce((crc, byte) => {
    let rest = crc ^ byte
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >> 1) ^ 0xa001 : rest >> 1
    return rest
  }, 0xffff)

/** Body and its check behind it. */
export const checked = (check: (body: Uint8Array) => number, ...body: number[]): Uint8Array => {
  const bytes = Uint8Array.from(body)
  return Uint8Array.of(...bytes, check(bytes))
}

/** Whether the last byte is the check of all before it. */
export const sound = (check: (body: Uint8Array) => number, frame: Uint8Array): boolean =>
  frame.length > 1 && check(frame.subarray(0, -1)) === frame.at(-1)

/** One bit for each lock, counted from 1; bit 0 of the first byte is lock 1. Locks beyond the bytes are left out. */
export const bitmap = (locks: readonly number[], bytes: number): number[] => {
  const map = new Array<number>(bytes).fill(0)
  for (const lock of locks) {
    const byte = (lock - 1) >> 3
    if (byte < bytes) map[byte]! |= 1 << ((lock - 1) & 7)
  }
  return map
}

/** Locks whose bit is set, counted from 1. */
export const setBits = (bytes: Iterable<number>): number[] =>
  [...bytes].flatMap((byte, index) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter(bit => (byte >> bit) & 1).map(bit => index * 8 + bit + 1),
  )

/** The number, if it is a whole one within the bounds; RangeError otherwise. */
export const inRange = (what: string, value: number, from: number, to: number): number => {
  if (!Number.isInteger(value) || value < from || value > to)
    throw new RangeError(`${what} ${value} is not within ${from}..${to}`)
  return value
}
