import { describe, expect, it } from 'vitest'
import { lineSetupEn } from '../../src/web/i18n/line-setup-en.ts'
import { lineSetupZh } from '../../src/web/i18n/line-setup-zh.ts'
import { readAddresses, writeAddresses } from '../../src/web/staff/board-addresses.ts'

describe('addresses of boards', () => {
  it('are read as people write them, and refused where they lead outside', () => {
    expect(readAddresses('1-4, 7，9', 0, 14)).toEqual([1, 2, 3, 4, 7, 9])
    expect(readAddresses('3 3 3', 0, 14)).toEqual([3])
    for (const wrong of ['', '0-4', '5-3', '1-99', 'eins', '1.5'])
      expect(readAddresses(wrong, 1, 32)).toBeUndefined()
    expect(readAddresses('0-64', 0, 255)).toBeUndefined()
  })

  it('are written short', () => {
    expect(writeAddresses([3, 1, 2, 7])).toBe('1-3, 7')
    expect(writeAddresses([])).toBe('')
  })
})

it('the set-up says everything in both languages', () => {
  const leaves = (of: object, at = ''): readonly [string, unknown][] =>
    Object.entries(of).flatMap(([key, value]) =>
      typeof value === 'object' ? leaves(value, `${at}${key}.`) : [[`${at}${key}`, value] as const],
    )
  const [zh, en] = [leaves(lineSetupZh), leaves(lineSetupEn)]
  expect(en.map(([key]) => key)).toEqual(zh.map(([key]) => key))
  expect(en.filter(([, text]) => /[一-鿿]/.test(String(text)))).toEqual([])
})
