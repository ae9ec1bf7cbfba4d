import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  apart,
  clcKey,
  clcRange,
  fold,
  phrases,
  titleKey,
  words,
} from '../../../src/gateway/catalogue/text.ts'

it.each([
  ['三体', ['三体', '体']],
  ['三体问题', ['三体', '体问', '问题', '题']],
  ['哈利·波特', ['哈利', '利波', '波特', '特']],
  ['评说 鼓励', ['评说', '说鼓', '鼓励', '励']],
  [`评说${apart}鼓励`, ['评说', '说', '鼓励', '励']],
  ['C语言程序', ['c', '语言', '言程', '程序', '序']],
  ['ＪＡＶＡ编程 第2版', ['java', '编程', '程第', '第', '2', '版']],
  ["l'École française", ['l', 'ecole', 'francaise']],
  ['ハリー・ポッター', ['ハリ', 'リー', 'ーポ', 'ポッ', 'ッタ', 'ター', 'ー']],
  ['𠮷野家', ['𠮷野', '野家', '家']],
  ['！？——…', []],
])('cuts %s into words', (text, expected) => {
  expect(words(text)).toEqual(expected)
})

it.each([
  ['三体', [{ words: ['三体'], beginning: false }]],
  ['三体问', [{ words: ['三体', '体问'], beginning: false }]],
  ['体', [{ words: ['体'], beginning: true }]],
  [
    'C语言',
    [
      { words: ['c'], beginning: false },
      { words: ['语言'], beginning: false },
    ],
  ],
])('asks for %s as phrases', (text, expected) => {
  expect(phrases(text)).toEqual(expected)
})

const chinese = fc.string({
  unit: fc.constantFrom(...'中国文学史人民出版社三体番茄'),
  minLength: 1,
  maxLength: 12,
})
const mixed = fc.string({ unit: fc.constantFrom(...'中国文学史ab1 ·，"\'*():^-'), maxLength: 12 })

/** Whether the words of a text hold a phrase, as both databases look for it. */
const holds = (text: string, part: string): boolean => {
  const all = words(text)
  return phrases(part).every(({ words: wanted, beginning }) =>
    all.some((_, at) =>
      wanted.every((word, i) =>
        beginning && i === wanted.length - 1 ? all[at + i]?.startsWith(word) : all[at + i] === word,
      ),
    ),
  )
}

it('finds every piece of a Chinese text in it, and no text without it', () => {
  fc.assert(
    fc.property(chinese, fc.nat(), fc.integer({ min: 1, max: 6 }), chinese, (text, from, length, other) => {
      const start = from % text.length
      const piece = text.slice(start, start + length)
      expect(holds(text, piece)).toBe(true)
      expect(holds(other, piece)).toBe(other.includes(piece))
    }),
  )
})

it('makes words without blanks, quotes or operators, so that no text can change the shape of a query', () => {
  fc.assert(
    fc.property(fc.oneof(mixed, fc.string({ unit: 'grapheme' })), text => {
      for (const word of words(text)) expect(word).toMatch(/^[^\x00-\x2f\x3a-\x60\x7b-\x7f\s]+$/u)
    }),
  )
})

it('gives titles that differ in width, case and punctuation one key', () => {
  expect(titleKey('Ｈａｒｒｙ　Potter：哈利·波特')).toBe('harrypotter哈利波特')
  expect(titleKey('x'.repeat(99))).toHaveLength(60)
  expect(fold('Strauß CAFÉ ﬁ')).toBe('strauß cafe fi')
})

it('compares class numbers by their keys', () => {
  expect(clcKey('I247.55')).toBe('i24755')
  expect(clcKey('B-4')).toBe('bx4')
  expect(clcKey('K835.6=7')).toBe('k8356')
  expect(clcRange('D33/37')).toEqual(['d33', 'd34', 'd35', 'd36', 'd37'])
  expect(clcRange('TP3')).toEqual(['tp3'])
})
