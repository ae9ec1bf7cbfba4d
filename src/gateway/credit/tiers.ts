import type { Fen } from '../../kernel/money.ts'
import type { JoinWay, PolicyPack, Tier } from './pack.ts'

/** What a reader's place in the pack depends on. */
export interface Standing {
  /** Ways the reader is admitted by now: answers that have run out and deposits paid back are not among them. */
  readonly ways: readonly JoinWay[]
  readonly balance: number
  /** Redemptions that count. */
  readonly redemptions: number
}

/** The best tier whose conditions hold; undefined for somebody who has joined by no way. */
export const tierOf = ({ ways, balance }: Standing, pack: PolicyPack): Tier | undefined =>
  pack.tiers.find(
    tier =>
      tier.ways.some(way => ways.includes(way)) &&
      (tier.minBalance === undefined || balance >= tier.minBalance),
  )

/** What the reader may do, as orders and fees ask for it. */
export interface Allowance {
  readonly tier: { readonly id: string; readonly name: { readonly zh: string; readonly en: string } }
  readonly maxItems: number
  readonly loanDays: number
  readonly renewals: number
  readonly deliveryDiscountPercent: number
  readonly deposit: Fen
  readonly drawPriority: boolean
}

export const allowanceOf = (standing: Standing, pack: PolicyPack): Allowance | undefined => {
  const tier = tierOf(standing, pack)
  if (!tier) return undefined
  const { id, name, maxItems, ...rest } = tier
  return {
    tier: { id, name },
    maxItems: maxItems + standing.redemptions * pack.itemsPerRedemption,
    loanDays: rest.loanDays,
    renewals: rest.renewals,
    deliveryDiscountPercent: rest.deliveryDiscountPercent,
    deposit: rest.deposit,
    drawPriority: rest.drawPriority,
  }
}
