import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toCsv } from '../../src/reports/csv.ts'
import { Distribution } from '../../src/reports/distribution.ts'

describe('a distribution', () => {
  it('has no quantiles while it is empty', () => {
    expect([new Distribution().quantile(0.5), new Distribution().max]).toEqual([null, null])
  })
  it('is within 0.1 % of the nearest rank, however many values came', () => {
    const values = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.9, 0.95, 1), fc.boolean(), (some, q, many) => {
        const all = many ? Array.from({ length: Math.ceil(5001 / some.length) }, () => some).flat() : some
        const distribution = new Distribution()
        for (const value of all) distribution.add(value)
        const exact = [...all].sort((a, b) => a - b)[Math.max(1, Math.ceil(q * all.length)) - 1]!
        expect(Math.abs(distribution.quantile(q)! - exact)).toBeLessThanOrEqual(exact * 0.001)
      }),
      { numRuns: 60 },
    )
  })
})

describe('CSV', () => {
  it('quotes what must be quoted and disarms formulas', () => {
    expect(
      toCsv(
        ['题名', 'n'],
        [
          ['他说"好",走了', 1],
          ['=1+1', null],
        ],
      ),
    ).toBe('\uFEFF题名,n\r\n"他说""好"",走了",1\r\n\'=1+1,\r\n')
  })
})
