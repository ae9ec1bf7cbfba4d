import type { Millis } from '../../../kernel/clock.ts'
import { ProblemError } from '../../../kernel/problem.ts'
import type { WorkingTime } from '../../../kernel/working-time.ts'
import type { Libraries } from '../../libraries.ts'
import type { Line, LineStatus, Order } from '../order.ts'

/** DB3205/T 1098-2023, 6.2.1: from the request's arrival with staff to the found item. */
const processingDays = 1
/** 6.2.2: from the reader's submission to the item in the reader's hands. */
const acquisitionDays = 3

export interface Deadline {
  readonly at: Millis | null
  /** Working seconds left; negative when late. */
  readonly secondsLeft: number | null
  readonly risk: 'on-time' | 'at-risk' | 'late'
}

const none: Deadline = { at: null, secondsLeft: null, risk: 'on-time' }

const finding: readonly LineStatus[] = ['confirmed', 'picking']
const coming: readonly LineStatus[] = [
  ...(['requested', 'seeking', 'found', 'checkout_refused', 'charged', 'packed', 'shipped'] as const),
]
/** Less than this share of a standard day left is a risk. */
const riskShare = 0.25

/** What the standard still allows for a line, by the calendar of the place that counts. */
export const deadlineOf = (line: Line, order: Order, libraries: Libraries, now: Millis): Deadline => {
  try {
    const branch = libraries.branch(line.branchId).hours
    if (finding.includes(line.status))
      return left(branch, line.times.received_by_staff ?? line.times.confirmed ?? now, processingDays, now)
    if (coming.includes(line.status))
      return left(libraries.get(order.libraryId).hours, order.createdAt, acquisitionDays, now)
    return none
  } catch (error) {
    if (error instanceof ProblemError) return none
    throw error
  }
}

const left = (hours: WorkingTime, from: Millis, days: number, now: Millis): Deadline => {
  const at = hours.deadline(from, days)
  const seconds = now <= at ? hours.openSeconds(now, at) : -hours.openSeconds(at, now)
  const secondsLeft = Math.round(seconds)
  if (now > at) return { at, secondsLeft, risk: 'late' }
  return { at, secondsLeft, risk: secondsLeft < hours.standardDaySeconds * riskShare ? 'at-risk' : 'on-time' }
}
