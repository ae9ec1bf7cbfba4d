import { expect, it } from 'vitest'
import { rulesOf } from '../../../src/gateway/credit/rules-page.ts'
import { hangzhou, hefei, tariffs, yangpu } from '../../../src/gateway/fees/tariffs.ts'
import { rules } from '../../../src/gateway/http/api/open.ts'
import { policy } from './harness.ts'

const limits = { itemsPerParcel: 5, openRequests: 10, pickupDays: 3 }
const page = (tariff = hangzhou) =>
  rulesOf({ libraryId: 'suzhou', policy, tariff, limits }, Date.parse('2026-11-23T00:00:00Z'))

it('shows threshold, tiers, points, fees and the consent text before any log-in, in the shape of the interface', () => {
  for (const tariff of tariffs) expect(rules.safeParse(page(tariff)).error).toBeUndefined()
  expect(page()).toMatchObject({
    threshold: { zhima: 550 },
    pack: { name: 'jincheng', from: '2020-01-01T00:00:00+08:00' },
  })
  expect(page().points.map(point => [point.rule, point.points])).toContainEqual(['overdue', -1])
})

it('says fees in words', () => {
  const zh = (tariff: typeof hangzhou) =>
    page(tariff).fees.map(fee => `${fee.direction} ${fee.name.zh} ${fee.text.zh}`)
  expect(zh(hangzhou)).toEqual([
    'borrow 快递 1–3 册 3.00 元，每多 1 册加 1.00 元',
    'return 快递 1–3 册 3.00 元，每多 1 册加 1.00 元',
    'borrow 到馆、到柜 免费',
    'return 到馆、到柜 免费',
  ])
  expect(zh(hefei)[0]).toBe('borrow 快递 每单 5.00 元；每单最多 5 册，超出自动分单')
  expect(zh(yangpu)[0]).toBe(
    'borrow 快递，同区 1–3 册 5.00 元，每多 1 册加 1.00 元；每单最多 10 册，超出自动分单',
  )
})
