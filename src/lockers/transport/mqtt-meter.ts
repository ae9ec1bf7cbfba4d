import type { Clock, Millis } from '../../kernel/clock.ts'

/**
 * Watches the packets in a stream of MQTT bytes without keeping them: a length beyond the limit is known from the
 * first bytes of its packet, before anything is stored.
 */
export interface PacketMeter {
  /** Packets begun in these bytes; `too-large` and `garbled` end the connection. */
  take(bytes: Uint8Array): number | 'too-large' | 'garbled'
}

/** Fixed header: one byte of type, then the length in one to four groups of seven bits (MQTT 3.1.1, 2.2.3). */
export const packetMeter = (largest: number): PacketMeter => {
  let left = 0
  let inLength = false
  let value = 0
  let shift = 0
  return {
    take: bytes => {
      let packets = 0
      let at = 0
      while (at < bytes.length) {
        if (left > 0) {
          const skipped = Math.min(left, bytes.length - at)
          left -= skipped
          at += skipped
          continue
        }
        const byte = bytes[at++]!
        if (!inLength) {
          inLength = true
          value = 0
          shift = 0
          packets += 1
          continue
        }
        value += (byte & 0x7f) * 2 ** shift
        shift += 7
        if (value > largest) return 'too-large'
        if (byte < 0x80) {
          inLength = false
          left = value
        } else if (shift > 21) return 'garbled'
      }
      return packets
    },
  }
}

/** So many at once, and so many a second in the long run. */
export interface Bucket {
  /** True when they may pass; never true for more than the bucket holds. */
  take(count: number): boolean
  /** Takes them whatever is left, and says how long to wait before anything else passes. */
  owe(count: number): Millis
}

export const bucket = (clock: Pick<Clock, 'now'>, burst: number, perSecond: number): Bucket => {
  let tokens = burst
  let filled = clock.now()
  const fill = (): void => {
    const now = clock.now()
    tokens = Math.min(burst, tokens + (Math.max(0, now - filled) / 1000) * perSecond)
    filled = now
  }
  return {
    take: count => {
      fill()
      if (tokens < count) return false
      tokens -= count
      return true
    },
    owe: count => {
      fill()
      tokens -= count
      return tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1000)
    },
  }
}
