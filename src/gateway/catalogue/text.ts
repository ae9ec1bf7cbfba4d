/**
 * How texts become search words. Chinese has no blanks between words, so each pair of neighbouring characters is a
 * word of its own: `三体问题` -> `三体 体问 问题 题`. A Chinese word of two characters is one look-up, a longer one a
 * phrase, a single character the beginning of a word. Everything else is cut at what is neither letter nor digit.
 */

const accented = /[\u00c0-\u024f\u1e00-\u1eff]|[\u0300-\u036f]/
/** Everything else has but one form, apart from the case of Latin letters. */
const manyForms = /[^\x00-\x7f\u4e00-\u9fff]/

/** One form for full and half width, upper and lower case, with and without accents. */
export const fold = (text: string): string => {
  if (!manyForms.test(text)) return text.toLowerCase()
  const folded = text.normalize('NFKC').toLowerCase()
  return accented.test(folded)
    ? folded
        .normalize('NFD')
        .replace(/[\u0300-\u036f]/g, '')
        .normalize('NFC')
    : folded
}

/** Han, kana, bopomofo, hangul, Yi: what is written without blanks, or nearly so; not the marks among them. */
const isPaired = (code: number): boolean =>
  code >= 0x2e80 && (code < 0xd7b0 ? !isMark(code) : isLaterPaired(code))

const isMark = (code: number): boolean =>
  code >= 0x3000 &&
  code <= 0x30fb &&
  (code <= 0x3004 || (code >= 0x3008 && code <= 0x3020) || code === 0x3030 || code === 0x30fb)

const isLaterPaired = (code: number): boolean =>
  (code >= 0xf900 && code <= 0xfaff) || (code >= 0x20000 && code <= 0x3ffff)

const isAsciiWord = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39)

const otherLetter = /[\p{L}\p{N}]/u
const isWord = (code: number, char: string): boolean =>
  isAsciiWord(code) || (code > 0x7f && otherLetter.test(char))

/** Ends every word: put between texts that must not run into each other. */
export const apart = '\n'

/**
 * The search words of a text, in order, with blanks between them. Chinese characters are neighbours across blanks
 * and punctuation (`哈利·波特` is found as `哈利波特`), but not across `apart`.
 */
export const wordText = (text: string): string => {
  let found = ''
  let before = ''
  let word = ''
  const folded = fold(text)
  for (let at = 0; at < folded.length; ) {
    const code = folded.codePointAt(at)!
    const char = code > 0xffff ? folded.slice(at, at + 2) : folded[at]!
    at += char.length
    if (isPaired(code)) {
      if (word) found += `${word} `
      word = ''
      if (before) found += `${before}${char} `
      before = char
    } else if (isWord(code, char)) {
      if (before) found += `${before} `
      before = ''
      word += char
    } else {
      if (word) found += `${word} `
      word = ''
      if (char !== apart) continue
      if (before) found += `${before} `
      before = ''
    }
  }
  return found + (word || before)
}

/** The same as a list. */
export const words = (text: string): string[] =>
  wordText(text)
    .split(' ')
    .filter(word => word !== '')

/** A run of words to be found in that order, or, for a single Chinese character, the beginning of one. */
export interface Phrase {
  readonly words: readonly string[]
  readonly beginning: boolean
}

/** What a query without blanks asks for: each is to be found, in any order. */
export const phrases = (part: string): Phrase[] => {
  const found: Phrase[] = []
  let run: string[] = []
  const endRun = (): void => {
    // The last word of a run is its last character alone: in a longer text another character follows it.
    if (run.length > 1) found.push({ words: run.slice(0, -1), beginning: false })
    else if (run.length === 1) found.push({ words: run, beginning: true })
    run = []
  }
  for (const word of words(part)) {
    if (!isPaired(word.codePointAt(0)!)) {
      endRun()
      found.push({ words: [word], beginning: false })
      continue
    }
    run.push(word)
    if (isSingle(word)) endRun()
  }
  endRun()
  return found
}

const isSingle = (word: string): boolean =>
  word.length === 1 || (word.length === 2 && word.codePointAt(0)! > 0xffff)

/** Titles that differ only in case, width, blanks or punctuation have the same key of up to 60 characters. */
export const titleKey = (title: string): string => {
  const folded = fold(title)
  const bare = plain.test(folded) ? folded : folded.replace(/[^\p{L}\p{N}]/gu, '')
  return bare.length > 60 ? bare.slice(0, 60) : bare
}

const plain = /^[a-z0-9\u4e00-\u9fff]*$/

/** A class number for comparing beginnings: `I247.55` -> `i24755`, `B-4` -> `bx4`, `K835.6=7` -> `k8356`. */
export const clcKey = (clc: string): string =>
  (/^[a-z0-9.-]*/.exec(clc.toLowerCase())?.[0] ?? '').replaceAll('.', '').replaceAll('-', 'x').slice(0, 10)

/** The keys of all numbers that a class stands for: `I3/7` -> `i3`, `i4` .. `i7`. */
export const clcRange = (code: string): string[] => {
  const range = /^([A-Z]+)([0-9]+)\/([0-9]+)$/i.exec(code)
  if (!range) return [clcKey(code)]
  const [, letters = '', from = '', to = ''] = range
  const keys: string[] = []
  for (let n = Number(from); n <= Number(to); n++) keys.push(clcKey(letters + n))
  return keys
}
