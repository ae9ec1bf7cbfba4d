import { sql } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'
import type { ScanResultJson } from '../http/api/staff.ts'
import type { Libraries } from '../libraries.ts'
import { claimsOfBarcode, offerAgain } from '../store/claims.ts'
import {
  linesInCompartment,
  linesInParcel,
  linesWanting,
  type WorkLine,
  workLineById,
} from '../store/work.ts'
import { act, locateLine } from './acts.ts'
import type { Fact } from './implied.ts'
import type { Intake, IntakeDeps } from './intake.ts'
import { houseOf, placesOf } from './lying.ts'
import type { Line, LineStatus, Order } from './order.ts'
import { parcelNumberOf } from './parcels.ts'
import { afterPacking, whereTo } from './routing-words.ts'
import { scanWords as say, sendOn, stuck } from './scan-words.ts'
import { standingAt } from './standing.ts'
import { rowsOf } from './views/work.ts'

export type ScanMode = 'auto' | 'find' | 'pack' | 'send' | 'receive' | 'recover'

export interface Scan {
  readonly code: string
  readonly mode: ScanMode
  /** Where the person stands. */
  readonly branchId?: string | undefined
  readonly libraryId: string
  readonly actor: string
}

export interface ScanDeps extends IntakeDeps {
  /** Which record a barcode of a library belongs to; undefined for a barcode that nobody knows. */
  readonly recordOf: (libraryId: string, barcode: string) => Promise<string | undefined>
  /** Waits until a line has left a state, at most as long as a person would. */
  readonly settled: (lineId: string, from: LineStatus) => Promise<void>
}

/** Finds what a code means where it was scanned, does the right thing, or says why not. */
export const scan = async (deps: ScanDeps, intake: Intake, ask: Scan): Promise<ScanResultJson> => {
  const lines = await meant(deps, ask)
  if (lines.length === 0) return nobodyWants(deps, ask)
  let last: ScanResultJson | undefined
  for (const { line } of lines) last = await scanLine(deps, intake, ask, line)
  return last!
}

/** Lines that a code speaks of: those of a parcel or compartment, or the one of a book. */
const meant = async (deps: ScanDeps, ask: Scan): Promise<readonly WorkLine[]> => {
  const { db } = deps.store
  const inParcel = await linesInParcel(db, ask.code)
  if (inParcel.length > 0) return inParcel
  const claims = (await claimsOfBarcode(db, ask.code)).filter(c => c.why === 'line')
  const claim =
    claims.find(c => c.supplierId === ask.libraryId) ??
    claims.find(c => c.libraryId === ask.libraryId) ??
    claims[0]
  if (claim) {
    const line = await workLineById(db, claim.lineId)
    if (line) return [line]
  }
  const routed = await dischargedWith(deps, ask)
  if (routed) return [routed]
  const recordId = await deps.recordOf(ask.libraryId, ask.code)
  const wanting = recordId === undefined ? [] : await linesWanting(db, ask.libraryId, recordId)
  if (wanting.length > 0) {
    const here = wanting.find(w => ask.branchId === undefined || w.line.branchId === ask.branchId)
    const chosen = here ?? wanting[0]!
    return [{ ...chosen, line: { ...chosen.line, barcode: ask.code } }]
  }
  return linesInCompartment(db, ask.libraryId, placesOf(deps.ports.libraries, ask.libraryId), ask.code)
}

/** A book that was checked in and must go somewhere else. */
const dischargedWith = async ({ store }: ScanDeps, { code }: Scan): Promise<WorkLine | undefined> => {
  const row = await store.db
    .selectFrom('order_line')
    .select('id')
    // Written out, since SQLite finds the index by literals only.
    .where('status', '=', sql.lit('discharged' as const))
    .where('barcode', '=', code)
    .executeTakeFirst()
  return row && workLineById(store.db, row.id)
}

const nobodyWants = async (deps: ScanDeps, { libraryId, code }: Scan): Promise<ScanResultJson> => {
  const again = await deps.store.tx(tx => offerAgain(tx, { libraryId, barcode: code }))
  return again
    ? { signal: 'yes', say: say.foundAgain, row: null, next: say.reshelve }
    : { signal: 'no', say: say.unknown, row: null, next: say.reshelve }
}

const scanLine = async (deps: ScanDeps, intake: Intake, ask: Scan, wanted: Line): Promise<ScanResultJson> => {
  const at = await locateLine(deps, wanted.id, ask.libraryId)
  // Another library's loan, handed in here: any branch of the consortium takes it.
  const found = at.ok ? at : await locateLine(deps, wanted.id, wanted.libraryId)
  if (!found.ok) return { signal: 'no', say: found.problem.say, row: null, next: null }
  const { order, line } = found.value
  const scanned = { ...line, barcode: wanted.barcode }
  const here = ask.branchId ?? standingAt(deps.ports.libraries, ask.libraryId, line, order)
  const fact = factFor(
    scanned,
    order,
    { ...ask, branchId: here },
    deps.ports.libraries.get(order.libraryId).policy.chargeAt,
  )
  if (!fact) {
    const signal = waiting.includes(line.status) ? 'look' : 'no'
    return result(deps, line.id, signal, stuck[line.status] ?? say.wrongBook, null)
  }
  const who = { source: 'staff', actor: ask.actor } as const
  const answer = await act(deps, intake, { order, line: scanned }, fact, who)
  if (!answer.ok) return result(deps, line.id, 'no', answer.problem.say, null)
  if (waitsFor.includes(answer.value.line.status)) await deps.settled(line.id, answer.value.line.status)
  if (fact.what === 'routed' && cameHome(deps, ask, line))
    return result(deps, line.id, 'yes', say.home, say.shelve)
  return told(deps, answer.value, fact)
}

/** A book on its way home is scanned twice: where it leaves, and where it belongs. */
const cameHome = ({ ports }: ScanDeps, { libraryId, branchId }: Scan, line: Line): boolean => {
  if (libraryId !== line.supplierId || line.deskId === null || line.routing?.type === 'hold-here')
    return false
  return branchId === undefined
    ? houseOf(ports.libraries, line.deskId) !== libraryId
    : branchId !== line.deskId
}

/** Where a scan is no mistake, though only a button can say what happens next. */
const waiting: readonly LineStatus[] = ['packed', 'shipped', 'at_branch']

/** Answers of the ILS that change what to do with the book in the hand. */
const waitsFor: readonly LineStatus[] = ['found', 'received', 'recovered', 'cancelling']

/** What a scan means for a line in its state; undefined when it means nothing there. */
const factFor = (
  line: Line,
  order: Order,
  { mode, branchId }: Scan,
  chargeAt: 'pack' | 'collect',
): Fact | undefined => {
  const here = branchId ?? line.branchId
  const allowed = (...modes: readonly ScanMode[]): boolean => mode === 'auto' || modes.includes(mode)
  const pack: Fact = { what: 'packed', data: { parcelNumber: parcelNumberOf(order, line) } }
  switch (line.status) {
    case 'confirmed':
    case 'picking':
      if (mode === 'pack') return pack
      return allowed('find') && line.barcode !== null
        ? { what: 'item-found', data: { barcode: line.barcode } }
        : undefined
    case 'found':
      return chargeAt === 'collect' && allowed('pack') ? pack : undefined
    case 'charged':
      return allowed('pack') ? pack : undefined
    case 'packed':
      return dispatch(line, order, mode, branchId)
    case 'shipped':
      return order.delivery.way === 'branch' && branchId === order.delivery.branchId
        ? { what: 'at-branch', data: { branchId, ...parcel(line) } }
        : undefined
    case 'expired':
      return allowed('recover') ? { what: 'recovered', data: {} } : undefined
    case 'on_loan':
    case 'return_requested':
    case 'return_shipped':
    case 'return_in_locker':
    case 'return_at_branch':
    case 'missing':
      return allowed('receive') ? { what: 'received', data: { branchId: here } } : undefined
    case 'discharged':
      return { what: 'routed', data: {} }
    default:
      return undefined
  }
}

const parcel = (line: Line) => (line.parcelNumber === null ? {} : { parcelNumber: line.parcelNumber })

/** A packed book leaves by its own way: laid out here, or handed to whoever carries it. */
const dispatch = (
  line: Line,
  order: Order,
  mode: ScanMode,
  branchId: string | undefined,
): Fact | undefined => {
  const { delivery } = order
  const here = branchId ?? line.branchId
  if (delivery.way === 'branch' && delivery.branchId === here && (mode === 'auto' || mode === 'send'))
    return { what: 'at-branch', data: { branchId: here, ...parcel(line) } }
  if (mode !== 'send') return undefined
  return { what: 'shipped', data: { via: delivery.way === 'home' ? 'courier' : 'van', ...parcel(line) } }
}

const said: { readonly [W in Fact['what']]?: Words } = {
  'item-found': say.found,
  packed: say.packed,
  shipped: say.sent,
  'at-branch': say.ready,
  recovered: say.recovered,
  received: say.received,
  routed: say.routed,
}

interface Advice {
  readonly signal: 'yes' | 'look'
  readonly say: Words
  readonly next: Words | null
}

/** What to do with the book now, by where the line has come to since. */
const advice = (line: Line, order: Order, fact: Fact, libraries: Libraries): Advice => {
  const ok = said[fact.what] ?? say.found
  switch (line.status) {
    case 'found':
      return { signal: 'look', say: say.noted, next: say.askPack }
    case 'charged':
      return { signal: 'yes', say: ok, next: say.askPack }
    case 'packed':
      return { signal: 'yes', say: ok, next: afterPacking(line, order, libraries) }
    case 'checkout_refused':
      return { signal: 'look', say: say.refusedCheckout, next: null }
    case 'seeking':
    case 'requested':
      return { signal: 'look', say: say.otherReader, next: say.reshelve }
    case 'received':
    case 'recovered':
    case 'cancelling':
      return { signal: 'look', say: say.noted, next: null }
    case 'discharged':
      return { signal: 'look', say: ok, next: whereTo(line, libraries) }
    case 'closed':
      return { signal: 'yes', say: ok, next: fact.what === 'routed' ? null : say.shelve }
    default:
      return { signal: 'yes', say: ok, next: line.status === 'at_branch' ? say.askHandOver : null }
  }
}

const told = async (
  deps: ScanDeps,
  { order, line }: { readonly order: Order; readonly line: Line },
  fact: Fact,
): Promise<ScanResultJson> => {
  const now = (await workLineById(deps.store.db, line.id))?.line ?? line
  const { signal, say: words, next } = advice(now, order, fact, deps.ports.libraries)
  const home = now.status === 'closed' ? awayFromHome(deps, now, fact) : undefined
  return home
    ? result(deps, line.id, 'look', words, sendOn(home))
    : result(deps, line.id, signal, words, next)
}

/** The branch where a book belongs that was handed in at another one of its library. */
const awayFromHome = ({ ports: { libraries } }: ScanDeps, line: Line, fact: Fact): Words | undefined =>
  fact.what === 'received' && fact.data.branchId !== line.branchId
    ? libraries.branch(line.branchId).name
    : undefined

const result = async (
  deps: ScanDeps,
  lineId: string,
  signal: ScanResultJson['signal'],
  words: Words,
  next: Words | null,
): Promise<ScanResultJson> => {
  const line = await workLineById(deps.store.db, lineId)
  const now: Millis = deps.clock.now()
  const [row = null] = line ? await rowsOf({ db: deps.store.db, ports: deps.ports, now }, [line]) : []
  return { signal, say: words, row, next }
}
