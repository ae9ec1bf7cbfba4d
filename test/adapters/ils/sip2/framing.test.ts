import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSplitter, type Frame } from '../../../../src/adapters/ils/sip2/framing.ts'

const texts = (frames: readonly Frame[]): string[] =>
  frames.map(frame => ('bytes' in frame ? Buffer.from(frame.bytes).toString('latin1') : 'TOO LONG'))

const run = (pieces: readonly string[], limit = 1000): string[] => {
  const splitter = createSplitter(limit)
  return [
    ...pieces.flatMap(piece => texts(splitter.push(Buffer.from(piece, 'latin1')))),
    ...texts(splitter.end()),
  ]
}

describe('the splitter', () => {
  it.each(['\r', '\n', '\r\n', '\n\r', '\r\r', '\r\0\n'])('ends a message at %j', end => {
    expect(run([`941${end}97AZFEF5${end}`])).toEqual(['941', '97AZFEF5'])
  })

  it('drops blanks, NULs and line ends before a message', () => {
    expect(run(['\r\n \0\x00941\r', ' ', '\0', '\n 97\r'])).toEqual(['941', '97'])
  })

  it('keeps blanks and NULs inside for the parser to judge', () => {
    expect(run(['94 1\0x\r'])).toEqual(['94 1\0x'])
  })

  it('gives the same messages however the stream is cut', () => {
    const message = fc
      .string({ unit: fc.constantFrom(...'9418|AYZ \u0081\u007c'), minLength: 1, maxLength: 20 })
      .map(text => `9${text}9`)
    const end = fc.constantFrom('\r', '\n', '\r\n', '\n\r')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(message, end)),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (list, cuts) => {
          const stream = list.map(([text, terminator]) => text + terminator).join('')
          const pieces: string[] = []
          for (let at = 0, turn = 0; at < stream.length; turn++) {
            const size = cuts[turn % cuts.length]!
            pieces.push(stream.slice(at, at + size))
            at += size
          }
          expect(run(pieces)).toEqual(list.map(([text]) => text))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('throws away a message that does not end, says so once, and reads the next one', () => {
    const splitter = createSplitter(10)
    const seen = ['12345', '67890', 'abc', 'defghijklmnop', 'q\r941\r'].flatMap(piece =>
      texts(splitter.push(Buffer.from(piece))),
    )
    expect(seen).toEqual(['TOO LONG', '941'])
    expect(splitter.pending).toBe(0)
  })

  it('never holds more than its limit', () => {
    const splitter = createSplitter(100)
    for (let i = 0; i < 50; i++) {
      splitter.push(Buffer.alloc(33, 65))
      expect(splitter.pending).toBeLessThanOrEqual(100)
    }
  })

  it('does not depend on the caller keeping its buffer', () => {
    const splitter = createSplitter(100)
    const buffer = Buffer.from('941')
    splitter.push(buffer)
    buffer.fill(0)
    expect(texts(splitter.push(Buffer.from('\r')))).toEqual(['941'])
  })
})

describe('one line end alone', () => {
  const bytes = Buffer.from('98a\r9b\n9c\r\n\r\n98d\n\re\r\n')
  const cutAt = (ends: 'cr' | 'lf' | 'crlf', size: number): string[] => {
    const splitter = createSplitter(1000, ends)
    const frames = []
    for (let at = 0; at < bytes.length; at += size)
      frames.push(...splitter.push(bytes.subarray(at, at + size)))
    return [...frames, ...splitter.end()].map(frame =>
      'bytes' in frame ? Buffer.from(frame.bytes).toString() : 'too long',
    )
  }
  it.each([
    ['cr', ['98a', '9b\n9c', '98d\n', 'e']],
    ['lf', ['98a\r9b', '9c\r', '98d', 'e\r']],
    ['crlf', ['98a\r9b\n9c\r', '98d\n\re\r']],
  ] as const)('%s cuts there only, however the stream is cut', (ends, expected) => {
    for (const size of [1, 2, 3, 100]) expect(cutAt(ends, size)).toEqual(expected)
  })
})
