import { expect } from 'vitest'
import { createLockers, type LockerEvidence, type Lockers } from '../../src/gateway/lockers/lockers.ts'
import type { Store } from '../../src/gateway/store/db.ts'
import { seededRandom } from '../../src/kernel/ids.ts'
import { yes } from '../../src/kernel/problem.ts'
import type {
  CabinetEvent,
  HeldCode,
  HoldsCodes,
  LockerDriver,
  TellsEvents,
} from '../../src/lockers/locker.ts'
import { handDriver } from '../gateway/lockers/hand-driver.ts'
import { site as oneSite } from '../gateway/lockers/rig.ts'
import type { TestStore } from '../harness/store.ts'

const perLine = 20
const doorsEach = 6
const minute = 60_000
const hour = 60 * minute

export type Whereabouts = 'bag' | 'inside' | 'reader' | 'desk' | 'staff'
export interface Book {
  readonly name: string
  /** Whose order it is; the cabinet may be another library's. */
  readonly libraryId: string
  readonly lockerId: string
  where: Whereabouts
  /** `return` books come from readers and end with staff. */
  readonly way: 'out' | 'back'
  loadedAt: number
}
/** One line, and what its make can do. */
interface TownLine {
  readonly hand: ReturnType<typeof handDriver>
  readonly driver: LockerDriver
  readonly feels: boolean
  /** Codes its cabinets hold, and how they tell what they did. */
  readonly held?: Map<string, HeldCode>
  tell?(event: CabinetEvent): Promise<void> | undefined
}
type Answer = Awaited<ReturnType<Lockers['collect']>>

/** A town of cabinets: what is really behind each door, and the gateway that has to find out. */
export class LockerTown {
  readonly base: TestStore
  readonly sites
  readonly books = new Map<string, Book>()
  readonly told = new Map<string, LockerEvidence>()
  readonly counts = new Map<string, number>()
  readonly inside = new Map<string, Set<string>>()
  /** Given out by a cabinet that was cut off. */
  readonly aloneGiven = new Set<Book>()
  /** Cabinets in maintenance. */
  readonly serviced = new Set<string>()
  lockers!: Lockers
  /** The database does not answer. */
  #away = false
  readonly lines: readonly TownLine[]
  readonly #hands
  readonly #random

  constructor(base: TestStore, cabinets: number, seed: string) {
    this.base = base
    this.#random = seededRandom(seed)
    this.sites = Array.from({ length: cabinets }, (_, i) => ({
      ...oneSite,
      id: `c${i}`,
      libraryId: i % 4 === 3 ? 'wu' : 'su',
      line: `l${Math.floor(i / perLine)}`,
      desk: 'main',
      compartments: Array.from({ length: doorsEach }, (_, d) => ({
        id: `D${d + 1}`,
        label: `${d + 1}`,
        size: d < 4 ? ('small' as const) : ('large' as const),
        row: d + 1,
        column: 1,
        board: (i % perLine) + 1,
        channel: d + 1,
        accessible: d === 2,
      })),
    }))
    const boards = Array.from({ length: perLine }, (_, i) => ({ board: i + 1, channels: doorsEach }))
    this.#hands = Array.from({ length: Math.ceil(cabinets / perLine) }, () => handDriver(boards))
    this.lines = this.#hands.map((hand, i) =>
      i % 3 === 0 ? this.#plain(hand) : i % 3 === 1 ? this.#autonomous(hand) : this.#feeling(hand),
    )
    for (const hand of this.#hands)
      hand.pulsed(() => {
        if (!this.chance(0.02)) return
        this.#away = true
        this.count('no database')
      })
  }

  #plain(hand: ReturnType<typeof handDriver>): TownLine {
    return { hand, driver: hand.driver, feels: false }
  }

  /** Boards with a sensor behind every door. */
  #feeling(hand: ReturnType<typeof handDriver>): TownLine {
    for (let board = 1; board <= perLine; board++)
      for (let channel = 1; channel <= doorsEach; channel++) hand.occupied.set(`${board}/${channel}`, false)
    return { ...this.#plain(hand), feels: true }
  }

  /** Some lines have cabinets that hold codes and tell late what they gave out. */
  #autonomous(hand: ReturnType<typeof handDriver>): TownLine {
    const held = new Map<string, HeldCode>()
    let hears: ((event: CabinetEvent) => Promise<void>) | undefined
    const driver: LockerDriver & HoldsCodes & TellsEvents = {
      ...hand.driver,
      onEvent: listener => {
        hears = listener
        return () => {
          hears = undefined
        }
      },
      putCode: async code => {
        held.set(code.id, code)
        return yes(undefined)
      },
      removeCode: async (_board, id) => {
        held.delete(id)
        return yes(undefined)
      },
      heldCodes: async board => yes([...held.values()].filter(c => c.door.board === board).map(c => c.id)),
    }
    return { hand, driver, held, tell: (event: CabinetEvent) => hears?.(event), feels: false }
  }

  chance(share: number): boolean {
    return this.pick(1000) < share * 1000
  }
  pick(below: number): number {
    const [a = 0, b = 0, c = 0] = this.#random(3)
    return (a * 65_536 + b * 256 + c) % below
  }
  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  #tx: Store['tx'] = async (act, options) => {
    if (this.#away) throw Object.assign(new Error('Connection terminated unexpectedly'), { code: '57P01' })
    return this.base.store.tx(act, options)
  }

  async begin(): Promise<void> {
    await this.lockers?.stop()
    this.lockers = createLockers({
      store: { ...this.base.store, tx: (act, options) => this.#tx(act, options) },
      clock: this.base.clock,
      ids: this.base.ids,
      personal: this.base.personal,
      sites: this.sites,
      lines: new Map(this.lines.map((line, i) => [`l${i}`, line.driver])),
      ingest: async evidence => {
        if (this.chance(0.02)) throw new Error('the orders are away for a moment')
        this.told.set(evidence.id, evidence)
      },
      rules: {
        idlePoll: 5 * hour,
        busyPoll: 5 * hour,
        silentPoll: hour,
        longestSilentPoll: 2 * hour,
        watch: { missesUntilSilent: 1, closedLooks: 2, closedFor: 400, openTooLong: 3 * minute },
      },
    })
    await this.lockers.start()
  }

  place(lockerId: string) {
    const site = this.sites.find(one => one.id === lockerId)!
    const line = this.lines[Number(site.line.slice(1))]!
    const { board } = site.compartments[0]!
    const keyOf = (id: string) => `${board}/${site.compartments.find(one => one.id === id)!.channel}`
    return { site, line, hand: line.hand, board, keyOf }
  }
  things(lockerId: string, id: string): Set<string> {
    const key = `${lockerId}/${id}`
    const known = this.inside.get(key) ?? new Set<string>()
    this.inside.set(key, known)
    return known
  }
  parcel(book: Book) {
    const { name, lockerId } = book
    return {
      lockerId,
      libraryId: book.libraryId,
      orderId: `order-${name}`,
      parcel: `P-${name}`,
      lineIds: [`line-${name}`],
    }
  }
  pulses(): number {
    return this.lines.reduce((sum, { hand }) => sum + hand.pulses.length, 0)
  }
  /** Sensors feel what is there. */
  #felt(lockerId: string, id: string): void {
    const { line, hand, keyOf } = this.place(lockerId)
    if (line.feels) hand.occupied.set(keyOf(id), this.things(lockerId, id).size > 0)
  }

  databaseIsBack(): void {
    this.#away = false
  }

  /** Waits for an act while its pauses pass. */
  async during<T>(act: Promise<T>): Promise<T> {
    let over = false
    const watched = act.finally(() => {
      over = true
    })
    watched.catch(() => {})
    for (let i = 0; i < 40 && !over; i++) await this.base.clock.advance(250)
    return watched
  }

  /** Somebody acts at a cabinet; what they do at the door that opens happens whatever the gateway believes. */
  async at(
    lockerId: string,
    act: () => Promise<Answer>,
    doing: (id: string) => void,
    instead?: (answer: Answer) => Promise<boolean>,
  ): Promise<Answer | undefined> {
    const { hand, keyOf, site } = this.place(lockerId)
    const before = new Set(hand.open)
    let answer: Answer | undefined
    try {
      answer = await this.during(act())
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'killed') throw error
      this.count('killed')
    } finally {
      this.#away = false
    }
    const opened = site.compartments.find(one => hand.open.has(keyOf(one.id)) && !before.has(keyOf(one.id)))
    if (!answer) {
      if (opened) {
        doing(opened.id)
        if (this.chance(0.5)) hand.open.delete(keyOf(opened.id))
      }
      await this.begin()
      await this.shutAll(lockerId)
      return undefined
    }
    this.count(answer.signal)
    if (answer.problem?.code === 'locker-lost-track' && opened) {
      // Told that the door may be open, and so it is: some shut it before anybody has looked.
      doing(opened.id)
      if (this.chance(0.5)) await this.lockers.look(lockerId)
      await this.shutAll(lockerId)
      return answer
    }
    if (answer.signal !== 'open' || !answer.compartment) return answer
    expect(hand.open.has(keyOf(answer.compartment.id))).toBe(true)
    if (!instead || !(await instead(answer))) doing(answer.compartment.id)
    await this.lockers.look(lockerId)
    if (this.chance(0.05)) this.count('left open')
    else await this.shutAll(lockerId)
    return answer
  }

  async shutAll(lockerId: string): Promise<void> {
    const { hand, keyOf, site } = this.place(lockerId)
    for (const one of site.compartments) hand.open.delete(keyOf(one.id))
    for (let i = 0; i < 2; i++) {
      await this.lockers.look(lockerId)
      await this.base.clock.advance(450)
    }
  }

  putIn(book: Book) {
    return (id: string): void => {
      this.things(book.lockerId, id).add(book.name)
      book.where = 'inside'
      book.loadedAt = this.base.clock.now()
      this.#felt(book.lockerId, id)
    }
  }
  takeOut(lockerId: string, by: 'reader' | 'staff') {
    return (id: string): void => {
      for (const name of this.things(lockerId, id)) this.books.get(name)!.where = by
      this.things(lockerId, id).clear()
      this.#felt(lockerId, id)
    }
  }
  /** A door that opened for this reader: nobody else's book may lie behind it. */
  takeTheirs(book: Book) {
    return (id: string): void => {
      const there = [...this.things(book.lockerId, id)].filter(name => name !== book.name)
      expect({ opened: `${book.lockerId}/${id}`, for: book.name, there }).toMatchObject({ there: [] })
      this.takeOut(book.lockerId, 'reader')(id)
    }
  }

  /** It does not fit: another door is asked for, and it goes in there, or behind the first one after all. */
  tooLarge(book: Book, put: (id: string) => void) {
    return async (answer: Answer): Promise<boolean> => {
      this.count('did not fit')
      try {
        const act = this.lockers.again(book.lockerId, answer.visit!, 'other-door', 'courier:sf')
        const other = await this.during(act)
        const { hand, keyOf } = this.place(book.lockerId)
        // Also a door of which they are told that it may have opened, and that stands open before them.
        if (!other.compartment || !hand.open.has(keyOf(other.compartment.id))) return false
        expect(this.things(book.lockerId, other.compartment.id).size).toBe(0)
        put(other.compartment.id)
        return true
      } catch (error) {
        if (this.#away) return false
        if (!(error instanceof Error) || error.message !== 'killed') throw error
        this.count('killed')
        await this.begin()
        return false
      } finally {
        this.#away = false
      }
    }
  }

  /** A book leaves the library for a cabinet, or a reader brings one back. */
  newBook(lockerId: string, way: 'out' | 'back'): Book {
    const name = `${way}${this.books.size}`
    const libraryId = this.chance(0.3) ? 'wu' : 'su'
    const where = way === 'out' ? 'bag' : 'reader'
    const book: Book = { name, libraryId, lockerId, way, where, loadedAt: 0 }
    this.books.set(name, book)
    return book
  }

  truthOf(book: Book): string {
    if (book.where !== 'inside') return book.where
    const found = [...this.inside].filter(([, names]) => names.has(book.name)).map(([key]) => key)
    expect(found).toHaveLength(1)
    return found[0]!
  }
}
