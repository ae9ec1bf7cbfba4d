import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import type { Clock, Millis } from '../kernel/clock.ts'
import { type Answer, no, type Problem, unreachable } from '../kernel/problem.ts'

export interface BreakerRule {
  /** Opens when more than this share of the calls of the last `window` was unreachable, in percent. */
  readonly percent: number
  readonly window: Millis
  /** Fewer calls than this in the window never open it. */
  readonly atLeast: number
  /** How long it stays open before one call may try. */
  readonly rest: Millis
}
export type BreakerState = 'closed' | 'half-open' | 'open'

const usual: BreakerRule = { percent: 50, window: 30_000, atLeast: 5, rest: 15_000 }
const buckets = 10
const never = 2 ** 31 - 1

/**
 * A circuit breaker over calls that answer instead of throwing: only `unreachable` counts as a failure, and of these
 * only what `counts`; a refusal is a healthy peer. Its window and its rest follow the clock passed in, not the system's.
 */
export const createBreaker = <In, Out>(
  clock: Pick<Clock, 'now'>,
  rule: Partial<BreakerRule>,
  act: (input: In) => Promise<Answer<Out>>,
  counts: (problem: Problem, input: In) => boolean = () => true,
) => {
  const { percent, window, atLeast, rest } = { ...usual, ...rule }
  const turns = new EventEmitter()
  const action = async (input: In): Promise<Answer<Out>> => {
    const answer = await act(input)
    if (!answer.ok && answer.problem.kind === 'unreachable' && counts(answer.problem, input))
      throw new Failure(answer.problem)
    return answer
  }
  const make = (state?: CircuitBreaker.State): CircuitBreaker<[In], Answer<Out>> => {
    turns.removeAllListeners()
    const made = new CircuitBreaker(action, {
      timeout: false,
      resetTimeout: never,
      errorThresholdPercentage: percent,
      volumeThreshold: atLeast,
      rollingCountTimeout: window,
      rollingCountBuckets: buckets,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      rotateBucketController: turns,
      ...(state ? { state } : {}),
    })
    made.on('open', () => {
      openedAt = clock.now()
    })
    return made
  }
  let openedAt = 0
  let turnedAt = clock.now()
  let breaker = make()

  const catchUp = (): void => {
    const due = Math.floor((clock.now() - turnedAt) / (window / buckets))
    for (let i = 0; i < Math.min(due, buckets); i++) turns.emit('rotate')
    if (due !== 0) turnedAt = clock.now()
    if (!breaker.opened || Math.abs(clock.now() - openedAt) < rest) return
    breaker.shutdown()
    breaker = make(halfOpen)
  }
  const fire = async (input: In): Promise<Answer<Out>> => {
    catchUp()
    try {
      return await breaker.fire(input)
    } catch (thrown) {
      if (thrown instanceof Failure) return no(thrown.problem)
      if ((thrown as { code?: string }).code === 'EOPENBREAKER') return no(resting)
      throw thrown
    }
  }
  const state = (): BreakerState => {
    catchUp()
    if (breaker.opened) return 'open'
    return breaker.halfOpen ? 'half-open' : 'closed'
  }
  return { fire, state }
}

const halfOpen: CircuitBreaker.State = {
  name: 'half-open',
  enabled: true,
  closed: false,
  open: false,
  halfOpen: true,
  warmUp: false,
  shutdown: false,
  lastTimerAt: Symbol('never'),
}

class Failure extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.code)
    this.problem = problem
  }
}

const resting = unreachable('peer-resting', {
  zh: '对方近期多次无响应，暂停呼叫，稍后自动重试。',
  en: 'The other side has failed several times; we wait a little before calling again.',
})
