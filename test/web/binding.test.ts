import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clothOf, setAuthor, setTitle, toneOf } from '../../src/web/base/binding.ts'

const classes = [...'ABCDEFGHIJKNOPQRSTUVXZ']

const channel = (part: number): number => {
  const share = part / 255
  return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}
/** Relative luminance after WCAG 2. */
const luminance = (red: number, green: number, blue: number): number =>
  0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue)
const parts = (hex: string): number[] => [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16))
/** The lightest tone of a cover: white at 9 % over its cloth. */
const lightest = (hex: string): number[] => parts(hex).map(part => part + (255 - part) * 0.09)

describe('the cloth of a drawn cover', () => {
  it('is another for each of the 22 classes', () => {
    expect(new Set(classes.map(clothOf)).size).toBe(22)
  })

  it('carries cream letters at 4.5 to 1 in its lightest tone', () => {
    const cream = luminance(0xfb, 0xf6, 0xea)
    for (const clc of [...classes, '?']) {
      const [red, green, blue] = lightest(clothOf(clc)) as [number, number, number]
      expect((cream + 0.05) / (luminance(red, green, blue) + 0.05)).toBeGreaterThan(4.5)
    }
  })

  it('is plain for a class that does not exist and for none', () => {
    expect(clothOf('L1')).toBe(clothOf(undefined))
    expect(clothOf(' i247.5')).toBe(clothOf('I'))
  })

  it('has the same tone for the same title, and more than one tone on a shelf', () => {
    expect(toneOf('三体')).toBe(toneOf('三体'))
    expect(new Set(['三体', '活着', '平凡的世界', '围城', '边城'].map(toneOf)).size).toBeGreaterThan(1)
  })
})

describe('a title set on a cover', () => {
  it.each([
    ['三体', ['三体']],
    ['苏州园林', ['苏州园林']],
    ['万历十五年', ['万历', '十五年']],
    ['碳交易与碳金融：企业如何迈向永续', ['碳交易', '与碳金融']],
    ['中国农村经济形势分析与预测（2023～2024）', ['中国农村', '经济形势', '分析与预测']],
    ['The Design of Everyday Things', ['The Design', 'of Everyday', 'Things']],
  ])('%s', (title, lines) => {
    expect(setTitle(title).lines).toEqual(lines)
  })

  it('never starts a line with a closing mark', () => {
    for (const line of setTitle('儿童心理学：理论、方法、应用与展望').lines)
      expect(line).not.toMatch(/^[，。：；、！？）》”’]/)
  })

  it('always fits: at most five lines, none wider than the frame', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 120, unit: 'grapheme' }), title => {
        const { lines, size } = setTitle(title)
        expect(lines.length).toBeLessThanOrEqual(5)
        expect(size).toBeGreaterThan(0)
        expect(size).toBeLessThan(30)
      }),
    )
  })

  it('keeps every character of a title that is not cut short', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...'天地玄黄宇宙洪荒日月盈昃'), { minLength: 1, maxLength: 20 }),
        characters => {
          expect(setTitle(characters.join('')).lines.join('')).toBe(characters.join(''))
        },
      ),
    )
  })
})

describe('an author on a cover', () => {
  it('is the first of several, cut when long', () => {
    expect(setAuthor('费孝通；王同惠')).toBe('费孝通')
    expect(setAuthor('中国社会科学院语言研究所')).toBe('中国社会科学院语…')
  })
})
