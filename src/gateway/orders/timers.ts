import type { Millis } from '../../kernel/clock.ts'
import type { What } from './evidence.ts'
import type { Context } from './guards.ts'
import type { Line, Order } from './order.ts'

interface TimerRule {
  readonly what: What
  readonly data: Readonly<Record<string, unknown>>
  /** When it is due; null when it does not apply. A reminder whose time has passed is left out. */
  due(line: Line, order: Order, context: Context, now: Millis): Millis | null
  readonly optional?: true
}

const day = 86_400_000
const hour = 3_600_000

/** What happens by itself. A due moment is kept with the line, never in memory. */
export const timers = {
  'staff hours': {
    what: 'listed',
    data: {},
    due: (line, _order, { times }, now) => times.staffThere(line, line.times.confirmed ?? now),
  },
  'give up': {
    what: 'cancel-requested',
    data: { by: 'timeout' },
    due: (line, order, { times, policy }) => times.openDays(line, order.createdAt, policy.giveUpDays),
  },
  'refused too long': {
    what: 'cancel-requested',
    data: { by: 'timeout' },
    due: (line, _order, { times, policy }, now) =>
      times.openDays(line, line.times.checkout_refused ?? now, policy.refusedDays),
  },
  'pick-up reminder': {
    what: 'reminded',
    data: {},
    optional: true,
    due: ({ collectUntil, outage }, _order, { policy }) =>
      collectUntil === null || outage ? null : collectUntil - policy.pickupReminderHours * hour,
  },
  /** Nobody is reproached with a book that could not be reached. */
  'pick-up end': {
    what: 'pickup-expired',
    data: {},
    due: ({ collectUntil, outage }) => (outage ? null : collectUntil),
  },
  'due reminder': {
    what: 'reminded',
    data: {},
    optional: true,
    due: ({ dueAt }, _order, { policy }) => (dueAt === null ? null : dueAt - policy.dueReminderDays * day),
  },
  /** A loan may end or be prolonged at a desk that never told us. */
  recheck: {
    what: 'recheck-due',
    data: {},
    due: ({ dueAt }, _order, { policy }, now) => {
      const span = policy.recheckDays * day
      return dueAt === null ? now + span : dueAt + span * Math.max(1, Math.ceil((now + 1 - dueAt) / span))
    },
  },
} satisfies Record<string, TimerRule>

export type TimerName = keyof typeof timers

const rules: Readonly<Record<TimerName, TimerRule>> = timers

/** The next thing that happens by itself, or null. */
export const nextTimer = (
  names: readonly TimerName[],
  line: Line,
  order: Order,
  context: Context,
  now: Millis,
): Line['timer'] => {
  let next: Line['timer'] = null
  for (const name of names) {
    const rule = rules[name]
    const at = rule.due(line, order, context, now)
    if (at === null || (rule.optional && at <= now)) continue
    if (next === null || at < next.at) next = { what: name, at }
  }
  return next
}

/** What a timer says when it is due. */
export const timerSays = (
  name: string,
): { what: What; data: Readonly<Record<string, unknown>> } | undefined =>
  Object.hasOwn(timers, name) ? rules[name as TimerName] : undefined
