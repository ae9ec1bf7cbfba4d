import type { Clock } from '../../kernel/clock.ts'
import type { Fen } from '../../kernel/money.ts'
import { orThrow, type Words, yes } from '../../kernel/problem.ts'
import type { Credit } from '../credit/credit.ts'
import { charge, refund } from '../fees/charges.ts'
import { confirm, type GrantRequest, giveBack, onOffer, type Pool, reserve, shrink } from '../fees/pools.ts'
import { priceOf, withSubsidy } from '../fees/price.ts'
import type { Division, Tariff } from '../fees/tariff.ts'
import type { Libraries } from '../libraries.ts'
import type { FeeBreakdown } from '../orders/order.ts'
import type { FeeAsk, Fees } from '../orders/ports.ts'
import type { Db, Store } from '../store/db.ts'

export interface FeeParts {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly libraries: Libraries
  readonly credit: Pick<Credit, 'allowanceOf'>
  /** Where an address is; undefined for one that is gone. */
  readonly address: (db: Db, libraryId: string, addressId: string) => Promise<Division | undefined>
  /** Throws for an unknown name. */
  readonly tariff: (name: string) => Tariff
  readonly poolOf: (libraryId: string) => Pool | undefined
}

const noTier: Words = { zh: '未加入', en: 'not joined' }
const borrowing: Words = { zh: '送书运费', en: 'Delivery' }
const notSent: Words = { zh: '没有寄出', en: 'Nothing was sent' }
const notArrived: Words = { zh: '没有送到', en: 'It never arrived' }

/** Key of an order's grant of subsidy: one for ever. */
const grantKey = (orderId: string): string => `order:${orderId}`

/** Tariff, tier, subsidy and account of an order, as the orders see them. Settling and giving back happen once. */
export const bindFees = (parts: FeeParts): Fees => {
  const { store, clock, libraries } = parts
  const price = async (db: Db, ask: FeeAsk): Promise<FeeBreakdown> => {
    const library = libraries.get(ask.libraryId)
    const allowance = await parts.credit.allowanceOf(db, ask)
    const tariff = { ...parts.tariff(library.tariff), home: library.region }
    const delivery =
      ask.delivery.way === 'home'
        ? {
            way: 'home' as const,
            to: (await parts.address(db, ask.libraryId, ask.delivery.addressId)) ?? nowhere,
          }
        : { way: ask.delivery.way }
    const answer = priceOf({
      tariff,
      direction: 'borrow',
      delivery,
      items: ask.items,
      tier: {
        name: allowance?.tier.name ?? noTier,
        discountPercent: allowance?.deliveryDiscountPercent ?? 0,
      },
      groups: [],
      concessions: [],
    })
    return orThrow(answer).fee
  }
  const subsidised = async (
    fee: FeeBreakdown,
    ask: FeeAsk,
    grant: (request: Omit<GrantRequest, 'key'>) => Promise<Fen>,
  ): Promise<FeeBreakdown> => {
    const pool = parts.poolOf(ask.libraryId)
    if (!pool || fee.due === 0) return fee
    const { zone } = libraries.get(ask.libraryId)
    const { libraryId, patronId } = ask
    return withSubsidy(fee, await grant({ libraryId, patronId, pool, zone, wanted: fee.due }), pool.name)
  }
  return {
    quote: async (db, ask) => subsidised(await price(db, ask), ask, request => onOffer(db, request, ask.at)),
    decide: async (tx, ask) =>
      subsidised(await price(tx, ask), ask, request =>
        reserve(tx, { ...request, key: grantKey(ask.orderId) }, ask.at),
      ),
    settle: async ({ order, items, itemsAsked }) => {
      const fee = byItems(order.fee, libraries.get(order.libraryId).policy.partlyFilledFee, items, itemsAsked)
      const { libraryId, id: orderId, patronId } = order
      await store.tx(async tx => {
        await shrink(tx, libraryId, grantKey(orderId), fee.subsidy)
        await confirm(tx, libraryId, grantKey(orderId))
        await charge(
          tx,
          { libraryId, orderId, patronId, key: `${orderId}:borrow`, fee, reason: borrowing },
          clock.now(),
        )
      })
      return yes(undefined)
    },
    refund: async ({ key, order, reason }) => {
      const why = reason === 'not-dispatched' ? notSent : notArrived
      const { libraryId, id: orderId } = order
      await store.tx(tx => refund(tx, { libraryId, orderId, key, amount: 'all', reason: why }, clock.now()))
      return yes(undefined)
    },
    releaseQuota: async ({ order }) => {
      await store.tx(tx => giveBack(tx, order.libraryId, grantKey(order.id)))
      return yes(undefined)
    },
  }
}

const nowhere = { province: '', city: '', district: '' }

/** Of an order that was filled in part, its share of every component; the rest of a fen is the reader's. */
const byItems = (
  fee: FeeBreakdown,
  rule: 'same' | 'by-items',
  items: number,
  asked: number,
): FeeBreakdown => {
  if (rule === 'same' || items >= asked || asked === 0) return fee
  const part = (amount: number): number => Math.floor((amount * items) / asked)
  const tariff = part(fee.tariff)
  const tierDiscount = part(fee.tierDiscount)
  const concession = part(fee.concession)
  const subsidy = part(fee.subsidy)
  return {
    tariff,
    tierDiscount,
    concession,
    subsidy,
    due: Math.max(0, tariff - tierDiscount - concession - subsidy),
    why: [
      ...fee.why,
      {
        zh: `只找到 ${items}/${asked} 册，按册收取`,
        en: `${items} of ${asked} items found: charged for those`,
      },
    ],
  }
}
