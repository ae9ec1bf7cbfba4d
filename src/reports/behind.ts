import type { Millis } from '../kernel/clock.ts'
import type { FactSource, LineFact, Period, WorkingTimeOf } from './facts.ts'
import { acquisition, processing, ready, rejection } from './indicators.ts'

/** One line behind a figure: the evidence a reader of the report can open. */
export interface BehindLine {
  readonly fact: LineFact
  readonly from: Millis
  readonly to: Millis | null
  readonly workingDays: number | null
  readonly deadline: Millis | null
  readonly onTime: boolean | null
  readonly rejected: boolean | null
}

export type LineFigureId = 'processing' | 'acquisition' | 'ready' | 'rejection-open' | 'rejection-closed'

const spans = { processing, acquisition, ready }

/** The very lines a figure counts, in the order of the facts. Their number equals the figure's denominator. */
export async function* linesBehind(
  id: LineFigureId,
  source: FactSource,
  query: Period & { readonly libraryId?: string },
  timeOf: WorkingTimeOf,
): AsyncGenerator<BehindLine> {
  for await (const fact of source.lines(query)) {
    const line =
      id === 'rejection-open' || id === 'rejection-closed'
        ? rejectionLine(id, fact)
        : spanLine(id, fact, timeOf)
    if (line && line.to !== null && line.to >= query.from && line.to < query.to) yield line
  }
}

const spanLine = (
  id: 'processing' | 'acquisition' | 'ready',
  fact: LineFact,
  timeOf: WorkingTimeOf,
): BehindLine | null => {
  const span = spans[id](fact, timeOf)
  return span && { fact, ...span, rejected: null }
}

const rejectionLine = (id: 'rejection-open' | 'rejection-closed', fact: LineFact): BehindLine | null => {
  const outcome = rejection(fact)
  if (!outcome || id !== `rejection-${fact.shelving}`) return null
  return {
    fact,
    from: fact.submittedAt,
    to: outcome.at,
    workingDays: null,
    deadline: null,
    onTime: null,
    rejected: outcome.rejected,
  }
}
