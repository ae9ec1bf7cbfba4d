import type { NoticeName } from '../notices/words.ts'
import { type Draft, type Effect, number } from './effects.ts'
import type { Evidence } from './evidence.ts'
import { note } from './facts.ts'
import { type Context, guards } from './guards.ts'
import type { FeeState, Line, LineStatus, Order } from './order.ts'
import { mayWait, whereCounts } from './paths.ts'
import { recipes, type Spot } from './recipes.ts'
import { type Edge, edgesOf, states } from './states.ts'
import { nextTimer } from './timers.ts'
import { type RefusalName, troubles, unrecorded } from './words.ts'

/** What is recorded of a move. */
export interface Move {
  readonly what: string
  readonly from: LineStatus
  /** The states entered, in order; the last one is where it is now. Empty when it stays where it is. */
  readonly path: readonly LineStatus[]
}

export interface Moved {
  readonly is: 'moved'
  readonly line: Line
  readonly move: Move
  readonly effects: readonly Effect[]
  readonly tell: readonly NoticeName[]
  readonly feeState: FeeState
  /** The copy that is kept out of the offer for a while, and why. */
  readonly withdrawn: { readonly supplierId: string; readonly barcode: string; readonly why: string } | null
}
export interface Ignored {
  readonly is: 'ignored'
  readonly reason: RefusalName
}
export interface Waiting {
  readonly is: 'waiting'
  readonly reason: 'early'
}
export type Verdict = Moved | Ignored | Waiting

const ignored = (reason: RefusalName): Ignored => ({ is: 'ignored', reason })

/**
 * What one piece of evidence does to one line. Pure: the same line, order, evidence and context give the same
 * verdict. The caller saves it, performs the effects after the commit, and tries waiting evidence again.
 */
export const advance = (line: Line, order: Order, evidence: Evidence, context: Context): Verdict => {
  const misfit = fits(line, evidence)
  if (misfit) return ignored(misfit)
  const edges = edgesOf(line.status, evidence.what)
  const noted = note(line, evidence, order)
  const edge = edges.find(e => allowed(e, noted, evidence, context, line))
  if (edge) return move(line, noted, edge, order, evidence, context)
  if (mayWait(line.status, evidence.what)) return { is: 'waiting', reason: 'early' }
  return ignored(why(line, evidence, edges.length > 0))
}

const allowed = (edge: Edge, line: Line, evidence: Evidence, context: Context, was: Line): boolean =>
  (edge.when ?? []).every(name => guards[name](line, evidence, context, was))

/** Evidence about an earlier copy or another parcel says nothing about where the line is now. */
const fits = (line: Line, evidence: Evidence): RefusalName | undefined => {
  if (line.status === 'closed') return 'closed'
  const { round } = evidence.data
  if (round !== undefined && round !== line.round) return 'round'
  const parcel = 'parcelNumber' in evidence.data ? evidence.data.parcelNumber : undefined
  if (parcel === undefined) return undefined
  if (line.parcelsBack.includes(parcel)) return 'parcel'
  if (evidence.what === 'packed') return undefined
  const expected =
    states[line.status].rank < states.on_loan.rank ? line.parcelNumber : line.returnParcelNumber
  return expected !== null && expected !== parcel ? 'parcel' : undefined
}

const why = (line: Line, evidence: Evidence, known: boolean): RefusalName => {
  if (evidence.what === 'item-found' && known) return 'copy-taken'
  if (evidence.what === 'cancel-requested') return 'too-late-to-cancel'
  if (evidence.what === 'renew-requested') return 'no-more-renewals'
  if (evidence.what === 'transfer-requested') return 'no-transfer'
  return whereCounts(line.status, evidence.what) === 'behind' ? 'late' : 'not-now'
}

interface Walk {
  line: Line
  readonly path: LineStatus[]
  readonly effects: Effect[]
  readonly tell: NoticeName[]
  withdrawn: Moved['withdrawn']
}

const move = (
  line: Line,
  noted: Line,
  first: Edge,
  order: Order,
  evidence: Evidence,
  context: Context,
): Moved => {
  const walk: Walk = { line, path: [], effects: [], tell: [], withdrawn: null }
  const take = (was: Line, now: Line, edge: Edge): void => {
    walk.line = enter(was, now, edge, order, evidence, context)
    if (edge.to !== was.status || edge.again) walk.path.push(edge.to)
    if (edge.tell) walk.tell.push(edge.tell)
    if (edge.withdraw && was.barcode !== null)
      walk.withdrawn = { supplierId: was.supplierId, barcode: was.barcode, why: edge.withdraw }
    const spot: Spot = { was, line: walk.line, order, evidence, context }
    const drafts = (edge.effects ?? []).flatMap(name => recipes[name](spot) as readonly Draft[])
    const numbered = number(drafts, walk.line, order, evidence.receivedAt)
    walk.line = numbered.line
    walk.effects.push(...numbered.effects)
  }
  take(line, noted, first)
  settle(walk, evidence, context, take)
  const rules = states[walk.line.status].timers ?? []
  const timer = nextTimer(rules, walk.line, order, context, evidence.receivedAt)
  return {
    is: 'moved',
    line: { ...walk.line, moves: line.moves + 1, movedAt: evidence.at, timer },
    move: { what: evidence.what, from: line.status, path: walk.path },
    effects: walk.effects,
    tell: walk.tell,
    feeState: feeStateAfter(order.feeState, walk.effects),
    withdrawn: walk.withdrawn,
  }
}

/** Follows the edges that need no new evidence; the table's check makes sure that they end. */
const settle = (
  walk: Walk,
  evidence: Evidence,
  context: Context,
  take: (was: Line, now: Line, edge: Edge) => void,
): void => {
  for (;;) {
    const { line } = walk
    const edge = states[line.status].auto?.find(e => allowed(e, line, evidence, context, line))
    if (!edge) return
    take(line, line, edge)
  }
}

const enter = (
  was: Line,
  noted: Line,
  edge: Edge,
  order: Order,
  evidence: Evidence,
  context: Context,
): Line => {
  const { to } = edge
  let line = noted
  if (edge.ending) line = { ...line, ending: edge.ending }
  if (edge.trouble) line = { ...line, trouble: trouble(edge.trouble, evidence) }
  else if (edge.settles) line = { ...line, trouble: null }
  else if (to !== was.status) line = { ...line, trouble: stillUnrecorded(line, to) }
  if (to === 'seeking') line = withoutCopy(was, line, evidence)
  if (edge.again === 'copy') line = withCopy(line, evidence)
  if (edge.again === 'parcel') line = withoutParcel(line)
  if (to === was.status && !edge.again) return timed(extended(was, line, order, evidence, context), evidence)
  if (line.outage) line = { ...line, outage: null }
  line = { ...line, status: to, times: { [to]: evidence.at, ...line.times } }
  if (to === 'in_locker' || to === 'at_branch')
    line = { ...line, collectUntil: context.times.collectUntil(line, order, evidence.at) }
  if (to === 'picking') line = { ...line, times: { received_by_staff: evidence.at, ...line.times } }
  if (to === 'on_loan') line = { ...line, routing: null, ending: null, transferTo: null }
  if (to === 'closed') line = ended(line)
  return timed(line, evidence)
}

/** After an outage the pick-up time ends later by as long as it lasted, when the place then closes; never earlier. */
const extended = (was: Line, line: Line, order: Order, { at }: Evidence, { times }: Context): Line => {
  if (!was.outage || line.outage || line.collectUntil === null) return line
  const lost = Math.max(0, at - was.outage.since)
  const until = lost === 0 ? 0 : times.closingFrom(line, order, line.collectUntil + lost)
  return { ...line, collectUntil: Math.max(line.collectUntil, until) }
}

/** A loan that was passed on is the other reader's now. */
const ended = (line: Line): Line => ({
  ...line,
  outcome: line.ending ?? 'returned',
  charged: line.ending === 'transferred' ? false : line.charged,
})

const timed = (line: Line, { what, at }: Evidence): Line => {
  if (what === 'item-not-found') return { ...line, times: { not_found: at, ...line.times } }
  return what === 'renewed' ? { ...line, times: { ...line.times, renewed: at } } : line
}

const trouble = (name: keyof typeof troubles, evidence: Evidence): NonNullable<Line['trouble']> => {
  const told = evidence.what === 'effect-failed' ? evidence.data : undefined
  if (told)
    return { code: name, zh: `${troubles[name].zh}（${told.zh}）`, en: `${troubles[name].en} (${told.en})` }
  const text = 'text' in evidence.data && evidence.data.text ? evidence.data.text : ''
  return text === ''
    ? { code: name, ...troubles[name] }
    : { code: name, zh: `${troubles[name].zh}（${text}）`, en: `${troubles[name].en} (${text})` }
}

const outside: readonly LineStatus[] = ['packed', 'shipped', 'in_locker', 'at_branch', 'expired']
const withReader: readonly LineStatus[] = ['delivered', 'collected', 'on_loan', 'return_requested']

/** A loan that the ILS did not take stays to be settled, wherever the item goes, until it comes back. */
const stillUnrecorded = ({ trouble, charged, chargeOwed }: Line, to: LineStatus): Line['trouble'] => {
  if (!trouble || !unrecorded.includes(trouble.code) || charged || chargeOwed) return null
  const code = outside.includes(to) ? 'loan-not-recorded' : withReader.includes(to) ? 'charge-refused' : null
  if (code === null) return null
  const old = troubles[trouble.code as keyof typeof troubles]
  const { zh, en } = troubles[code]
  return { code, zh: trouble.zh.replace(old.zh, zh), en: trouble.en.replace(old.en, en) }
}

const withoutParcel = (line: Line): Line => ({
  ...line,
  parcelsBack: line.parcelNumber === null ? line.parcelsBack : [...line.parcelsBack, line.parcelNumber],
  parcelNumber: null,
  lockerId: null,
  compartmentId: null,
  collectUntil: null,
})

const withoutCopy = (was: Line, line: Line, evidence: Evidence): Line => {
  const gone = evidence.what === 'copy-assigned' ? evidence.data.barcode : was.barcode
  return {
    ...withoutParcel(line),
    tried: gone === null || line.tried.includes(gone) ? line.tried : [...line.tried, gone],
    barcode: null,
    callNumber: null,
    location: null,
    held: false,
    hadHold: false,
    charged: false,
    chargeOwed: false,
    pending: [],
    dueAt: null,
    handedInAt: null,
  }
}

const withCopy = (line: Line, evidence: Evidence): Line =>
  evidence.what === 'copy-assigned'
    ? {
        ...line,
        round: line.round + 1,
        supplierId: evidence.data.supplierId,
        branchId: evidence.data.branchId,
        barcode: evidence.data.barcode,
        callNumber: evidence.data.callNumber ?? null,
        location: evidence.data.location ?? null,
      }
    : line

const feeStateAfter = (before: FeeState, effects: readonly Effect[]): FeeState => {
  for (const { kind } of effects) {
    if (kind === 'fee.settle') return 'spent'
    if (kind === 'quota.release') return 'returned'
    if (kind === 'fee.refund' && before === 'spent') return 'refunded'
  }
  return before
}
