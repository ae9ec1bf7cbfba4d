import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isbn13 } from '../../src/kernel/isbn.ts'

it.each([
  ['978-7-5366-9293-0', '9787536692930'],
  ['7-5037-2790-X', '9787503727900'],
  ['7-5037-2790-x (精装)', '9787503727900'],
  ['ISBN 978 7 04 010937 5', '9787040109375'],
  ['９７８７０４０１０９３７５', '9787040109375'],
  ['978—7—04—010937—5', '9787040109375'],
  ['0253325528 (alk. paper)', '9780253325525'],
  ['7100011329 :', '9787100011327'],
])('reads %s', (text, isbn) => {
  expect(isbn13(text)).toBe(isbn)
})

it.each(['978-7-5366-9293-1', '7-5037-2790-1', '9797536692930123', '12345', 'CNY23.00', '', '9777536692933'])(
  'does not take %s for one',
  text => {
    expect(isbn13(text)).toBeUndefined()
  },
)

it('takes no number for one of which a single digit was changed', () => {
  const nine = fc.integer({ min: 0, max: 999_999_999 }).map(n => String(n).padStart(9, '0'))
  fc.assert(
    fc.property(nine, fc.nat(11), fc.integer({ min: 1, max: 9 }), (digits, place, by) => {
      const right = [...'0123456789']
        .map(check => `978${digits}${check}`)
        .filter(n => isbn13(n) !== undefined)
      expect(right).toHaveLength(1)
      const changed = [...right[0]!]
      changed[place] = String((Number(changed[place]) + by) % 10)
      expect(isbn13(changed.join(''))).toBeUndefined()
    }),
  )
})
