import { Duplex } from 'node:stream'

/**
 * Two ends of a line within this program. What is written at one end in one go is read at the other as one piece, and
 * waits there while nobody reads; when one end is destroyed, so is the other.
 */
export const pipe = (): readonly [Duplex, Duplex] => {
  const ends: Duplex[] = []
  const held: (() => void)[] = [() => {}, () => {}]
  const end = (own: 0 | 1, other: 0 | 1): Duplex => {
    const give = (chunk: Buffer, done: () => void): void => {
      if (ends[other]!.push(chunk)) done()
      else held[other] = done
    }
    return new Duplex({
      read: () => {
        const release = held[own]!
        held[own] = () => {}
        release()
      },
      write: (chunk: Buffer, _, done) => give(chunk, done),
      writev: (chunks, done) => give(Buffer.concat(chunks.map(one => one.chunk as Buffer)), done),
      final: done => {
        ends[other]!.push(null)
        done()
      },
      destroy: (error, done) => {
        ends[other]!.destroy()
        done(error)
      },
    })
  }
  ends.push(end(0, 1), end(1, 0))
  return [ends[0]!, ends[1]!]
}
