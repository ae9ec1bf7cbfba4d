/**
 * The one shape in which anything that did not work is told: to code, to logs and to people.
 * A refusal is an answer, not an error: adapters return `Answer`, and throw only for bugs.
 */

/** The same sentence for people, Chinese first. */
export interface Words {
  readonly zh: string
  readonly en: string
}

/**
 * - `refused`: the other side understood and said no; a person must act.
 * - `unreachable`: no answer, or none in time; the runner tries again.
 * - `garbled`: an answer that cannot be read; keep the transcript.
 * - `misconfigured`: our own settings are wrong; retrying cannot help.
 * - `bug`: ours.
 */
export type ProblemKind = 'refused' | 'unreachable' | 'garbled' | 'misconfigured' | 'bug'

export interface Problem {
  readonly kind: ProblemKind
  /** Stable kebab-case word; becomes the last part of the `type` of problem+json. */
  readonly code: string
  readonly retry: 'never' | 'later'
  readonly say: Words
  /** The other side's own code and text, masked, for staff. */
  readonly their?: { readonly code?: string; readonly text?: string }
  /** True when the act may have happened although no answer came: ask what is true before repeating it. */
  readonly maybeDone?: boolean
  /** The instant (epoch milliseconds) before which trying again cannot help: the end of a planned closing. */
  readonly notBefore?: number
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem }

export const yes = <T>(value: T): Answer<T> => ({ ok: true, value })
export const no = (problem: Problem): { readonly ok: false; readonly problem: Problem } => ({
  ok: false,
  problem,
})

type Extra = Partial<Pick<Problem, 'their' | 'maybeDone' | 'notBefore'>>

export const refused = (code: string, say: Words, extra: Extra = {}): Problem => ({
  kind: 'refused',
  code,
  retry: 'never',
  say,
  ...extra,
})
export const unreachable = (code: string, say: Words, extra: Extra = {}): Problem => ({
  kind: 'unreachable',
  code,
  retry: 'later',
  say,
  ...extra,
})
export const garbled = (code: string, say: Words, extra: Extra = {}): Problem => ({
  kind: 'garbled',
  code,
  retry: 'later',
  say,
  ...extra,
})
export const misconfigured = (code: string, say: Words, extra: Extra = {}): Problem => ({
  kind: 'misconfigured',
  code,
  retry: 'never',
  say,
  ...extra,
})

/** Carries a problem through code that can only throw (a route handler, a transaction). */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(problem: Problem, options?: ErrorOptions) {
    super(`${problem.kind}/${problem.code}: ${problem.say.en}`, options)
    this.name = 'ProblemError'
    this.problem = problem
  }
}

/** The value, or a thrown `ProblemError`. */
export const orThrow = <T>(answer: Answer<T>): T => {
  if (answer.ok) return answer.value
  throw new ProblemError(answer.problem)
}

/** Anything thrown, as a problem: what is not ours is a bug. */
export const asProblem = (thrown: unknown): Problem =>
  thrown instanceof ProblemError
    ? thrown.problem
    : {
        kind: 'bug',
        code: 'internal',
        retry: 'later',
        say: { zh: '系统内部出错，已记录。', en: 'Something went wrong on our side; it has been recorded.' },
        their: { text: thrown instanceof Error ? thrown.message : String(thrown) },
      }
