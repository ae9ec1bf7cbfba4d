import { Chance } from './random.ts'
import type { Target } from './target.ts'

export interface Plan {
  readonly seed: number
  /** Inputs in all. */
  readonly inputs: number
  /** Milliseconds after which no further case is begun; 0: none. */
  readonly time: number
  readonly targets: readonly Target[]
  readonly now: () => number
  /** Bytes in use after collecting what is not; undefined where that cannot be asked. */
  readonly memory?: (() => number) | undefined
  readonly told?: (target: string, inputs: number) => void
}

export interface Failure {
  readonly target: string
  readonly seed: number
  readonly number: number
  readonly made: unknown
  readonly error: string
}

export interface Tallied {
  readonly target: string
  readonly cases: number
  readonly inputs: number
  readonly millis: number
  /** Slowest case. */
  readonly slowest: number
  /** Bytes by which memory grew from a third of the way to the end. */
  readonly growth?: number
}

export interface Report {
  readonly tallies: readonly Tallied[]
  readonly failures: readonly Failure[]
}

/** Longer than this for one case, three times over, is a hang. */
export const mostMillis = 250
export const mostGrowth = 24 * 1024 * 1024
const mostFailures = 10

/** Throws cases at each target until its share is used up. The same seed makes the same cases. */
export const fuzz = async (plan: Plan): Promise<Report> => {
  const tallies: Tallied[] = []
  const failures: Failure[] = []
  const until = plan.time > 0 ? plan.now() + plan.time : Number.POSITIVE_INFINITY
  const shares = plan.targets.reduce((sum, { share }) => sum + share, 0)
  for (const target of plan.targets) {
    const cases = Math.ceil((plan.inputs * target.share) / shares / target.inputs)
    const begun = plan.now()
    let slowest = 0
    let number = 0
    let memory: number | undefined
    for (; number < cases && failures.length < mostFailures && plan.now() < until; number++) {
      if (number === Math.floor(cases / 3)) memory = plan.memory?.()
      const outcome = await one(target, plan.seed, number, plan.now)
      slowest = Math.max(slowest, outcome.millis)
      if (outcome.failure) failures.push(outcome.failure)
      if ((number & 0x3fff) === 0) plan.told?.(target.name, number * target.inputs)
    }
    const growth = memory === undefined ? undefined : plan.memory!() - memory
    const { name } = target
    if (growth !== undefined && growth > mostGrowth)
      failures.push({
        target: name,
        seed: plan.seed,
        number,
        made: null,
        error: `memory grew by ${growth} bytes`,
      })
    tallies.push({
      target: name,
      cases: number,
      inputs: number * target.inputs,
      millis: Math.round(plan.now() - begun),
      slowest: Math.round(slowest),
      ...(growth === undefined ? {} : { growth }),
    })
  }
  return { tallies, failures }
}

/** Carries out one case. A slow one is tried again: what slows the machine down is not always the input. */
export const one = async (
  target: Target,
  seed: number,
  number: number,
  now: () => number,
): Promise<{ millis: number; failure?: Failure }> => {
  const made = target.make(new Chance(seed, number))
  let millis = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 3 && millis > mostMillis; attempt++) {
    const begun = now()
    const error = await attemptOn(target, made)
    millis = Math.min(millis, now() - begun)
    if (error !== undefined) return { millis, failure: { target: target.name, seed, number, made, error } }
  }
  if (millis <= mostMillis) return { millis }
  const error = `takes ${Math.round(millis)} ms`
  return { millis, failure: { target: target.name, seed, number, made, error } }
}

/** What went wrong with a case; undefined when nothing did. */
export const attemptOn = async (target: Target, made: unknown): Promise<string | undefined> => {
  try {
    const pending = target.check(made)
    if (pending) await pending
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}
