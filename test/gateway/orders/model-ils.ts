import type {
  Act,
  CheckinReceipt,
  CheckinRequest,
  CheckoutRequest,
  HoldReceipt,
  HoldRequest,
  Ils,
  IlsHealth,
  IlsItem,
  IlsPatron,
  LoanReceipt,
  PatronBlock,
  PatronQuery,
  RenewRequest,
} from '../../../src/adapters/ils/ils.ts'
import type { Clock } from '../../../src/kernel/clock.ts'
import { type Answer, no, type Problem, refused, unreachable, yes } from '../../../src/kernel/problem.ts'

/** What the network does to one call: nothing, lose it on the way there, lose the answer, or be certainly away. */
export type Luck = 'fine' | 'lost-before' | 'lost-after' | 'away'

interface ModelItem {
  readonly barcode: string
  readonly title: string
  loan: { card: string; due: number; renewals: number; usedHold?: boolean } | null
  holds: string[]
  /** Set by the library's own staff. */
  mark: 'none' | 'missing'
}

const day = 86_400_000
const words = (zh: string) => ({ zh, en: zh })
const away = unreachable('ils-down', words('连接不上'))
const lost: Problem = unreachable('ils-no-answer', words('没有答复'), { maybeDone: true })
const refusal = (code: string, text: string): Problem => refused(code, words(text), { their: { text } })

/**
 * A library system in memory with the rules of a real one. It lives outside the gateway: it survives its crashes. Every
 * act that changes something is written down, so that a test can count.
 */
export class ModelIls implements Ils {
  readonly name: string
  readonly items = new Map<string, ModelItem>()
  readonly patrons = new Map<string, { blocks: PatronBlock[]; valid: boolean }>()
  /** Acts that changed the library's books: `checkout R1 B1`. */
  readonly done: string[] = []
  luck: () => Luck = () => 'fine'
  loanDays = 30
  maxRenewals = 2
  takesHolds = true
  readonly #clock: Clock

  constructor(name: string, clock: Clock) {
    this.name = name
    this.#clock = clock
  }

  addItem(barcode: string, title: string): void {
    this.items.set(barcode, { barcode, title, loan: null, holds: [], mark: 'none' })
  }
  addPatron(card: string, blocks: PatronBlock[] = []): void {
    this.patrons.set(card, { blocks, valid: true })
  }

  async patron({ card }: PatronQuery): Promise<Answer<IlsPatron>> {
    return this.#ask(() => {
      const patron = this.patrons.get(card)
      const charged = [...this.items.values()].filter(i => i.loan?.card === card).map(i => i.barcode)
      return yes({
        card,
        name: '读者',
        valid: patron?.valid ?? false,
        pinValid: null,
        blocks: patron?.blocks ?? [],
        counts: { charged: charged.length },
        limits: {},
        owed: 0,
        items: charged,
        itemsAre: 'barcode',
        messages: [],
      })
    })
  }

  async item(barcode: string): Promise<Answer<IlsItem>> {
    return this.#ask(() => {
      const item = this.items.get(barcode)
      if (!item) return no(refusal('item-unknown', '没有这本书'))
      return yes({
        barcode,
        title: item.title,
        status: item.loan ? 'charged' : item.mark === 'missing' ? 'missing' : 'available',
        holdQueue: item.holds.length,
        messages: [],
        ...(item.loan ? { dueAt: item.loan.due } : {}),
      })
    })
  }

  async placeHold(act: Act & HoldRequest): Promise<Answer<HoldReceipt>> {
    return this.#act<HoldReceipt>(act, item => {
      if (act.repeated && item.holds.includes(act.card))
        return yes({ available: true, messages: [], foundDone: true })
      if (!this.takesHolds) return no(refusal('hold-refused', '不接受预约'))
      if (item.loan || item.mark === 'missing') return no(refusal('hold-refused', '这本书不在馆'))
      if (item.holds.includes(act.card)) return no(refusal('hold-refused', '已预约过'))
      item.holds.push(act.card)
      this.done.push(`hold ${act.card} ${item.barcode}`)
      return yes({ available: true, queuePosition: item.holds.length, messages: [] })
    })
  }

  async cancelHold(act: Act & HoldRequest): Promise<Answer<void>> {
    return this.#act(act, item => {
      if (!item.holds.includes(act.card))
        return act.repeated ? yes(undefined) : no(refusal('hold-cancel-refused', '没有这个预约'))
      item.holds = item.holds.filter(card => card !== act.card)
      this.done.push(`unhold ${act.card} ${item.barcode}`)
      return yes(undefined)
    })
  }

  async checkout(act: Act & CheckoutRequest): Promise<Answer<LoanReceipt>> {
    return this.#act<LoanReceipt>(act, item => {
      if (act.repeated && item.loan?.card === act.card)
        return yes({ ...this.#receipt(item), foundDone: true })
      const patron = this.patrons.get(act.card)
      if (!patron) return no(refusal('checkout-refused', '证号不存在'))
      if (item.loan) return no(refusal('checkout-refused', '这本书已借出'))
      if (!act.noBlock) {
        if (patron.blocks.length > 0) return no(refusal('checkout-refused', '证已停用'))
        if (item.holds.length > 0 && item.holds[0] !== act.card)
          return no(refusal('checkout-refused', '已被其他读者预约'))
      }
      const usedHold = item.holds.includes(act.card)
      item.loan = { card: act.card, due: act.at + this.loanDays * day, renewals: 0, usedHold }
      item.holds = item.holds.filter(card => card !== act.card)
      this.done.push(`checkout ${act.card} ${item.barcode}`)
      return yes(this.#receipt(item))
    })
  }

  async checkin(act: Act & CheckinRequest): Promise<Answer<CheckinReceipt>> {
    return this.#act<CheckinReceipt>(act, item => {
      const holder = item.loan?.card
      const alert = item.holds.length > 0
      const receipt = {
        barcode: item.barcode,
        permanentLocation: 'MAIN',
        alert,
        messages: [],
        ...(alert ? { alertType: 'hold-here' as const } : {}),
      }
      if (holder === undefined)
        return act.repeated
          ? yes({ ...receipt, foundDone: true })
          : no(refusal('checkin-refused', '这本书没有借出'))
      if (act.repeated && act.card !== undefined && act.card !== holder)
        return yes({ ...receipt, alert: false, foundDone: true, lentSince: true })
      // As if it had never been lent: the hold stands again.
      if (act.cancel && item.loan?.usedHold) item.holds.unshift(holder)
      item.loan = null
      this.done.push(`checkin ${holder} ${item.barcode}`)
      return yes(receipt)
    })
  }

  async renew(act: Act & RenewRequest): Promise<Answer<LoanReceipt>> {
    return this.#act<LoanReceipt>(act, item => {
      if (item.loan?.card !== act.card) return no(refusal('renewal-refused', '不在你名下'))
      if (act.repeated && act.dueBefore !== undefined && item.loan.due > act.dueBefore)
        return yes({ ...this.#receipt(item), foundDone: true })
      if (item.holds.length > 0) return no(refusal('renewal-refused', '有人预约'))
      if (item.loan.renewals >= this.maxRenewals) return no(refusal('renewal-refused', '续借次数已满'))
      item.loan.renewals += 1
      item.loan.due += this.loanDays * day
      this.done.push(`renew ${act.card} ${item.barcode}`)
      return yes({ ...this.#receipt(item), wasRenewal: true })
    })
  }

  health(): IlsHealth {
    const state = this.luck() === 'away' ? 'down' : 'up'
    return { state, since: this.#clock.now(), queue: 0 }
  }
  async close(): Promise<void> {}

  /** What the reader or the library did at the library's own desk. */
  atDesk(what: 'borrow' | 'return' | 'hold', barcode: string, card = 'DESK'): void {
    const item = this.items.get(barcode)!
    if (what === 'borrow') item.loan = { card, due: this.#clock.now() + 30 * day, renewals: 0 }
    else if (what === 'return') item.loan = null
    else item.holds.push(card)
  }

  #receipt(item: ModelItem): LoanReceipt {
    const due = item.loan?.due ?? 0
    return {
      barcode: item.barcode,
      title: item.title,
      dueAt: due,
      dueText: new Date(due).toISOString(),
      wasRenewal: false,
      messages: [],
    }
  }

  async #ask<T>(read: () => Answer<T>): Promise<Answer<T>> {
    await undefined
    const luck = this.luck()
    return luck === 'fine' ? read() : no(luck === 'away' ? away : { ...away, code: 'ils-late' })
  }

  /** A driver asks what is true before it repeats: that may fail too, and then nobody knows. */
  async #act<T>(act: Act & { barcode?: string }, change: (item: ModelItem) => Answer<T>): Promise<Answer<T>> {
    await undefined
    const luck = this.luck()
    if (luck === 'away') return no(act.repeated ? { ...away, maybeDone: true } : away)
    if (luck === 'lost-before') return no(lost)
    const item = this.items.get(act.barcode ?? '')
    const answer = item ? change(item) : no(refusal('item-unknown', '没有这本书'))
    return luck === 'lost-after' ? no(lost) : answer
  }
}
