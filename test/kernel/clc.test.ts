import { expect, it } from 'vitest'
import { clcNumber } from '../../src/kernel/clc.ts'

it.each([
  ['I247.55', 'I247.55'],
  [' tp391.41 ', 'TP391.41'],
  ['F124/26', 'F124'],
  ['R473.59；R598.209', 'R473.59'],
  ['{H319.4}', 'H319.4'],
  ['K835.615.6=6', 'K835.615.6=6'],
  ['B-4', 'B-4'],
  ['DF418', 'DF418'],
  ['I', 'I'],
])('reads %s', (text, number) => {
  expect(clcNumber(text)).toBe(number)
})

it.each(['PL2865.H3', '873.57', 'W99', 'LB1025', 'TX652', 'QA76.73', '', 'İ247'])('refuses %s', text => {
  expect(clcNumber(text)).toBeUndefined()
})
