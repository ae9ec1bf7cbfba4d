import { createRoute, z } from '@hono/zod-openapi'
import type { Millis } from '../../../kernel/clock.ts'
import { ProblemError, refused } from '../../../kernel/problem.ts'
import { type BehindLine, type LineFigureId, linesBehind } from '../../../reports/behind.ts'
import { computeReport, type Report } from '../../../reports/compute.ts'
import { toCsv } from '../../../reports/csv.ts'
import type { LockerSite } from '../../../reports/facts.ts'
import type { Libraries } from '../../libraries.ts'
import type { Store } from '../../store/db.ts'
import { compartmentsOf } from '../../store/lockers.ts'
import { factSource } from '../../store/reports.ts'
import {
  type ComplianceReportJson,
  complianceReport,
  type FigureLineJson,
  figureLinePage,
} from '../api/reports.ts'
import type { Ctx, Deps, Routes } from '../deps.ts'
import { forbidden } from '../problem.ts'
import { json, refusals } from './shape.ts'

const period = z.object({
  library: z.string().max(64).optional(),
  from: z.string().max(40),
  to: z.string().max(40),
  format: z.enum(['json', 'csv']).default('json'),
})
const compliance = createRoute({
  method: 'get',
  path: '/api/reports/compliance',
  tags: ['reports'],
  summary: 'The figures of clause 8.1.1 of DB3205/T 1098-2023 for a period',
  description: 'from (inclusive) and to (exclusive) are dates (2026-11-01) or instants with offset.',
  request: { query: period },
  responses: { 200: json(complianceReport, 'the report; or CSV with format=csv'), ...refusals },
})
const lineFigures = ['processing', 'acquisition', 'ready', 'rejection-open', 'rejection-closed'] as const
const behind = createRoute({
  method: 'get',
  path: '/api/reports/compliance/{figure}/lines',
  tags: ['reports'],
  summary: 'The very lines behind a figure',
  request: {
    params: z.object({ figure: z.enum(lineFigures) }),
    query: period.extend({
      cursor: z
        .string()
        .regex(/^\d{1,9}$/)
        .optional(),
    }),
  },
  responses: { 200: json(figureLinePage, 'a page of lines; or all as CSV with format=csv'), ...refusals },
})

const badPeriod = refused('bad-period', {
  zh: '起止时间写法不对，应如 2026-11-01。',
  en: 'The period must be given as dates like 2026-11-01 or instants with an offset.',
})
const pageSize = 100

export interface ReportQuestion {
  readonly libraryId: string | undefined
  readonly from: Millis
  readonly to: Millis
}

/** Reads `2026-11-01` as the library's midnight, and instants as they are. Throws `refused/bad-period`. */
export const readPeriod = (
  libraries: Libraries,
  libraryId: string | undefined,
  from: string,
  to: string,
): { from: Millis; to: Millis } => {
  const zone = libraryId === undefined ? libraries.all()[0]!.zone : libraries.get(libraryId).zone
  const read = (text: string): Millis => {
    try {
      return /^\d{4}-\d{2}-\d{2}$/.test(text)
        ? Temporal.PlainDate.from(text).toZonedDateTime(zone).epochMilliseconds
        : Temporal.Instant.from(text).epochMilliseconds
    } catch {
      throw new ProblemError(badPeriod)
    }
  }
  const span = { from: read(from), to: read(to) }
  if (span.to <= span.from || span.to - span.from > 3 * 366 * 86_400_000) throw new ProblemError(badPeriod)
  return span
}

/** The report over what the store holds; the same for the page, the command line and partners. */
export const reportOf = async (store: Store, libraries: Libraries, ask: ReportQuestion): Promise<Report> => {
  const chosen = libraries
    .all()
    .filter(library => ask.libraryId === undefined || library.id === ask.libraryId)
  const sites: LockerSite[] = []
  for (const library of chosen)
    for (const locker of library.lockers) {
      const key = { libraryId: library.id, lockerId: locker.id }
      const compartments = (await compartmentsOf(store.db, key)).map(({ id }) => ({ id, since: 0 }))
      sites.push({ lockerId: locker.id, name: locker.name, compartments })
    }
  const query = {
    from: ask.from,
    to: ask.to,
    ...(ask.libraryId === undefined ? {} : { libraryId: ask.libraryId }),
  }
  return computeReport(
    factSource(store.db),
    query,
    sites,
    branchId => libraries.branch(branchId).hours,
    (lockerId, at) => libraries.locker(lockerId).hours.localHour(at),
  )
}

/** The report of the standard: page data, CSV, and the lines behind each figure. */
export const reportRoutes =
  (deps: Deps): Routes =>
  app => {
    const { store, libraries } = deps
    app.openapi(compliance, async c => {
      const query = c.req.valid('query')
      const libraryId = libraryAsked(c, query.library)
      const span = readPeriod(libraries, libraryId, query.from, query.to)
      const report = await reportOf(store, libraries, { libraryId, ...span })
      if (query.format === 'csv') return csv(c, 'compliance', reportCsv(report)) as never
      return c.json(
        reportJson(report, at => libraries.time(libraryId ?? libraries.all()[0]!.id, at)),
        200,
      )
    })
    app.openapi(behind, async c => {
      const query = c.req.valid('query')
      const libraryId = libraryAsked(c, query.library)
      const span = readPeriod(libraries, libraryId, query.from, query.to)
      const { figure } = c.req.valid('param')
      const all = linesBehind(
        figure,
        factSource(store.db),
        { ...span, ...(libraryId ? { libraryId } : {}) },
        id => libraries.branch(id).hours,
      )
      const time = (line: BehindLine, at: Millis): string => libraries.time(line.fact.libraryId, at)
      if (query.format === 'csv') return csv(c, figure, await linesCsv(figure, all, time)) as never
      const start = Number(query.cursor ?? 0)
      const items: FigureLineJson[] = []
      let number = 0
      let more = false
      for await (const line of all) {
        if (number >= start + pageSize) {
          more = true
          break
        }
        if (number >= start) items.push(lineJson(line, time))
        number += 1
      }
      return c.json({ items, next: more ? String(start + pageSize) : null }, 200)
    })
  }

/** Staff see their own library; a partner key what it was issued for. */
const libraryAsked = (c: Ctx, asked: string | undefined): string | undefined => {
  const who = c.get('who')
  const own = 'libraryId' in who ? who.libraryId : undefined
  if (asked !== undefined && asked !== own) throw new ProblemError(forbidden)
  return own
}

const csv = (c: Ctx, name: string, text: string): Response => {
  c.header('Content-Type', 'text/csv; charset=utf-8')
  c.header('Content-Disposition', `attachment; filename="${name}.csv"`)
  return c.body(text)
}

export const reportJson = (report: Report, time: (at: Millis) => string): ComplianceReportJson => ({
  libraryId: report.libraryId,
  from: time(report.period.from),
  to: time(report.period.to),
  figures: report.figures.map(figure => ({ ...figure, parts: figure.parts.map(part => ({ ...part })) })),
  lockers: report.lockers.map(locker => ({ ...locker, byHour: [...locker.byHour] })),
})

export const reportCsv = (report: Report): string =>
  toCsv(
    [
      '条款 clause',
      '指标',
      'figure',
      '值 value',
      '单位 unit',
      '上限 bound',
      '按时率 on time',
      '达标 met',
      '分子',
      '分母',
    ],
    report.figures.map(f => [
      f.clause,
      f.name.zh,
      f.name.en,
      f.value,
      f.unit,
      f.bound,
      f.onTimeShare,
      f.met === null ? '' : f.met ? '是 yes' : '否 no',
      f.numerator,
      f.denominator,
    ]),
  )

const linesCsv = async (
  figure: LineFigureId,
  lines: AsyncIterable<BehindLine>,
  time: (line: BehindLine, at: Millis) => string,
): Promise<string> => {
  const rows: (string | number | null)[][] = []
  for await (const line of lines) {
    const {
      orderNumber,
      lineId,
      title,
      branchId,
      supplierId,
      from,
      to,
      workingDays,
      deadline,
      onTime,
      outcome,
    } = lineJson(line, time)
    rows.push([
      figure,
      orderNumber,
      lineId,
      title,
      branchId,
      supplierId,
      from,
      to,
      workingDays,
      deadline,
      onTime === null ? '' : String(onTime),
      outcome,
    ])
  }
  return toCsv(
    [
      'figure',
      'order',
      'line',
      '题名 title',
      'branch',
      'supplier',
      'from',
      'to',
      'working days',
      'deadline',
      'on time',
      'outcome',
    ],
    rows,
  )
}

const lineJson = (line: BehindLine, time: (line: BehindLine, at: Millis) => string): FigureLineJson => ({
  orderNumber: line.fact.orderNumber,
  lineId: line.fact.lineId,
  title: line.fact.title,
  branchId: line.fact.branchId,
  supplierId: line.fact.supplierId,
  from: time(line, line.from),
  to: line.to === null ? null : time(line, line.to),
  workingDays: line.workingDays,
  deadline: line.deadline === null ? null : time(line, line.deadline),
  onTime: line.rejected === null ? line.onTime : !line.rejected,
  outcome: line.fact.outcome,
  note: null,
})
