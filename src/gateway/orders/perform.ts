import type { Clock } from '../../kernel/clock.ts'
import { type Answer, asProblem, misconfigured, type Problem } from '../../kernel/problem.ts'
import type { Store, Tx } from '../store/db.ts'
import { orderById } from '../store/orders.ts'
import {
  type Claim,
  complete,
  completeUndone,
  fail,
  type Patience,
  postpone,
  patience as usual,
} from '../store/outbox.ts'
import type { EffectKind } from './effects.ts'
import { effectEvidenceId, type RawEvidence } from './evidence.ts'
import type { Order } from './order.ts'
import type { OrderPorts } from './ports.ts'
import type { Steps } from './steps/index.ts'
import { again, done, type Outcome, type Step, type Task, type Witnessed } from './steps/step.ts'

/** Called at every border between one safe state and the next; for tests that kill the process there. */
export type Boundary = (name: string) => void | Promise<void>

/** What a boundary throws that ends everything: nothing may catch it and go on. */
export class Killed extends Error {}

/** An effect that no order waits for: cards, partners' hooks, what happened while an ILS was away ... */
export type OtherStep = (effect: Claim) => Promise<Answer<void>>

export interface PerformDeps {
  readonly store: Store
  readonly clock: Clock
  readonly ports: OrderPorts
  readonly steps: Steps
  readonly boundary: Boundary
  /** Effects of the queues that are no order's, by kind: performed the same way, without evidence. */
  readonly others?: Readonly<Record<string, OtherStep>>
  readonly patience?: Patience
  /** Takes evidence in, in the transaction that marks the effect. */
  readonly ingest: (
    tx: Tx,
    after: (act: () => void) => void,
    evidence: readonly RawEvidence[],
    known?: Order,
  ) => Promise<void>
}

/** Tries after which a fault of ours is a staff task instead of a quiet repetition. */
const bugTries = 6

/** Performs one claimed effect and writes its outcome. False: another worker holds it by now. */
export const perform = async (deps: PerformDeps, claim: Claim): Promise<boolean> => {
  const { boundary } = deps
  await boundary(`before ${claim.kind}`)
  let order = isOrders(claim, deps) ? await orderOf(deps, claim) : undefined
  const outcome = isOrders(claim, deps) ? await ofOrder(deps, claim, order) : await ofOthers(deps, claim)
  await boundary(`after ${claim.kind}`)
  const kept = await deps.store.tx(async (tx, after) => {
    const known = order
    // When it was changed meanwhile the transaction runs again, and then it looks for itself.
    order = undefined
    if (!(await settle(deps, tx, after, claim, outcome, known))) return false
    await boundary(`in ${claim.kind}`)
    return true
  })
  await boundary(`committed ${claim.kind}`)
  return kept
}

const isOrders = (claim: Claim, { steps }: PerformDeps): boolean => Object.hasOwn(steps, claim.kind)

const orderOf = (deps: PerformDeps, claim: Claim): Promise<Order | undefined> =>
  orderById(deps.store.db, claim.libraryId, claim.orderId ?? '')

const ofOrder = async (deps: PerformDeps, claim: Claim, order: Order | undefined): Promise<Outcome> =>
  order ? attempt(deps, claim, order) : missingOrder

const ofOthers = async (deps: PerformDeps, claim: Claim): Promise<Outcome> => {
  const step = deps.others?.[claim.kind]
  if (!step) return unknownKind
  try {
    const answer = await step(claim)
    if (answer.ok) return done()
    return { ...again(answer.problem), happened: claim.kind.startsWith('ils.happened-') }
  } catch (thrown) {
    return { is: 'again', problem: asProblem(thrown) }
  }
}

const unknownKind: Outcome = {
  is: 'dead',
  problem: misconfigured('unknown-effect', {
    zh: '这一步没有对应的处理程序。',
    en: 'Nothing here knows how to perform this step.',
  }),
}

const missingOrder: Outcome = {
  is: 'dead',
  problem: {
    kind: 'bug',
    code: 'effect-without-order',
    retry: 'never',
    say: { zh: '找不到这一步所属的订单。', en: 'The order of this step is not there.' },
  },
}

/** What an effect says that was not done after all. */
const undone: ReadonlySet<string> = new Set([
  'checkout-refused',
  'checkin-refused',
  'transfer-refused',
  'effect-dropped',
])

/** What an earlier failure left on the row, beside its problem. */
interface Tried extends Problem {
  readonly tries?: number
}

const attempt = async (deps: PerformDeps, claim: Claim, order: Order): Promise<Outcome> => {
  const line = order.lines.find(l => l.id === claim.lineId)
  if (!line) return missingOrder
  const last = claim.lastProblem as Tried | null
  const task = {
    kind: claim.kind,
    payload: claim.payload,
    act: { key: claim.key, repeated: claim.repeated },
    attempts: claim.attempts,
    untouched: claim.attempts === 1 || (last?.tries === claim.attempts - 1 && !last.maybeDone),
    createdAt: claim.createdAt,
    order,
    line,
    ports: deps.ports,
    db: deps.store.db,
    clock: deps.clock,
  } as Task<EffectKind>
  try {
    return await (deps.steps[task.kind] as Step<EffectKind>)(task)
  } catch (thrown) {
    return { is: 'again', problem: asProblem(thrown) }
  }
}

const settle = async (
  deps: PerformDeps,
  tx: Tx,
  after: (act: () => void) => void,
  claim: Claim,
  outcome: Outcome,
  known: Order | undefined,
): Promise<boolean> => {
  if (outcome.is === 'done') {
    const end = outcome.evidence.some(({ what }) => undone.has(what)) ? completeUndone : complete
    if (!(await end(tx, claim))) return false
    const more = (await outcome.within?.(tx)) ?? []
    await deps.ingest(tx, after, witness(deps, claim, [...outcome.evidence, ...more]), known)
    return true
  }
  const now = deps.clock.now()
  const problem = remembered(claim, outcome)
  const { notBefore } = outcome.problem
  if (outcome.is === 'again' && notBefore !== undefined && notBefore > now && !outcome.problem.maybeDone) {
    if (!(await postpone(tx, claim, notBefore, untried(claim, outcome.problem)))) return false
    await deps.ingest(tx, after, witness(deps, claim, outcome.evidence ?? []))
    return true
  }
  const state = await fail(tx, claim, problem, now, patienceFor(deps, outcome))
  if (state === 'lost') return false
  const dead = state === 'dead' && claim.lineId !== null && claim.orderId !== null
  const evidence = [...(outcome.evidence ?? []), ...(dead ? [failure(claim, problem)] : [])]
  await deps.ingest(tx, after, witness(deps, claim, evidence), known)
  return true
}

/** What earlier tries noted for later ones, beside the problem itself. */
const notesOf = (last: Tried | null): Partial<Tried> => {
  if (!last) return {}
  const {
    kind: _,
    code: __,
    retry: ___,
    say: ____,
    their: _____,
    maybeDone,
    notBefore: ______,
    ...notes
  } = last
  return maybeDone ? { ...notes, maybeDone } : notes
}

/** The problem with what the next try must know: how many tries it covers, and whether any may have done it. */
const remembered = (claim: Claim, outcome: Exclude<Outcome, { is: 'done' }>): Tried => {
  const last = claim.lastProblem as Tried | null
  const whole = claim.attempts === 1 || last?.tries === claim.attempts - 1
  const { problem } = outcome
  const hopeless = outcome.is === 'dead' || (problem.kind === 'bug' && claim.attempts >= bugTries)
  const { tries: _, ...notes } = notesOf(last)
  return {
    ...notes,
    ...problem,
    retry: hopeless ? 'never' : 'later',
    ...(whole ? { tries: claim.attempts } : {}),
    ...(problem.maybeDone || last?.maybeDone ? { maybeDone: true } : {}),
  }
}

/** What is said while it waits for a planned closing to end: what earlier tries left behind stays. */
const untried = (claim: Claim, problem: Problem): Tried => ({
  ...(claim.attempts === 1 ? { tries: 0 } : {}),
  ...problem,
  ...notesOf(claim.lastProblem as Tried | null),
})

/** What has happened out there is never given up for its age alone. */
const patienceFor = ({ patience = usual }: PerformDeps, outcome: Outcome): Patience =>
  'happened' in outcome && outcome.happened
    ? { ...patience, giveUpAfter: Number.POSITIVE_INFINITY }
    : patience

const failure = (claim: Claim, problem: Problem): Witnessed => ({
  what: 'effect-failed',
  data: {
    effect: claim.kind,
    code: problem.code.slice(0, 64),
    zh: problem.say.zh.slice(0, 500),
    en: problem.say.en.slice(0, 500),
    ...(problem.their?.text ? { text: problem.their.text.slice(0, 500) } : {}),
  },
  source: 'gateway',
  part: `dead${claim.attempts}`,
  aboutRound: false,
})

const witness = (deps: PerformDeps, claim: Claim, evidence: readonly Witnessed[]): RawEvidence[] => {
  const now = deps.clock.now()
  const { round } = claim.payload as { round?: number }
  return evidence.map(({ what, data, source, lineId, part = '', aboutRound }) => ({
    id: effectEvidenceId(claim.key, part),
    libraryId: claim.libraryId,
    orderId: claim.orderId ?? '',
    lineId: lineId ?? claim.lineId ?? '',
    source,
    what,
    at: now,
    receivedAt: now,
    data: aboutRound === false ? data : { ...data, round },
  }))
}
