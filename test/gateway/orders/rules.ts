import fc from 'fast-check'
import { expect } from 'vitest'
import type { Line, LineStatus, Order } from '../../../src/gateway/orders/order.ts'
import { states } from '../../../src/gateway/orders/states.ts'
import { sqliteStore } from '../../harness/store.ts'
import { type Luck, ModelIls } from './model-ils.ts'
import { feeRows, outside, prepareModel, toBranch, toHome, toLocker, type World, world } from './world.ts'

/** One thing that people, carriers, doors or the network do. */
export type Doing =
  | {
      readonly is: 'place'
      readonly patron: number
      readonly records: readonly number[]
      readonly way: number
    }
  | { readonly is: 'next'; readonly line: number }
  | { readonly is: 'odd'; readonly line: number; readonly what: number }
  | { readonly is: 'reader'; readonly line: number; readonly what: number }
  | { readonly is: 'time'; readonly hours: number }
  | { readonly is: 'luck'; readonly lucks: readonly Luck[] }
  | { readonly is: 'again'; readonly event: number }

const nat = fc.nat(1000)
const luck = fc.constantFrom<Luck>('fine', 'fine', 'lost-before', 'lost-after', 'away')
export const doings: fc.Arbitrary<readonly Doing[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        is: fc.constant('place' as const),
        patron: nat,
        records: fc.array(nat, { minLength: 1, maxLength: 3 }),
        way: nat,
      }),
    },
    { weight: 14, arbitrary: fc.record({ is: fc.constant('next' as const), line: nat }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant('odd' as const), line: nat, what: nat }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant('reader' as const), line: nat, what: nat }) },
    {
      weight: 2,
      arbitrary: fc.record({ is: fc.constant('time' as const), hours: fc.integer({ min: 1, max: 60 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ is: fc.constant('luck' as const), lucks: fc.array(luck, { maxLength: 6 }) }),
    },
    { weight: 2, arbitrary: fc.record({ is: fc.constant('again' as const), event: nat }) },
  ),
  { minLength: 10, maxLength: 45, size: 'max' },
)

const ways = [toLocker, toBranch, toHome]
const records = ['r1', 'r2', 'r3', 'r4']
const patrons = ['p1', 'p2', 'p3']

type Telling = Parameters<World['orders']['ingest']>[0][number]

/** A run of the whole service over the model outside, with every evidence remembered so that it can be told again. */
class Run {
  readonly w: World
  readonly told: Telling[] = []
  readonly orderIds = new Set<string>()
  #keys = 0
  #lucks: Luck[] = []

  constructor(w: World) {
    this.w = w
    for (const ils of [w.out.ils.home, w.out.ils.away]) ils.luck = () => this.#lucks.shift() ?? 'fine'
  }

  async lines(): Promise<{ order: Order; line: Line }[]> {
    const rows = await this.w.store.db.selectFrom('lending_order').select('id').orderBy('id').execute()
    const all: { order: Order; line: Line }[] = []
    for (const { id } of rows) {
      const order = await this.w.order(id)
      all.push(...order.lines.map(line => ({ order, line })))
    }
    return all
  }

  async do(doing: Doing): Promise<void> {
    const { w } = this
    if (doing.is === 'luck') this.#lucks = [...doing.lucks]
    else if (doing.is === 'time') await w.clock.advance(doing.hours * 3_600_000)
    else if (doing.is === 'place') await this.#place(doing)
    else if (doing.is === 'again') {
      const old = this.told[doing.event % Math.max(1, this.told.length)]
      if (old) {
        await w.orders.ingest([old])
        // Late, and told by somebody else: the same fact under another id.
        await w.orders.ingest([{ ...old, id: w.clock.now() + old.id, receivedAt: w.clock.now() }])
      }
    } else {
      const open = (await this.lines()).filter(l => l.line.status !== 'closed')
      const at = open[doing.line % Math.max(1, open.length)]
      if (at && doing.is === 'next') await this.next(at)
      else if (at && doing.is === 'odd') await this.#odd(at, doing.what)
      else if (at && doing.is === 'reader') await this.#reader(at, doing.what)
    }
    await w.idle()
  }

  async #place({ patron, records: wanted, way }: Extract<Doing, { is: 'place' }>): Promise<void> {
    const patronId = patrons[patron % patrons.length]!
    const request = {
      libraryId: 'home',
      patronId,
      recordIds: [...new Set(wanted.map(r => records[r % records.length]!))],
      delivery: ways[way % ways.length]!,
      key: `key-${++this.#keys}`,
      actor: `reader:${patronId}`,
    }
    const first = await this.w.orders.place(request)
    const second = await this.w.orders.place(request)
    if (first.ok) {
      expect(second.ok && second.value.order.id).toBe(first.value.order.id)
      this.orderIds.add(first.value.order.id)
    }
  }

  async tell(
    at: { order: Order; line: Line },
    source: Telling['source'],
    what: string,
    data: object,
  ): Promise<void> {
    const now = this.w.clock.now()
    const evidence: Telling = {
      id: `t${this.told.length}-${now}`,
      libraryId: at.order.libraryId,
      orderId: at.order.id,
      lineId: at.line.id,
      source,
      what,
      at: now,
      receivedAt: now,
      data,
    }
    this.told.push(evidence)
    const answer = await this.w.orders.ingest([evidence])
    expect(answer.ok, JSON.stringify(answer)).toBe(true)
  }

  async staff(
    { order, line }: { order: Order; line: Line },
    action: string,
    input: object = {},
  ): Promise<void> {
    const libraryId = line.supplierId === order.libraryId ? order.libraryId : line.supplierId
    await this.w.orders.staffAct({ lineId: line.id, libraryId, actor: 'staff:s1' }, action, input)
  }

  /** What usually happens next; what could not be done in days of trouble is tried again first. */
  async next(at: { order: Order; line: Line }): Promise<void> {
    const { order, line } = at
    if (line.trouble?.code === 'effect-failed') return this.staff(at, 'retry')
    const parcel = line.parcelNumber === null ? {} : { parcelNumber: line.parcelNumber }
    const { round } = line
    switch (line.status) {
      case 'confirmed':
      case 'picking':
        return this.staff(at, 'found')
      case 'checkout_refused':
        return this.staff(at, 'retry-checkout')
      case 'found':
      case 'charged':
        return this.staff(at, 'pack')
      case 'packed':
        if (order.delivery.way === 'home')
          return this.tell(at, 'courier', 'shipped', { ...parcel, via: 'courier', round })
        if (order.delivery.way === 'branch' || line.compartmentId === null) return this.staff(at, 'at-branch')
        return this.tell(at, 'locker', 'put-in-locker', {
          lockerId: order.delivery.lockerId,
          compartmentId: line.compartmentId,
          ...parcel,
          round,
        })
      case 'shipped':
        return this.tell(at, 'courier', 'delivered', { ...parcel, round })
      case 'in_locker':
        await this.tell(at, 'locker', 'collected', { ...parcel, round })
        // The door that closed behind the parcel frees the compartment.
        if (line.parcelNumber !== null) this.w.out.compartments.delete(line.parcelNumber)
        return
      case 'at_branch':
        return this.staff(at, 'hand-over')
      case 'expired':
        return this.staff(at, 'recover')
      case 'on_loan':
      case 'return_requested':
      case 'return_shipped':
      case 'return_in_locker':
      case 'return_at_branch':
      case 'missing':
        return this.staff(at, 'receive')
      case 'discharged':
        return this.staff(at, 'routed')
      default:
        return line.trouble === null ? undefined : this.staff(at, 'settled-by-hand')
    }
  }

  async #odd(at: { order: Order; line: Line }, what: number): Promise<void> {
    const { line } = at
    const parcel = line.parcelNumber === null ? {} : { parcelNumber: line.parcelNumber }
    const { round } = line
    const acts: (() => Promise<void>)[] = [
      () => this.staff(at, 'not-found', { reason: 'x' }),
      () => this.staff(at, 'cancel'),
      () => this.staff(at, 'wrong-item'),
      () => this.tell(at, 'courier', 'refused-damaged', { ...parcel, round }),
      () => this.tell(at, 'courier', 'carrier-lost', { ...parcel, round }),
      () =>
        this.tell(at, 'staff', 'sent-back', {
          ...parcel,
          round,
          fault: what % 2 === 0 ? 'carrier' : 'reader',
        }),
      () => this.tell(at, 'courier', 'delivered', { ...parcel, round }),
      () => this.staff(at, 'at-branch'),
      () =>
        this.tell(at, 'locker', 'returned-in-locker', { lockerId: 'home-locker', compartmentId: 'R', round }),
      () => this.staff(at, 'claimed-returned'),
      () => this.tell(at, 'staff', 'packed', { parcelNumber: 'LATE-1', round: Math.max(0, round - 1) }),
    ]
    return acts[what % acts.length]!()
  }

  async #reader({ order, line }: { order: Order; line: Line }, what: number): Promise<void> {
    const { patronId } = order
    const on = {
      libraryId: order.libraryId,
      orderId: order.id,
      lineId: line.id,
      patronId,
      actor: `reader:${patronId}`,
    }
    const { orders } = this.w
    const acts: (() => Promise<unknown>)[] = [
      () => orders.cancel(on),
      () => orders.renew(on),
      () => orders.requestReturn(on, { way: 'courier', addressId: 'a1' }),
      () => orders.cancelReturn(on),
      () =>
        orders.transfer(on, patrons[what % 3] === patronId ? patrons[(what + 1) % 3]! : patrons[what % 3]!),
    ]
    await acts[what % acts.length]!()
  }

  /** The network is well again, everybody does what is next, and time passes: every line comes to its end. */
  async finish(): Promise<void> {
    this.#lucks = []
    for (let turn = 0; turn < 60; turn++) {
      await this.w.clock.advance(1_800_000)
      await this.w.idle()
      const open = (await this.lines()).filter(l => l.line.status !== 'closed')
      if (open.length === 0) return
      for (const at of open) await this.next(at)
      await this.w.idle()
    }
    const open = (await this.lines()).filter(l => l.line.status !== 'closed').map(l => l.line)
    throw new Error(`lines do not come to an end: ${JSON.stringify(open, null, 1)}`)
  }
}

const free: readonly LineStatus[] = ['seeking', 'discharged', 'closed']

/** An item is in at most one open line, in at most one compartment, and charged to at most one reader. */
const checkItems = async (run: Run): Promise<void> => {
  const open = (await run.lines()).filter(({ line }) => line.barcode !== null && !free.includes(line.status))
  const items = open.map(({ line }) => `${line.supplierId}/${line.barcode}`)
  expect(new Set(items).size, `two open lines have one item: ${items.join(' ')}`).toBe(items.length)
  const rows = await run.w.store.db.selectFrom('item_claim').selectAll().where('why', '=', 'line').execute()
  expect(new Set(rows.map(r => `${r.library_id}/${r.barcode}`))).toEqual(new Set(items))
  const lying = open.filter(({ line }) => line.status === 'in_locker')
  const doors = new Map<string, string>()
  for (const { line } of lying) {
    const door = `${line.lockerId}/${line.compartmentId}`
    expect(doors.get(door) ?? line.parcelNumber, 'two parcels in one compartment').toBe(line.parcelNumber)
    doors.set(door, line.parcelNumber ?? '')
  }
  for (const { line, order } of open) {
    if (!line.charged) continue
    const ils = line.supplierId === 'home' ? run.w.out.ils.home : run.w.out.ils.away
    const card = line.supplierId === 'home' ? `C-${order.patronId}` : 'INST-home'
    const owner = ils.items.get(line.barcode!)!.loan?.card
    // While an answer is on its way the ILS may be ahead of us, never the other way round.
    if (line.pending.length === 0) expect(owner, `${line.barcode} by the ILS`).toBe(card)
  }
}

/** Each act changed the ILS at most once, and was asked about whenever it might have. */
class CountingIls extends ModelIls {
  readonly changes = new Map<string, number>()
  readonly tries = new Map<string, number>()

  count(): void {
    for (const name of ['placeHold', 'cancelHold', 'checkout', 'checkin', 'renew'] as const) {
      const act = this[name].bind(this) as (a: { key: string; repeated: boolean }) => Promise<unknown>
      const counted = async (a: { key: string; repeated: boolean }): Promise<unknown> => {
        const tries = this.tries.get(a.key) ?? 0
        expect(a.repeated || tries === 0, `${a.key} was repeated blindly`).toBe(true)
        this.tries.set(a.key, tries + 1)
        const before = this.done.length
        const answer = await act(a)
        if (this.done.length > before) this.changes.set(a.key, (this.changes.get(a.key) ?? 0) + 1)
        return answer
      }
      Object.assign(this, { [name]: counted })
    }
  }
  check(): void {
    for (const [key, count] of this.changes) expect(count, `${key} was done ${count} times`).toBe(1)
  }
}

const checkMoney = async (run: Run): Promise<void> => {
  for (const row of await feeRows(run.w.store)) {
    expect(row.settled, 'settled once at most').toBeLessThanOrEqual(1)
    expect(row.released, 'given back once at most').toBeLessThanOrEqual(1)
    expect(row.refunded, 'refunded once at most').toBeLessThanOrEqual(1)
    expect(row.settled + row.released, 'a grant is spent once or returned once').toBeLessThanOrEqual(1)
  }
}

/** Everything has come to its end: nothing is left over anywhere. */
const checkEnd = async (run: Run): Promise<void> => {
  const { out } = run.w
  for (const row of await feeRows(run.w.store)) {
    expect(row.settled + row.released, `grant of ${row.order_id}`).toBe(1)
    if (row.released === 1) expect(row.refunded).toBe(1)
  }
  expect([...out.compartments.keys()], 'compartments are free again').toEqual([])
  for (const ils of [out.ils.home, out.ils.away])
    for (const item of ils.items.values()) {
      expect(item.loan, `${item.barcode} is still lent`).toBeNull()
      expect(item.holds, `${item.barcode} still has holds`).toEqual([])
    }
  for (const { line } of await run.lines()) {
    expect(line.outcome).not.toBeNull()
    expect(line.pending).toEqual([])
    expect(line.held || line.charged || line.chargeOwed).toBe(false)
    expect(states[line.status].terminal).toBe(true)
  }
  const left = await run.w.store.db.selectFrom('outbox').selectAll().where('state', '<>', 'done').execute()
  expect(left.map(r => `${r.state} ${r.kind} ${r.last_problem}`)).toEqual([])
}

/** Plays one random story to its end and checks the rules after each step and at the end. */
export const play = async (story: readonly Doing[], chargeAt: 'pack' | 'collect'): Promise<Set<string>> => {
  const test = await sqliteStore()
  try {
    await prepareModel(test.store)
    await test.clock.advance(2 * 3_600_000)
    const out = outside(test.clock)
    const counting = { home: counted(out.ils.home, test.clock), away: counted(out.ils.away, test.clock) }
    const run = new Run(world({ ...test, out: { ...out, ils: counting }, policy: { chargeAt } }))
    for (const doing of story) {
      await run.do(doing)
      await checkItems(run)
      await checkMoney(run)
    }
    await run.finish()
    await checkItems(run)
    await checkEnd(run)
    counting.home.check()
    counting.away.check()
    return new Set((await run.lines()).map(({ line }) => line.outcome ?? ''))
  } finally {
    await test.close()
  }
}

const counted = (from: ModelIls, clock: ConstructorParameters<typeof ModelIls>[1]): CountingIls => {
  const ils = new CountingIls(from.name, clock)
  for (const item of from.items.values()) ils.addItem(item.barcode, item.title)
  for (const card of from.patrons.keys()) ils.addPatron(card)
  ils.count()
  return ils
}
