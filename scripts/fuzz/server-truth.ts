import iconv from 'iconv-lite'
import type { Encoding } from '../../src/adapters/ils/sip2/encodings.ts'
import type { Deed } from './server-world.ts'
import { must } from './target.ts'

/**
 * When something may be carried out, said once more without the server's own code: a line that was whole, with a
 * right sum where it has one, of a machine that has logged in, and not the one just served.
 */
export class Truth {
  readonly #encoding: Encoding
  readonly #required: boolean
  #loggedIn = false
  /** A right sum has been seen: from now on there must be one. */
  #detecting = false
  #last = ''

  constructor(encoding: Encoding, required: boolean) {
    this.#encoding = encoding
    this.#required = required
  }

  /** Looks at what a line has brought about. `served`: it was carried out, not answered from memory. */
  judge(line: Uint8Array, deeds: readonly Deed[], served: boolean): void {
    const text = iconv
      .decode(Buffer.from(line), this.#encoding, { stripBOM: false })
      .replace(/^[ \0\r\n]+/, '')
    const tail = /AY(\d)AZ([0-9A-Fa-f]{1,4}) *$/.exec(text)
    if (deeds.length > 0) {
      must(this.#loggedIn, `${what(deeds)} before a log-in`)
      const needed = this.#required || this.#detecting
      must(!needed || /AZ[0-9A-Fa-f]{1,4} *$/.test(text), `${what(deeds)} without a sum`)
      if (tail) must(this.#isRight(line, text, tail[2]!), `${what(deeds)} with a wrong sum`)
      must(/^\d\d/.test(text), `${what(deeds)} by what is no command`)
      must(tail === null || text !== this.#last, `${what(deeds)} twice by the same message`)
      for (const { card, barcode } of deeds) this.#named(text, card, barcode)
      const acts = deeds.filter(deed => !deed.what.startsWith('tell'))
      must(acts.length <= 1 || text.startsWith('65'), `${acts.length} acts by one message`)
    }
    if (served) this.#last = text
    // What cannot be read (a NUL inside) shows nothing.
    const readable = /^\d\d[^\0]*$/.test(text)
    if (tail && readable && this.#isRight(line, text, tail[2]!)) this.#detecting = true
    if (/^9300/.test(text) && /CNhall\|/.test(text) && /COopen sesame(\||$|AY)/.test(text))
      this.#loggedIn = true
  }

  /** What was lent or returned was named in the line, as the value of a field. */
  #named(text: string, card: string | undefined, barcode: string | undefined): void {
    if (barcode)
      must(
        text.includes(`AB${barcode}`) || text.includes(`AB ${barcode}`) || loose(text, barcode),
        `item ${barcode} out of nowhere`,
      )
    if (card) must(text.includes(`AA${card}`) || loose(text, card), `card ${card} out of nowhere`)
  }

  #isRight(line: Uint8Array, text: string, digits: string): boolean {
    const bytes = trimmed(line)
    const blanks = / *$/.exec(text)![0].length
    const upto = bytes.length - digits.length - blanks
    const value = Number.parseInt(digits, 16)
    let sum = value
    for (let i = 0; i < upto; i++) sum += bytes[i]!
    if (sum % 65_536 === 0) return true
    const units = text.slice(0, text.length - digits.length - blanks)
    const total = (part: string): number =>
      [...Array(part.length).keys()].reduce((all, i) => all + part.charCodeAt(i), value)
    if (total(units) % 65_536 === 0) return true
    const bare = units.replace(/AY4AZ$/, '')
    return total(bare) % 65_536 === 0 || total(bare.replace(/\|$/, '')) % 65_536 === 0
  }
}

const loose = (text: string, value: string): boolean => plain(text).includes(plain(value).trim())

const plain = (text: string): string => text.replaceAll(/\s+/g, ' ')

const what = (deeds: readonly Deed[]): string => deeds.map(deed => deed.what).join(', ')

const trimmed = (line: Uint8Array): Uint8Array => {
  let from = 0
  while (from < line.length && [0, 10, 13, 32].includes(line[from]!)) from++
  return line.subarray(from)
}
