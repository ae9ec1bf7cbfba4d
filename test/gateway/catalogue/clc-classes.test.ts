import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { clcClasses, divisionOf } from '../../../src/gateway/catalogue/clc-classes.ts'
import { clcRange } from '../../../src/gateway/catalogue/text.ts'

it('has 22 main classes, and each division belongs to the class it begins with', () => {
  expect(
    clcClasses
      .filter(c => c.parent === undefined)
      .map(c => c.code)
      .join(''),
  ).toBe('ABCDEFGHIJKNOPQRSTUVXZ')
  for (const { code, parent } of clcClasses) if (parent) expect(code.startsWith(parent), code).toBe(true)
})

it('has every class once, with a name in both languages', () => {
  const keys = clcClasses.flatMap(c => clcRange(c.code))
  expect(new Set(keys).size).toBe(keys.length)
  for (const { code, zh, en } of clcClasses) {
    expect(zh, code).toMatch(/\p{Script=Han}/u)
    expect(en, code).toMatch(/[a-z]/i)
  }
})

it.each([
  ['I247.55', 'I2'],
  ['I561.84', 'I3/7'],
  ['TP391.41', 'TP'],
  ['B-4', 'B-4'],
  ['B842.6', 'B84'],
  ['F490.5', 'F49'],
  ['F407', 'F4'],
  ['D35', 'D33/37'],
  ['DF418', 'DF'],
  ['J292.1', 'J29'],
  ['I', undefined],
  ['B85', undefined],
])('files %s in %s', (number, division) => {
  expect(divisionOf(number)).toBe(division)
})

const csv = new URL('../../../../shared/data/clc/clc.csv', import.meta.url)
if (!existsSync(csv)) console.log('skipped: the CLC table ../shared/data/clc is not there')

it.skipIf(!existsSync(csv))('agrees with the reference table, code by code', () => {
  const listed = readFileSync(csv, 'utf8')
    .split(/\r?\n/)
    .slice(1)
    .filter(line => line !== '')
    .map(line => {
      const [code, , parent, zh] = line.split(',')
      return [code, parent === '' ? undefined : parent, zh]
    })
  expect(clcClasses.map(c => [c.code, c.parent, c.zh])).toEqual(listed)
})
