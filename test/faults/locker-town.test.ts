import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CabinetEvent } from '../../src/lockers/locker.ts'
import { sqliteStore, type TestStore } from '../harness/store.ts'
import { type Book, LockerTown } from './locker-town.ts'
import { openAll, rounds, service, staff } from './locker-town-staff.ts'

const hour = 3_600_000
const days = 10
/** A smaller town with as many readers is a busier one. */
const cabinets = Number(process.env.TOWN_CABINETS ?? 200)
const booksAStep = Number(process.env.TOWN_BOOKS ?? 3)
const trouble = Number(process.env.TOWN_TROUBLE ?? 1)
const step = 3 * hour

let base: TestStore
beforeAll(async () => {
  base = await sqliteStore('town')
})
afterAll(() => base.close())

const bring = async (town: LockerTown, book: Book): Promise<void> => {
  const { lockers } = town
  const asked = town.parcel(book)
  const { libraryId, parcel } = asked
  const { line } = town.place(book.lockerId)
  const kept = await base.store.tx(tx => lockers.reserve(tx, asked))
  if (kept.ok) {
    const forgets = line.feels && town.chance(0.15)
    const put = town.putIn(book)
    const answer = await town.at(
      book.lockerId,
      () => lockers.deposit({ ...asked, actor: 'courier:sf' }),
      forgets ? () => town.count('nothing put in') : put,
      forgets || !town.chance(0.06) ? undefined : town.tooLarge(book, put),
    )
    if (answer?.signal === 'no') town.count('not taken')
  }
  if (book.where !== 'bag') return
  await base.store.tx(tx => town.lockers.release(tx, libraryId, parcel))
  book.where = 'desk'
  town.count('to the desk')
}

const fetch = async (town: LockerTown, book: Book): Promise<void> => {
  const { line, board, hand } = town.place(book.lockerId)
  const order = { libraryId: book.libraryId, orderId: `order-${book.name}` }
  const [own] = await town.lockers.codes(order.libraryId, order.orderId)
  if (!own) return
  if (hand.dead.has(board)) return fetchOffline(town, book, line)
  const type = (code: string, then: (id: string) => void) =>
    town.at(book.lockerId, () => town.lockers.collect(book.lockerId, code, 'kiosk:k'), then)
  const before = town.pulses()
  if (town.chance(0.1)) {
    await type(own.code === '00000000' ? '00000001' : '00000000', () => {})
    town.count('wrong codes')
    expect(town.pulses()).toBe(before)
  }
  const sent = town.chance(0.3)
    ? await town.lockers.handOver({ ...order, parcel: `P-${book.name}`, actor: 'reader:r' })
    : undefined
  const code = sent?.ok ? sent.value.code : own.code
  const forgets = line.feels && town.chance(0.3)
  const answer = await type(code, forgets ? () => town.count('left inside') : town.takeTheirs(book))
  if (answer?.signal === 'jammed') hand.jammed.clear()
  if (sent?.ok && answer?.signal === 'open' && book.where === 'reader') {
    town.count('handed over')
    const after = town.pulses()
    const late = await type(own.code, town.takeTheirs(book))
    if (late?.signal === 'open') expect(town.pulses()).toBe(after)
  }
}

const waiting: {
  readonly at: number
  readonly event: CabinetEvent
  readonly line: LockerTown['lines'][number]
}[] = []
let seq = 0

/** The cabinet is cut off and opens by the code it holds; it tells so when it is back. */
const fetchOffline = async (
  town: LockerTown,
  book: Book,
  line: LockerTown['lines'][number],
): Promise<void> => {
  const { board, site } = town.place(book.lockerId)
  const where = town.truthOf(book).split('/')[1]
  const door = site.compartments.find(one => one.id === where)
  const held = [...(line.held?.values() ?? [])].find(
    one => one.door.board === board && one.door.channel === door?.channel,
  )
  if (!held || !door) return
  line.held?.delete(held.id)
  town.aloneGiven.add(book)
  const now = base.clock.now()
  town.takeTheirs(book)(door.id)
  town.count('given out offline')
  const about = { board, timed: 'cabinet', receivedAt: now } as const
  const { channel } = door
  for (const [at, what] of [
    [now, { kind: 'door-opened', channel, codeId: held.id }],
    [now + 15_000, { kind: 'door-closed', channel }],
  ] as const) {
    seq += 1
    waiting.push({ at: now, line, event: { ...about, id: `e${seq}`, seq, at, what } })
  }
}

/** Cabinets that are back tell what they did alone, some of it twice. */
const tellLate = async (town: LockerTown): Promise<void> => {
  for (const one of [...waiting]) {
    if (one.line.hand.dead.has(one.event.board)) continue
    waiting.splice(waiting.indexOf(one), 1)
    const event = { ...one.event, receivedAt: base.clock.now() }
    await one.line.tell?.(event)
    if (town.chance(0.3)) await one.line.tell?.(event)
  }
}

const mishaps = (town: LockerTown): void => {
  for (const { hand } of town.lines) {
    for (const board of [...hand.dead]) if (town.chance(0.2)) hand.dead.delete(board)
    if (town.chance(0.6)) {
      hand.dead.add(town.pick(20) + 1)
      town.count('cut off')
    }
    if (town.chance(0.3)) {
      hand.jammed.add(`${town.pick(20) + 1}/${town.pick(6) + 1}`)
      town.count('jams')
    }
    if (town.chance(0.1)) hand.jammed.clear()
    if (town.chance(0.006 * trouble)) hand.killAt(town.chance(0.5) ? 'before' : 'after')
    if (town.chance(0.05)) {
      const door = `${town.pick(20) + 1}/${town.pick(6) + 1}`
      hand.open.add(door)
      town.count('forced')
    }
  }
}

const aStep = async (town: LockerTown): Promise<void> => {
  mishaps(town)
  await service(town)
  if (town.chance(0.1)) await openAll(town)
  for (let i = 0; i < booksAStep; i++) {
    const site = town.sites[town.pick(town.sites.length)]!
    if (town.chance(0.75)) await bring(town, town.newBook(site.id, 'out'))
    else {
      const book = town.newBook(site.id, 'back')
      const loan = {
        lockerId: site.id,
        libraryId: book.libraryId,
        orderId: `order-${book.name}`,
        lineId: `line-${book.name}`,
      }
      await town.at(site.id, () => town.lockers.giveBack({ ...loan, actor: 'kiosk:k' }), town.putIn(book))
    }
  }
  for (const book of town.books.values()) {
    if (book.way !== 'out' || book.where !== 'inside') continue
    const { hand, board } = town.place(book.lockerId)
    if (town.chance(hand.dead.has(board) ? 0.5 : 0.12)) await fetch(town, book)
  }
  await tellLate(town)
  const before = town.pulses()
  await base.clock.advance(step)
  expect(town.pulses()).toBe(before)
}

/** Where the gateway believes a book to be: behind which door, or with whom. */
const believed = async (town: LockerTown) => {
  const inside = new Map<
    string,
    { readonly place: string; readonly alarm: boolean; readonly state: string }
  >()
  for (const site of town.sites) {
    const seen = await town.lockers.picture(site.id)
    if (!seen.ok) throw new Error(seen.problem.code)
    for (const one of seen.value.compartments)
      if (one.parcel !== null && one.state !== 'reserved')
        inside.set(one.parcel, { place: `${site.id}/${one.id}`, alarm: one.alarm !== null, state: one.state })
  }
  return (book: Book): { readonly where: string; readonly alarm: boolean } => {
    const lies = inside.get(book.way === 'out' ? `P-${book.name}` : `return:line-${book.name}`)
    if (lies) return { where: lies.place, alarm: lies.alarm }
    const said = [...town.told.values()]
      .filter(one => one.lineId === `line-${book.name}`)
      .map(one => one.what)
    if (said.includes('collected')) return { where: 'reader', alarm: false }
    if (said.includes('recovered') || said.includes('returned-in-locker'))
      return { where: 'staff', alarm: false }
    return { where: book.way === 'out' ? 'desk' : 'reader', alarm: false }
  }
}

const alarmed = async (town: LockerTown): Promise<ReadonlySet<string>> => {
  const all = new Set<string>()
  for (const site of town.sites)
    for (const one of await town.lockers.alarms(site.id))
      if (one.compartmentId !== null) all.add(`${site.id}/${one.compartmentId}`)
  return all
}

describe('ten days of two hundred cabinets, with cuts, jams, kills, forced doors and late news', () => {
  it('end with every book where the gateway says it is, or behind a door that staff are told to look behind', async () => {
    const town = new LockerTown(base, cabinets, process.env.TOWN_SEED ?? 'ten days')
    await town.begin()
    for (let at = 0; at < days * 24 * hour; at += step) {
      await aStep(town)
      if (at % (24 * hour) === 0) await rounds(town)
    }
    for (const lockerId of town.serviced) await town.lockers.setMaintenance({ ...staff, lockerId, on: false })
    for (const { hand } of town.lines) {
      hand.dead.clear()
      hand.jammed.clear()
      hand.open.clear()
    }
    await base.clock.advance(3 * hour)
    await tellLate(town)
    for (let i = 0; i < 3; i++) await base.clock.advance(3 * hour)
    await town.lockers.told()
    await town.lockers.told()

    const where = await believed(town)
    const toLookAt = await alarmed(town)
    const lost = [...town.books.values()].filter(book => {
      const truth = town.truthOf(book)
      const { where: belief, alarm } = where(book)
      return truth !== belief && !alarm && !toLookAt.has(truth) && !toLookAt.has(belief)
    })
    expect(lost.map(book => [book.name, town.truthOf(book), where(book).where])).toEqual([])
    const astray = [...town.books.values()].filter(book => town.truthOf(book) !== where(book).where)
    town.counts.set('to be looked for', astray.length)
    expect(astray.length).toBeLessThanOrEqual(town.books.size / 20)
    const alone = [...town.aloneGiven]
    const unheard = alone.filter(book => where(book).where !== 'reader')
    expect(unheard.length).toBeLessThanOrEqual(alone.length / 4)
    town.counts.set('doors to look behind', toLookAt.size)
    expect(toLookAt.size).toBeLessThan((cabinets * 6) / 10)

    for (const names of town.inside.values()) expect(names.size).toBeLessThanOrEqual(1)
    for (const what of ['put-in-locker', 'collected', 'recovered', 'returned-in-locker']) {
      const lines = [...town.told.values()].filter(one => one.what === what).map(one => one.lineId)
      expect(new Set(lines).size).toBe(lines.length)
    }
    const { counts } = town
    console.log(`${town.books.size} books:`, Object.fromEntries([...counts].sort()))
    for (const what of [
      'cut off',
      'jams',
      'killed',
      'no database',
      'forced',
      'given out offline',
      'left open',
      'to the desk',
      'handed over',
      'nothing put in',
      'left inside',
      'did not fit',
      'wrong codes',
      'taken back',
      'settled',
      'all opened',
      'serviced',
    ])
      expect([what, (counts.get(what) ?? 0) > 0]).toEqual([what, true])
    await town.lockers.stop()
  }, 240_000)
})
