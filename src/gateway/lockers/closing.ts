import type { Millis } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { WorkingTime } from '../../kernel/working-time.ts'

const soon: Millis = 1_800_000

/**
 * When the building closes, from half an hour before; undefined earlier, while it is closed, and where it goes on
 * being open past midnight.
 */
export const closesSoon = (hours: WorkingTime, now: Millis): Millis | undefined => {
  const end = hours.hoursOn(now).find(([from, to]) => now >= from && now < to)?.[1]
  if (end === undefined || end - now > soon) return undefined
  return opensAgain(hours, end) ? undefined : end
}

/** A calendar that is not known so far ahead says nothing of the next day. */
const opensAgain = (hours: WorkingTime, end: Millis): boolean => {
  try {
    return hours.isOpen(end)
  } catch (error) {
    if (error instanceof ProblemError) return false
    throw error
  }
}
