import type { BlocksPatrons, EnablesPatrons, Ils } from '../../adapters/ils/ils.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import { can } from '../../kernel/power.ts'
import { type Answer, yes } from '../../kernel/problem.ts'
import type { CardControl } from '../credit/freeze.ts'
import type { Store } from '../store/db.ts'
import { enqueue } from '../store/outbox.ts'
import { patronById } from '../store/patrons.ts'
import type { Personal } from '../store/personal.ts'

/** Effects that make a card unusable in the library system, and usable again (SIP2 01, 25). */
export const cardEffects = ['card.block', 'card.enable'] as const
export type CardEffectKind = (typeof cardEffects)[number]

interface CardPayload {
  readonly patronId: string
  readonly reason: string
}

/** Writes card acts into the outbox, in the transaction that decides a freeze. */
export const cardControl = (ids: Ids, clock: Pick<Clock, 'now'>): CardControl => {
  const put =
    (kind: CardEffectKind): CardControl['enable'] =>
    async (tx, order) => {
      const reason = 'why' in order ? (order as { why: { zh: string } }).why.zh : ''
      const payload: CardPayload = { patronId: order.patronId, reason }
      await enqueue(
        tx,
        {
          libraryId: order.libraryId,
          id: ids.next(),
          orderId: null,
          lineId: null,
          kind,
          payload,
          key: `${kind}:${order.key}`,
          sequence: `card:${order.patronId}`,
          queue: `ils:${order.libraryId}`,
        },
        clock.now(),
      )
    }
  return { block: put('card.block'), enable: put('card.enable') }
}

export interface CardActParts {
  readonly store: Store
  readonly personal: Personal
  readonly ils: (libraryId: string) => Ils
}

/** Performs one card act. A library system that has no such message is left alone: the gateway keeps the freeze itself. */
export const performCardAct =
  ({ store, personal, ils }: CardActParts) =>
  async (effect: {
    readonly kind: string
    readonly libraryId: string
    readonly payload: unknown
    readonly key: string
    readonly repeated: boolean
  }): Promise<Answer<void>> => {
    const { patronId, reason } = effect.payload as CardPayload
    const patron = await patronById(store.db, effect.libraryId, patronId, personal)
    if (!patron) return yes(undefined)
    const system = ils(effect.libraryId) as Ils & Partial<BlocksPatrons & EnablesPatrons>
    const act = { key: effect.key, repeated: effect.repeated, card: patron.card() }
    if (effect.kind === 'card.block')
      return can(system, 'block') ? (system as BlocksPatrons).block({ ...act, reason }) : yes(undefined)
    return can(system, 'enable') ? (system as EnablesPatrons).enable(act) : yes(undefined)
  }
