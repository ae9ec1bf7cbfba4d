import { decode, type Encoding, encodings } from '../encodings.ts'

/** What answers tell of their charset. */
export type EncodingGuess =
  | { readonly is: 'found'; readonly encoding: Encoding }
  /** Nothing but ASCII has come; `stripped` when question marks stand where Chinese should. */
  | { readonly is: 'ascii-only'; readonly stripped: boolean }
  /** One text in every charset in which it can be read: a person sees at once which is right. */
  | { readonly is: 'undecided'; readonly readings: readonly Reading[] }
export interface Reading {
  readonly encoding: Encoding
  readonly text: string
}

const isHigh = (byte: number): boolean => byte >= 0x80
const broken = /\ufffd/

/**
 * Guesses the charset of pieces of answers. UTF-8 proves itself: other text hardly ever follows its pattern.
 * GB18030 is believed when most of its pairs lie where the common characters are (both bytes from A1 on), a
 * Western charset when all its letters lie where that one has letters.
 */
export const guessEncoding = (samples: readonly Uint8Array[]): EncodingGuess => {
  const telling = samples.filter(sample => sample.some(isHigh))
  if (telling.length === 0) {
    const stripped = samples.some(sample => /\?{3}/.test(decode(sample, 'iso-8859-1')))
    return { is: 'ascii-only', stripped }
  }
  if (telling.every(sample => !broken.test(decode(sample, 'utf-8'))))
    return { is: 'found', encoding: 'utf-8' }
  if (telling.every(sample => !broken.test(decode(sample, 'gb18030'))) && looksChinese(telling))
    return { is: 'found', encoding: 'gb18030' }
  const western = westernOf(telling)
  if (western) return { is: 'found', encoding: western }
  return { is: 'undecided', readings: readingsOf(telling[0]!) }
}

/** Whether at least half of the two-byte characters are common Chinese ones. */
const looksChinese = (samples: readonly Uint8Array[]): boolean => {
  let pairs = 0
  let common = 0
  for (const sample of samples)
    for (let i = 0; i < sample.length; i++) {
      if (!isHigh(sample[i]!)) continue
      pairs++
      const second = sample[++i] ?? 0
      if (second >= 0xa1) common++
    }
  return common * 2 >= pairs
}

const westernOf = (samples: readonly Uint8Array[]): Encoding | undefined => {
  const high = samples.flatMap(sample => [...sample].filter(isHigh))
  if (high.every(byte => byte >= 0x80 && byte <= 0xa5)) return 'cp850'
  return high.every(byte => byte >= 0xc0) ? 'iso-8859-1' : undefined
}

const readingsOf = (sample: Uint8Array): Reading[] =>
  encodings
    .filter(encoding => encoding !== 'ascii')
    .map(encoding => ({ encoding, text: decode(pieceOf(sample), encoding).slice(0, 60) }))

/** A field to look at: one that holds nobody's name, where there is one. */
const pieceOf = (sample: Uint8Array): Uint8Array => {
  const pieces = Buffer.from(sample)
    .toString('latin1')
    .split('|')
    .filter(piece => /[\x80-\xff]/.test(piece))
  const piece = pieces.find(text => /(AM|AF|AJ|AN|AQ|AP)/.test(text.slice(0, 2))) ?? pieces[0] ?? ''
  return Buffer.from(piece, 'latin1')
}
