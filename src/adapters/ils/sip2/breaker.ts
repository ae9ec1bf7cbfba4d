import type { Clock, Millis } from '../../../kernel/clock.ts'
import type { RandomBytes } from '../../../kernel/ids.ts'

/**
 * Counts failures in a row and says when to try again: each wait is twice the last one, with jitter, so that
 * many gateways do not knock together. From `threshold` failures on it refuses until the wait is over; the next
 * try then decides. A breaker of our own because the ready-made one (opossum) reads the system's clock and sets
 * its own timers: waits could not be tested without waiting.
 */
export interface Breaker {
  /** Failures in a row. */
  readonly failures: number
  /** Whether it is time for a try. */
  ready(): boolean
  /** Whether to refuse at once rather than wait for the next try. */
  refusing(): boolean
  /** Whether the next try decides: only one at a time. */
  proving(): boolean
  /** Milliseconds until it is ready again. */
  wait(): Millis
  succeeded(): void
  /** `hopeless`: more tries in quick succession would do harm (a login that may be locked). */
  failed(hopeless?: boolean): void
}

export interface BreakerSettings {
  readonly threshold: number
  readonly first: Millis
  readonly longest: Millis
}

export const createBreaker = (
  clock: Pick<Clock, 'now'>,
  random: RandomBytes,
  { threshold, first, longest }: BreakerSettings,
): Breaker => {
  let failures = 0
  let until = 0
  const ready = (): boolean => failures === 0 || clock.now() >= until
  return {
    get failures() {
      return failures
    },
    ready,
    refusing: () => failures >= threshold && !ready(),
    proving: () => failures >= threshold && ready(),
    wait: () => Math.max(0, until - clock.now()),
    succeeded: () => {
      failures = 0
    },
    failed: hopeless => {
      failures = hopeless ? Math.max(failures + 1, threshold) : failures + 1
      const whole = Math.min(longest, first * 2 ** Math.min(failures - 1, 20))
      until = clock.now() + Math.round(whole * (0.5 + (random(1)[0] ?? 0) / 512))
    },
  }
}
