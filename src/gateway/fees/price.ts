import { type Fen, toYuan } from '../../kernel/money.ts'
import { type Answer, no, refused, type Words, yes } from '../../kernel/problem.ts'
import type { FeeBreakdown } from '../orders/order.ts'
import { type Direction, type Division, lineFor, linePrice, split, type Tariff, zoneOf } from './tariff.ts'

/** Readers with a right to a lower fee: children, disabled, elderly, rural (clause 6.1.4). */
export const readerGroups = ['child', 'disabled', 'elderly', 'rural'] as const
export type ReaderGroup = (typeof readerGroups)[number]

export interface Concession {
  readonly id: string
  readonly name: Words
  readonly groups: readonly ReaderGroup[]
  /** 100: free. */
  readonly percent: number
}

export interface PriceQuestion {
  readonly tariff: Tariff
  readonly direction: Direction
  readonly delivery: { readonly way: 'home'; readonly to: Division } | { readonly way: 'branch' | 'locker' }
  readonly items: number
  readonly tier: { readonly name: Words; readonly discountPercent: number }
  readonly groups: readonly ReaderGroup[]
  readonly concessions: readonly Concession[]
}
export interface Price {
  readonly fee: FeeBreakdown
  /** Items of each parcel; what exceeds a parcel goes into another one. */
  readonly parcels: readonly number[]
}

const free: Words = {
  zh: '到馆、到柜取还免运费。',
  en: 'Collecting and returning at a branch or locker is free.',
}

/**
 * What an order costs before a subsidy, each part with its reason. Refused only where the tariff does not reach
 * the address at all: a branch or a locker remains.
 */
export const priceOf = (question: PriceQuestion): Answer<Price> => {
  const { tariff, direction, delivery, items } = question
  if (delivery.way !== 'home') return yes({ fee: nothing([free]), parcels: items > 0 ? [items] : [] })
  const line = lineFor(tariff, direction, zoneOf(delivery.to, tariff.home))
  if (!line) return no(outOfReach)
  const parcels = split(Array.from({ length: items }), line.maxItemsPerOrder).map(parcel => parcel.length)
  const full = parcels.reduce((sum, parcel) => sum + linePrice(line, parcel), 0)
  const tierDiscount = share(full, question.tier.discountPercent)
  const concession = bestOf(question.concessions, question.groups)
  const conceded = share(full - tierDiscount, concession?.percent ?? 0)
  return yes({
    parcels,
    fee: {
      tariff: full,
      tierDiscount,
      concession: conceded,
      subsidy: 0,
      due: full - tierDiscount - conceded,
      why: [
        tariffWords(full, items, parcels.length),
        ...(tierDiscount > 0 ? [lessWords(question.tier.name, tierDiscount)] : []),
        ...(concession && conceded > 0 ? [lessWords(concession.name, conceded)] : []),
      ],
    },
  })
}

/** The fee with what a subsidy pool granted; never more than was due. */
export const withSubsidy = (fee: FeeBreakdown, granted: Fen, pool: Words): FeeBreakdown => {
  const subsidy = Math.min(Math.max(0, granted), fee.due)
  if (subsidy === 0) return fee
  return {
    ...fee,
    subsidy: fee.subsidy + subsidy,
    due: fee.due - subsidy,
    why: [...fee.why, lessWords(pool, subsidy)],
  }
}

const share = (amount: Fen, percent: number): Fen =>
  Math.floor((amount * Math.min(100, Math.max(0, percent))) / 100)

const bestOf = (concessions: readonly Concession[], groups: readonly ReaderGroup[]): Concession | undefined =>
  concessions
    .filter(concession => concession.groups.some(group => groups.includes(group)))
    .sort((a, b) => b.percent - a.percent)[0]

const nothing = (why: readonly Words[]): FeeBreakdown => ({
  tariff: 0,
  tierDiscount: 0,
  concession: 0,
  subsidy: 0,
  due: 0,
  why,
})

const tariffWords = (amount: Fen, items: number, parcels: number): Words => ({
  zh: `运费 ${toYuan(amount)} 元（${items} 册${parcels > 1 ? `，分 ${parcels} 个包裹` : ''}）`,
  en: `Postage CNY ${toYuan(amount)} (${items} items${parcels > 1 ? ` in ${parcels} parcels` : ''})`,
})
const lessWords = (name: Words, amount: Fen): Words => ({
  zh: `${name.zh}：减 ${toYuan(amount)} 元`,
  en: `${name.en}: less CNY ${toYuan(amount)}`,
})
const outOfReach = refused('address-not-served', {
  zh: '这个地址不在本馆送书范围内，可改为到馆或到柜取书。',
  en: 'This library does not deliver to that address; choose a branch or a locker instead.',
})
