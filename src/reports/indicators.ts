import type { Millis } from '../kernel/clock.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { LineFact, WorkingTimeOf } from './facts.ts'

/** A span of work with its bound: from when to when, how long in working days, and whether in time. */
export interface Span {
  readonly from: Millis
  readonly to: Millis
  readonly workingDays: number
  /** Null where it falls into a year whose holidays are not announced yet. */
  readonly deadline: Millis | null
  readonly onTime: boolean
}

/** Bounds of DB3205/T 1098-2023: clauses 6.2.1, 6.2.2 (working days) and 6.2.3 (shares). */
export const bounds = {
  processingDays: 1,
  acquisitionDays: 3,
  rejectionOpen: 0.1,
  rejectionClosed: 0.01,
} as const

const ifKnown = (compute: () => Millis): Millis | null => {
  try {
    return compute()
  } catch (thrown) {
    if (thrown instanceof ProblemError) return null
    throw thrown
  }
}

const span = (fact: LineFact, from: Millis, to: Millis, days: number, timeOf: WorkingTimeOf): Span => {
  const time = timeOf(fact.branchId)
  const deadline = ifKnown(() => time.deadline(from, days))
  const workingDays = time.elapsedDays(from, to)
  return { from, to, workingDays, deadline, onTime: deadline === null ? workingDays <= days : to <= deadline }
}

/**
 * Order processing time (6.2.1): staff received -> found, or not found. Received is the first moment at or after
 * `confirmed` within opening hours. A line found on another copy after a first "not found" ends when it was found.
 */
export const processing = (fact: LineFact, timeOf: WorkingTimeOf): Span | null => {
  const end = fact.foundAt ?? (isRejected(fact) ? fact.notFoundAt : null)
  if (fact.confirmedAt === null || end === null) return null
  const { confirmedAt } = fact
  const received = ifKnown(() => timeOf(fact.branchId).nextOpen(confirmedAt)) ?? end
  // Found before opening time: staff came early; the line took no working time, and counts when it was found.
  return span(fact, Math.min(received, end), end, bounds.processingDays, timeOf)
}

/** Acquisition time (6.2.2): submitted -> in the reader's hands. */
export const acquisition = (fact: LineFact, timeOf: WorkingTimeOf): Span | null =>
  fact.inHandAt === null ? null : span(fact, fact.submittedAt, fact.inHandAt, bounds.acquisitionDays, timeOf)

/** Submitted -> ready for the reader, which leaves out the reader's own delay. */
export const ready = (fact: LineFact, timeOf: WorkingTimeOf): Span | null => {
  const end = fact.readyAt ?? fact.inHandAt
  return end === null ? null : span(fact, fact.submittedAt, end, bounds.acquisitionDays, timeOf)
}

/** Endings that were the reader's will or lack of entitlement: in neither half of the rejection rate. */
const readersOwn = new Set(['cancelled_by_reader', 'refused'])

/** Wanted and not obtained: ended not supplied, or given up after staff had said "not found". */
const isRejected = (fact: LineFact): boolean => {
  if (fact.outcome === 'not_supplied') return true
  if (fact.foundAt !== null) return false
  if (fact.outcome === 'cancelled_by_staff' || fact.outcome === 'cancelled_by_timeout') return true
  return fact.outcome === 'cancelled_by_reader' && fact.notFoundAt !== null
}

/**
 * Rejection (3.4, 6.2.3): `at` is when the outcome fell, which decides the period. Null: not reasonably requested
 * (cancelled by the reader before an outcome, not entitled), or no outcome yet.
 */
export const rejection = (fact: LineFact): { readonly at: Millis; readonly rejected: boolean } | null => {
  if (isRejected(fact)) {
    const gaveUp =
      fact.outcome === 'cancelled_by_reader' ? fact.notFoundAt : (fact.closedAt ?? fact.notFoundAt)
    return gaveUp === null ? null : { at: gaveUp, rejected: true }
  }
  if (fact.outcome === 'refused') return null
  if (fact.foundAt === null) return null
  return { at: fact.foundAt, rejected: false }
}

/** Says why a line counts in neither half, for the list behind the figure. */
export const notCounted = (fact: LineFact): 'readers-own' | 'open' | null => {
  if (rejection(fact)) return null
  return fact.outcome !== null && readersOwn.has(fact.outcome) ? 'readers-own' : 'open'
}
