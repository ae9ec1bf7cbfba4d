import { ProblemError, refused } from '../../kernel/problem.ts'

/** A work's rank: lower tiers first, then more loans, then the newer place. */
export interface Rank {
  readonly tier: number
  readonly loans: number
  readonly place: number
}

const phases = ['few', 'exact', 'many', 'newest'] as const

/**
 * `few`: one window holds all; `exact`: of many, the very titles; `many`: the others, window by window; `newest`: in
 * the order of places.
 */
export interface Cursor {
  readonly phase: (typeof phases)[number]
  readonly total: number
  readonly below: number
  readonly after?: Rank
}

export const writeCursor = ({ phase, total, below, after }: Cursor): string => {
  const numbers = after ? [after.tier, after.loans, after.place] : []
  return [phases.indexOf(phase), total, below, ...numbers].map(n => n.toString(36)).join('-')
}

/** Throws `refused/bad-cursor` for a text that `writeCursor` did not write. */
export const readCursor = (text: string): Cursor => {
  const numbers = text.length <= 100 && /^[0-9a-z]+(-[0-9a-z]+)*$/.test(text) ? text.split('-') : []
  const [phase, total, below, tier, loans, place] = numbers.map(n => Number.parseInt(n, 36))
  const known = phase === undefined ? undefined : phases[phase]
  const sound = [total, below, tier ?? 0, loans ?? 0, place ?? 0].every(n => Number.isSafeInteger(n))
  if (!known || total === undefined || below === undefined || !sound) throw new ProblemError(badCursor)
  const start = { phase: known, total, below }
  return tier === undefined || loans === undefined || place === undefined
    ? start
    : { ...start, after: { tier, loans, place } }
}

const badCursor = refused('bad-cursor', {
  zh: '翻页标记无效，请重新检索。',
  en: 'This page marker is not valid; please search again.',
})
