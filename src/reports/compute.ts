import { Distribution } from './distribution.ts'
import type { FactSource, LineFact, LockerSite, Period, WorkingTimeOf } from './facts.ts'
import { acquisition, bounds, processing, ready, rejection, type Span } from './indicators.ts'
import { type LockerUsage, lockerUsage } from './locker-usage.ts'
import { type FigureId, sentence } from './words.ts'

/** One figure of the report; shape of the HTTP answer. */
export interface Figure {
  readonly id: FigureId
  readonly clause: string
  readonly value: number | null
  readonly unit: 'working-days' | 'share' | 'count' | 'turns-per-day'
  readonly bound: number | null
  readonly onTimeShare: number | null
  readonly met: boolean | null
  readonly numerator: number | null
  readonly denominator: number
  readonly distribution: {
    count: number
    median: number | null
    p90: number | null
    p95: number | null
    max: number | null
  } | null
  /** By service point and, as `ill`, the inter-library lines as a group; `value` means the same as the figure's. */
  readonly parts: readonly { readonly name: string; readonly value: number | null; readonly count: number }[]
  readonly name: { readonly zh: string; readonly en: string }
  readonly say: { readonly zh: string; readonly en: string }
}

export interface Report {
  readonly libraryId: string | null
  readonly period: Period
  readonly figures: readonly Figure[]
  readonly lockers: readonly LockerUsage[]
}

export interface ReportQuery extends Period {
  readonly libraryId?: string
}

const inPeriod = (at: number, period: Period): boolean => at >= period.from && at < period.to

/** A span with its parts: time spans count in the period in which they ended. */
class SpanFigure {
  readonly all = new Distribution()
  readonly #parts = new Map<string, Distribution>()
  #onTime = 0

  take(fact: LineFact, span: Span | null, period: Period): void {
    if (!span || !inPeriod(span.to, period)) return
    this.all.add(span.workingDays)
    if (span.onTime) this.#onTime += 1
    for (const name of fact.supplierId === fact.libraryId ? [fact.branchId] : [fact.branchId, 'ill']) {
      const part = this.#parts.get(name) ?? new Distribution()
      part.add(span.workingDays)
      this.#parts.set(name, part)
    }
  }

  figure(id: FigureId, clause: string, bound: number): Figure {
    const count = this.all.count
    const onTimeShare = count === 0 ? null : this.#onTime / count
    const p90 = this.all.quantile(0.9)
    const distribution = {
      count,
      median: this.all.quantile(0.5),
      p90,
      p95: this.all.quantile(0.95),
      max: this.all.max,
    }
    // "In general at most": met when nine lines in ten keep the bound.
    const met = onTimeShare === null ? null : onTimeShare >= 0.9
    const parts = [...this.#parts]
      .sort()
      .map(([name, spans]) => ({ name, value: spans.quantile(0.5), count: spans.count }))
    return finish({
      id,
      clause,
      value: distribution.median,
      unit: 'working-days',
      bound,
      onTimeShare,
      met,
      numerator: this.#onTime,
      denominator: count,
      distribution,
      parts,
    })
  }
}

class ShareFigure {
  #rejected = 0
  #count = 0
  readonly #parts = new Map<string, { rejected: number; count: number }>()

  take(fact: LineFact, rejected: boolean): void {
    this.#count += 1
    if (rejected) this.#rejected += 1
    for (const name of fact.supplierId === fact.libraryId ? [fact.branchId] : [fact.branchId, 'ill']) {
      const part = this.#parts.get(name) ?? { rejected: 0, count: 0 }
      part.count += 1
      if (rejected) part.rejected += 1
      this.#parts.set(name, part)
    }
  }

  figure(id: FigureId, clause: string, bound: number): Figure {
    const value = this.#count === 0 ? null : this.#rejected / this.#count
    const parts = [...this.#parts]
      .sort()
      .map(([name, part]) => ({ name, value: part.rejected / part.count, count: part.count }))
    return finish({
      id,
      clause,
      value,
      unit: 'share',
      bound,
      onTimeShare: null,
      met: value === null ? null : value <= bound,
      numerator: this.#rejected,
      denominator: this.#count,
      distribution: null,
      parts,
    })
  }
}

const finish = (figure: Omit<Figure, 'name' | 'say'>): Figure => ({ ...figure, ...sentence(figure) })

/** The four figures of clause 8.1.1 over one stream of facts; memory does not grow with the lines. */
export const computeReport = async (
  source: FactSource,
  query: ReportQuery,
  sites: readonly LockerSite[],
  timeOf: WorkingTimeOf,
  hourOf: (lockerId: string, at: number) => number,
): Promise<Report> => {
  const spans = { processing: new SpanFigure(), acquisition: new SpanFigure(), ready: new SpanFigure() }
  const shares = { open: new ShareFigure(), closed: new ShareFigure() }
  for await (const fact of source.lines(query)) {
    spans.processing.take(fact, processing(fact, timeOf), query)
    spans.acquisition.take(fact, acquisition(fact, timeOf), query)
    spans.ready.take(fact, ready(fact, timeOf), query)
    const outcome = rejection(fact)
    if (outcome && inPeriod(outcome.at, query)) shares[fact.shelving].take(fact, outcome.rejected)
  }
  const lockers: LockerUsage[] = []
  for (const site of sites)
    lockers.push(await lockerUsage(site, query, source, at => hourOf(site.lockerId, at)))
  return {
    libraryId: query.libraryId ?? null,
    period: { from: query.from, to: query.to },
    figures: [
      usageFigure(lockers),
      spans.processing.figure('processing', '6.2.1', bounds.processingDays),
      spans.acquisition.figure('acquisition', '6.2.2', bounds.acquisitionDays),
      spans.ready.figure('ready', '6.2.2', bounds.acquisitionDays),
      shares.open.figure('rejection-open', '6.2.3', bounds.rejectionOpen),
      shares.closed.figure('rejection-closed', '6.2.3', bounds.rejectionClosed),
    ],
    lockers,
  }
}

const usageFigure = (lockers: readonly LockerUsage[]): Figure => {
  const uses = lockers.reduce((sum, one) => sum + one.deposits + one.collections + one.returns, 0)
  const parts = lockers.map(one => ({
    name: one.lockerId,
    value: one.occupancy,
    count: one.deposits + one.collections + one.returns,
  }))
  return finish({
    id: 'locker-usage',
    clause: '8.1.1',
    value: lockers.length === 0 ? null : uses,
    unit: 'count',
    bound: null,
    onTimeShare: null,
    met: null,
    numerator: uses,
    denominator: lockers.length,
    distribution: null,
    parts,
  })
}
