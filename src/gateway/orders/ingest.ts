import type { Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import { ProblemError, refused } from '../../kernel/problem.ts'
import type { Libraries } from '../libraries.ts'
import { claimOf } from '../store/claims.ts'
import type { Tx } from '../store/db.ts'
import type { Event } from '../store/events.ts'
import { insertEvidence, type StoredEvidence, setEvidenceState, waitingEvidence } from '../store/inbox.ts'
import { isCurrent, OrderChanged, orderById } from '../store/orders.ts'
import { contextOf } from './context.ts'
import { advance, type Moved, type Verdict } from './engine.ts'
import { type Evidence, readEvidence } from './evidence.ts'
import type { Line, Order } from './order.ts'
import { type Changes, newChanges, saveChanges } from './save.ts'
import type { RefusalName } from './words.ts'

/** What became of one piece of evidence. `known`: its id has been here before, and nothing happened. */
export interface Told {
  readonly evidence: Evidence
  readonly is: Verdict['is'] | 'known'
  readonly reason: RefusalName | null
  /** The line as it is after all evidence of the call. */
  readonly line: Line
  readonly order: Order
}

export interface IngestDeps {
  readonly ids: Ids
  readonly libraries: Libraries
  /** True where notices also go over channels outside, each as an effect. */
  readonly notifies: boolean
}

/**
 * Takes in evidence in the caller's transaction: stores each once, moves its line, tries what waited, and writes
 * lines, events, effects, claims and messages together. `known`: the order as it was read a moment ago; whether it
 * still is so is found out when it is written. Throws `refused/unknown-order`, and `OrderChanged`.
 */
export const ingestInTx = async (
  tx: Tx,
  deps: IngestDeps,
  evidence: readonly Evidence[],
  now: Millis,
  known?: Order,
): Promise<{ readonly told: readonly Told[]; readonly changes: readonly Changes[] }> => {
  const told: Told[] = []
  const changes: Changes[] = []
  for (const group of Map.groupBy(evidence, e => `${e.libraryId} ${e.orderId}`).values()) {
    const { libraryId, orderId } = group[0]!
    const order = known?.id === orderId ? known : await orderById(tx, libraryId, orderId)
    if (!order) throw new ProblemError(unknownOrder)
    const work = newChanges(order)
    const verdicts: { evidence: Evidence; is: Told['is']; reason: RefusalName | null }[] = []
    for (const e of group) verdicts.push({ evidence: e, ...(await take(tx, deps, work, e, now)) })
    if (work.changed.size === 0 && order === known && !(await isCurrent(tx, order)))
      throw new OrderChanged(`order ${order.id} was changed meanwhile`)
    const saved = await saveChanges(tx, deps, work, now)
    for (const v of verdicts) told.push({ ...v, order: saved, line: lineOf(saved, v.evidence.lineId) })
    changes.push(work)
  }
  return { told, changes }
}

const unknownOrder = refused('unknown-order', { zh: '没有这个订单。', en: 'there is no such order' })

const lineOf = (order: Order, lineId: string): Line => {
  const line = order.lines.find(l => l.id === lineId)
  if (!line) throw new ProblemError(unknownOrder)
  return line
}

const take = async (
  tx: Tx,
  deps: IngestDeps,
  work: Changes,
  evidence: Evidence,
  now: Millis,
): Promise<{ is: Told['is']; reason: RefusalName | null }> => {
  const line = lineOf(work.order, evidence.lineId)
  if (!(await insertEvidence(tx, evidence, 'applied'))) {
    if (evidence.source === 'timer') work.put({ ...line, timer: null })
    return { is: 'known', reason: 'known' }
  }
  const verdict = await judge(tx, deps, work, evidence, now)
  if (verdict.is === 'moved') {
    await replay(tx, deps, work, evidence.lineId, now)
    return { is: 'moved', reason: null }
  }
  await setEvidenceState(tx, evidence.id, verdict.is)
  work.events.push(asideEvent(deps, evidence, verdict, now))
  if (verdict.is === 'waiting') work.put({ ...line, waiting: line.waiting + 1 })
  else if (evidence.source === 'timer') work.put({ ...line, timer: null })
  return { is: verdict.is, reason: verdict.reason }
}

const judge = async (
  tx: Tx,
  deps: IngestDeps,
  work: Changes,
  evidence: Evidence,
  now: Millis,
): Promise<Verdict> => {
  const line = lineOf(work.order, evidence.lineId)
  const claim = await claimFor(tx, line, evidence, now)
  const context = contextOf(deps.libraries, work.order.libraryId, claim)
  const verdict = advance(line, work.order, evidence, context)
  if (verdict.is === 'moved') note(deps, work, line, evidence, verdict, now)
  return verdict
}

/** Whose the item is that the evidence names. */
const claimFor = async (tx: Tx, line: Line, evidence: Evidence, now: Millis) => {
  const barcode =
    evidence.what === 'item-found' || evidence.what === 'copy-assigned' ? evidence.data.barcode : null
  if (barcode === null) return 'free'
  const libraryId = evidence.what === 'copy-assigned' ? evidence.data.supplierId : line.supplierId
  const claim = await claimOf(tx, { libraryId, barcode }, now)
  if (claim?.why !== 'line') return 'free'
  return claim.lineId === line.id ? 'this' : 'other'
}

const note = (
  deps: IngestDeps,
  work: Changes,
  was: Line,
  evidence: Evidence,
  moved: Moved,
  now: Millis,
): void => {
  work.put(moved.line)
  work.order = { ...work.order, feeState: moved.feeState }
  work.effects.push(...moved.effects)
  work.events.push(moveEvent(deps, evidence, moved, now))
  work.claim(was, moved.line, moved.withdrawn)
  const reason = 'text' in evidence.data && evidence.data.text ? evidence.data.text : null
  for (const notice of moved.tell) work.tell.push({ lineId: moved.line.id, notice, reason })
  if (moved.line.outcome === 'transferred' && was.outcome === null)
    work.takenOver.push({ line: moved.line, was })
}

const replay = async (
  tx: Tx,
  deps: IngestDeps,
  work: Changes,
  lineId: string,
  now: Millis,
): Promise<void> => {
  const { order } = work
  for (;;) {
    if (lineOf(work.order, lineId).waiting === 0) return
    let moved = false
    for (const stored of await waitingEvidence(tx, order.libraryId, order.id, lineId)) {
      const evidence = restored(stored)
      const verdict = await judge(tx, deps, work, evidence, now)
      if (verdict.is === 'waiting') continue
      const line = lineOf(work.order, lineId)
      work.put({ ...line, waiting: line.waiting - 1 })
      await setEvidenceState(tx, evidence.id, verdict.is === 'moved' ? 'applied' : 'ignored')
      if (verdict.is === 'ignored') work.events.push(asideEvent(deps, evidence, verdict, now))
      moved ||= verdict.is === 'moved'
      if (moved) break
    }
    if (!moved) return
  }
}

const restored = (stored: StoredEvidence): Evidence => {
  const answer = readEvidence(stored as Parameters<typeof readEvidence>[0])
  if (answer.ok) return answer.value
  throw new ProblemError(answer.problem)
}

const eventOf = (
  deps: IngestDeps,
  evidence: Evidence,
  kind: string,
  data: Event['data'],
  now: Millis,
): Event => ({
  libraryId: evidence.libraryId,
  id: deps.ids.next(),
  orderId: evidence.orderId,
  lineId: evidence.lineId,
  kind,
  at: evidence.at,
  recordedAt: now,
  actor: evidence.data.actor ?? evidence.source,
  source: evidence.source,
  data,
})

const moveEvent = (deps: IngestDeps, evidence: Evidence, { move, line }: Moved, now: Millis): Event => {
  const { actor: _, ...said } = evidence.data
  const data = { ...said, from: move.from, path: move.path, round: line.round }
  return eventOf(deps, evidence, `line.${evidence.what}`, data, now)
}

/** Evidence that moved nothing is on record too, with the reason. */
const asideEvent = (
  deps: IngestDeps,
  evidence: Evidence,
  verdict: Exclude<Verdict, Moved>,
  now: Millis,
): Event =>
  eventOf(deps, evidence, `evidence.${verdict.is}`, { what: evidence.what, reason: verdict.reason }, now)
