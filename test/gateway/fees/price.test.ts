import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Price, type PriceQuestion, priceOf, withSubsidy } from '../../../src/gateway/fees/price.ts'
import { type Division, split, type Tariff, zoneOf } from '../../../src/gateway/fees/tariff.ts'
import {
  hangzhou,
  hefei,
  lujiazui,
  suzhou,
  tariffs,
  yangpu,
  yinzhou,
} from '../../../src/gateway/fees/tariffs.ts'

const none = { name: { zh: '普通', en: 'Basic' }, discountPercent: 0 }
const question = (tariff: Tariff, items: number, more: Partial<PriceQuestion> = {}): PriceQuestion => ({
  tariff,
  direction: 'borrow',
  delivery: { way: 'home', to: tariff.home },
  items,
  tier: none,
  groups: [],
  concessions: [],
  ...more,
})
const price = (asked: PriceQuestion): Price => {
  const answer = priceOf(asked)
  if (!answer.ok) throw new Error(answer.problem.code)
  return answer.value
}
const due = (tariff: Tariff, items: number, more: Partial<PriceQuestion> = {}): number =>
  price(question(tariff, items, more)).fee.due / 100
const shanghai = (code: string): Partial<PriceQuestion> => ({
  delivery: { way: 'home', to: { code, province: '上海市', city: '上海市', district: '' } },
})
const back = { direction: 'return' } as const

describe('published tariffs', () => {
  it('Hangzhou: 3 yuan for 1-3 items, 1 for each further, the same back', () => {
    for (const way of [{}, back])
      expect([1, 3, 4, 7].map(items => due(hangzhou, items, way))).toEqual([3, 3, 4, 7])
  })

  it('Yinzhou: 3 yuan there, 6 back, 1 for each further item', () => {
    expect([1, 3, 5].map(items => due(yinzhou, items))).toEqual([3, 3, 5])
    expect([1, 3, 5].map(items => due(yinzhou, items, back))).toEqual([6, 6, 8])
  })

  it.each([hefei, suzhou])('$id: 5 yuan an order of up to 5 items, there and back', tariff => {
    for (const way of [{}, back]) expect([1, 5].map(items => due(tariff, items, way))).toEqual([5, 5])
    expect(price(question(tariff, 6))).toMatchObject({ parcels: [5, 1], fee: { due: 1000 } })
  })

  it('Yangpu: 5 yuan in the district, 6 in the others, 1 for each item above 3, 10 an order', () => {
    for (const way of [{}, back]) {
      expect([3, 10].map(items => due(yangpu, items, { ...way, ...shanghai('310110') }))).toEqual([5, 12])
      expect([3, 10].map(items => due(yangpu, items, { ...way, ...shanghai('310151') }))).toEqual([6, 13])
    }
    expect(price(question(yangpu, 12, shanghai('310110')))).toMatchObject({
      parcels: [10, 2],
      fee: { due: 1700 },
    })
  })

  it('Lujiazui: 3 yuan in the district, 5 in the rest of Shanghai, 3 items an order', () => {
    for (const way of [{}, back]) {
      expect(due(lujiazui, 3, { ...way, ...shanghai('310115') })).toBe(3)
      expect(due(lujiazui, 3, { ...way, ...shanghai('310104') })).toBe(5)
    }
    expect(price(question(lujiazui, 7, shanghai('310115'))).parcels).toEqual([3, 3, 1])
  })

  it('cost nothing at a branch or a locker', () => {
    for (const tariff of tariffs)
      for (const way of ['branch', 'locker'] as const)
        expect(price(question(tariff, 20, { delivery: { way } }))).toMatchObject({
          fee: { due: 0 },
          parcels: [20],
        })
  })

  it('that end at the city say where else the books can go', () => {
    const answer = priceOf(question(yangpu, 1, { delivery: { way: 'home', to: suzhou.home } }))
    expect(answer).toMatchObject({ ok: false, problem: { kind: 'refused', code: 'address-not-served' } })
  })
})

describe('how far an address is', () => {
  const at = (province: string, city: string, district: string, code?: string): Division => ({
    province,
    city,
    district,
    ...(code === undefined ? {} : { code }),
  })
  const home = at('江苏省', '苏州市', '姑苏区', '320508')
  it.each([
    [at('江苏省', '苏州市', '姑苏区', '320508'), 'same-district'],
    [at('江苏省', '苏州市', '吴中区', '320506'), 'same-city'],
    [at('江苏省', '无锡市', '梁溪区', '320213'), 'same-province'],
    [at('上海市', '上海市', '徐汇区', '310104'), 'anywhere'],
    [at('江苏', '苏州', '姑苏'), 'same-district'],
    [at('江苏省', '苏州市', '昆山市'), 'same-city'],
    [at('江苏省', '无锡市', '姑苏区'), 'same-province'],
    [at('', '', ''), 'anywhere'],
  ])('%o is %s', (address, zone) => expect(zoneOf(address, home)).toBe(zone))

  it('is the same city all over a municipality', () => {
    expect(zoneOf(at('重庆市', '重庆市', '', '500230'), at('重庆市', '重庆市', '', '500103'))).toBe(
      'same-city',
    )
  })
})

describe('what is taken off', () => {
  const disabled = {
    id: 'disabled',
    name: { zh: '残障读者免运费', en: 'Free for disabled readers' },
    groups: ['disabled'],
    percent: 100,
  } as const
  const child = {
    id: 'child',
    name: { zh: '少儿半价', en: 'Half price for children' },
    groups: ['child'],
    percent: 50,
  } as const

  it('explains itself', () => {
    const asked = question(hangzhou, 4, {
      tier: { name: { zh: '金卡读者', en: 'Gold' }, discountPercent: 25 },
      groups: ['child'],
      concessions: [disabled, child],
    })
    const fee = withSubsidy(price(asked).fee, 100, { zh: '今日补贴', en: 'Today’s subsidy' })
    expect(fee).toMatchObject({ tariff: 400, tierDiscount: 100, concession: 150, subsidy: 100, due: 50 })
    expect(fee.why.map(words => words.zh)).toEqual([
      '运费 4.00 元（4 册）',
      '金卡读者：减 1.00 元',
      '少儿半价：减 1.50 元',
      '今日补贴：减 1.00 元',
    ])
  })

  it('takes the better of two concessions', () => {
    const asked = question(hangzhou, 1, { groups: ['child', 'disabled'], concessions: [child, disabled] })
    expect(price(asked).fee.due).toBe(0)
  })

  it('always adds up, is never negative, and splitting loses no item', () => {
    const percent = fc.integer({ min: 0, max: 100 })
    fc.assert(
      fc.property(
        fc.constantFrom(...tariffs),
        fc.constantFrom('borrow' as const, 'return' as const),
        fc.integer({ min: 1, max: 40 }),
        percent,
        percent,
        fc.integer({ min: -100, max: 10_000 }),
        (tariff, direction, items, discountPercent, conceded, granted) => {
          const asked = question(tariff, items, {
            direction,
            tier: { ...none, discountPercent },
            groups: ['elderly'],
            concessions: [{ ...child, groups: ['elderly'], percent: conceded }],
          })
          const { fee: before, parcels } = price(asked)
          const fee = withSubsidy(before, granted, none.name)
          expect(fee.due).toBe(fee.tariff - fee.tierDiscount - fee.concession - fee.subsidy)
          for (const part of [fee.tariff, fee.tierDiscount, fee.concession, fee.subsidy, fee.due]) {
            expect(part).toBeGreaterThanOrEqual(0)
            expect(Number.isInteger(part)).toBe(true)
          }
          expect(parcels.reduce((sum, parcel) => sum + parcel, 0)).toBe(items)
          const cap = tariff.lines[0]!.maxItemsPerOrder ?? Infinity
          for (const parcel of parcels) expect(parcel).toBeLessThanOrEqual(cap)
        },
      ),
    )
  })

  it('splits any list into groups that are the list again', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.option(fc.integer({ min: 0, max: 9 })), (items, max) => {
        expect(split(items, max).flat()).toEqual(items)
      }),
    )
  })
})
