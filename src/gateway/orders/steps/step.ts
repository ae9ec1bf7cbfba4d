import type { Clock, Millis } from '../../../kernel/clock.ts'
import type { Problem } from '../../../kernel/problem.ts'
import type { Db, Tx } from '../../store/db.ts'
import type { EffectKind, EffectOf } from '../effects.ts'
import type { DataOf, Source, What } from '../evidence.ts'
import type { Line, LineStatus, Order } from '../order.ts'
import type { EffectAct, OrderPorts } from '../ports.ts'

/** One try of one effect, with the order as it is now: it may have gone on since the effect was written. */
export interface Task<K extends EffectKind> {
  readonly kind: K
  readonly payload: EffectOf<K>['payload']
  /** Pass it on: from the second try on the act may have happened already. */
  readonly act: EffectAct
  readonly attempts: number
  /** True when surely no earlier try has done anything. */
  readonly untouched: boolean
  readonly createdAt: Millis
  readonly order: Order
  readonly line: Line
  readonly ports: OrderPorts
  /** For reading what an effect refers to; never for writing. */
  readonly db: Db
  readonly clock: Clock
}

/** Evidence without its place: the worker adds id, order and time. */
export type Witnessed = {
  readonly [W in What]: {
    readonly what: W
    readonly data: Omit<DataOf<W>, 'round' | 'actor'>
    readonly source: Source
    /** Another line of the order than the effect's own. */
    readonly lineId?: string
    /** Sets apart what one effect says more than once. */
    readonly part?: string
    /** False: it counts whatever copy the line is at by now. */
    readonly aboutRound?: false
  }
}[What]

/**
 * - `done`: performed, or nothing to do any more.
 * - `again`: not now; the worker comes back after a while.
 * - `dead`: trying cannot help; staff are told.
 */
export type Outcome =
  | {
      readonly is: 'done'
      readonly evidence: readonly Witnessed[]
      /** Done in the same transaction that marks the effect done; what it says is taken in there too. */
      readonly within?: (tx: Tx) => Promise<readonly Witnessed[]>
    }
  | {
      readonly is: 'again' | 'dead'
      readonly problem: Problem
      readonly evidence?: readonly Witnessed[]
      /** The other side is told of what has happened already: it is never given up for its age. */
      readonly happened?: boolean
    }

export type Step<K extends EffectKind> = (task: Task<K>) => Promise<Outcome>

export const done = (...evidence: readonly Witnessed[]): Outcome => ({ is: 'done', evidence })
export const again = (problem: Problem): Exclude<Outcome, { is: 'done' }> => ({
  is: problem.retry === 'never' ? 'dead' : 'again',
  problem,
})

/** A clear no of the other side, as against one that cannot be told from a yes. */
export const isRefusal = (problem: Problem): boolean => problem.kind === 'refused' && !problem.maybeDone

/** The other side's own words for people, else ours. */
export const textOf = (problem: Problem): { code: string; text?: string } => {
  const text = problem.their?.text?.slice(0, 500)
  return { code: problem.code.slice(0, 64), ...(text ? { text } : {}) }
}

const goneOn: readonly LineStatus[] = ['cancelling', 'seeking', 'closed']

/** What nobody waits for: the line has gone on without it before it was ever tried. */
export const droppable = (task: Task<EffectKind>): boolean =>
  task.attempts === 1 && (goneOn.includes(task.line.status) || task.payload.round !== task.line.round)

/** The effect was left out; the line need not wait for it. */
export const dropped = (kind: EffectKind): Outcome =>
  done({ what: 'effect-dropped', data: { effect: kind }, source: 'gateway' })
