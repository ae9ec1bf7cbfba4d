import type { Millis } from '../../kernel/clock.ts'
import { toYuan } from '../../kernel/money.ts'
import type { Words } from '../../kernel/problem.ts'
import type { Tariff, TariffLine, Zone } from '../fees/tariff.ts'
import type { RulesJson } from '../http/api/open.ts'
import type { LibraryPolicy } from './accounts.ts'
import { consentText } from './consents.ts'
import { parseDay, startOf } from './days.ts'
import { packAt } from './pack.ts'
import { iso } from './reading.ts'

export interface RulesQuestion {
  readonly libraryId: string
  readonly policy: LibraryPolicy
  readonly tariff: Tariff
  readonly limits: RulesJson['limits']
}

/** What everyone may read before any log-in: threshold, ways, tiers, points, fees. */
export const rulesOf = ({ libraryId, policy, tariff, limits }: RulesQuestion, now: Millis): RulesJson => {
  const { packs, zone } = policy
  const pack = packAt(packs, now, zone)
  return {
    libraryId,
    pack: { name: pack.name, version: pack.version, from: iso(startOf(parseDay(pack.from), zone), zone) },
    threshold: pack.threshold,
    waysToJoin: pack.ways,
    tiers: pack.tiers.map(tier => ({
      id: tier.id,
      name: tier.name,
      condition: tier.condition,
      maxItems: tier.maxItems,
      loanDays: tier.loanDays,
      renewals: tier.renewals,
      deliveryDiscountPercent: tier.deliveryDiscountPercent,
      deposit: tier.deposit,
    })),
    points: [
      ...pack.points.map(({ rule, name, points, limit }) => ({ rule, name, points, limit })),
      {
        rule: 'freeze',
        name: {
          zh: `信用分低于 ${pack.freeze.below}：暂停借阅 ${pack.freeze.days} 天`,
          en: `Points below ${pack.freeze.below}: borrowing paused for ${pack.freeze.days} days`,
        },
        points: 0,
        limit: null,
      },
    ],
    fees: [
      ...tariff.lines.map(line => ({
        direction: line.direction,
        name: zoneNames[line.zone],
        text: feeText(line),
      })),
      ...(['borrow', 'return'] as const).map(direction => ({ direction, name: pickUp, text: freeOfCharge })),
    ],
    limits,
    consent: { textVersion: consentText.version, text: consentText.text },
  }
}

const zoneNames: Readonly<Record<Zone, Words>> = {
  'same-district': { zh: '快递，同区', en: 'Courier, same district' },
  'same-city': { zh: '快递，同城', en: 'Courier, same city' },
  'same-province': { zh: '快递，同省', en: 'Courier, same province' },
  anywhere: { zh: '快递', en: 'Courier' },
}
const pickUp: Words = { zh: '到馆、到柜', en: 'Branch or locker' }
const freeOfCharge: Words = { zh: '免费', en: 'free' }

/** `1–3 册 3.00 元，每多 1 册加 1.00 元；每单最多 10 册，超出自动分单` */
const feeText = (line: TariffLine): Words => {
  const base = toYuan(line.basePrice)
  const more = toYuan(line.perFurtherItem)
  const cap = line.maxItemsPerOrder
  const counted = line.perFurtherItem > 0 || cap !== line.includedItems
  const range = line.includedItems === 1 ? '1' : `1–${line.includedItems}`
  return {
    zh: [
      counted ? `${range} 册 ${base} 元` : `每单 ${base} 元`,
      line.perFurtherItem > 0 ? `，每多 1 册加 ${more} 元` : '',
      cap === null ? '' : `；每单最多 ${cap} 册，超出自动分单`,
    ].join(''),
    en: [
      counted ? `CNY ${base} for ${range} items` : `CNY ${base} an order`,
      line.perFurtherItem > 0 ? `, CNY ${more} for each further one` : '',
      cap === null ? '' : `; at most ${cap} items an order, more are split`,
    ].join(''),
  }
}
