/** GET /api/reports/compliance?library=&from=&to=  (Accept: application/json, or &format=csv) */
import { z } from '@hono/zod-openapi'
import { pageOf, time, words } from './common.ts'

export const distribution = z.object({
  count: z.number().int(),
  median: z.number().nullable(),
  p90: z.number().nullable(),
  p95: z.number().nullable(),
  max: z.number().nullable(),
})
export const figure = z
  .object({
    id: z.enum(['processing', 'acquisition', 'ready', 'rejection-open', 'rejection-closed', 'locker-usage']),
    clause: z.string(),
    name: words,
    /** null: "no lines" is not 0 %. */
    value: z.number().nullable(),
    unit: z.enum(['working-days', 'share', 'count', 'turns-per-day']),
    bound: z.number().nullable(),
    onTimeShare: z.number().nullable(),
    met: z.boolean().nullable(),
    say: words,
    numerator: z.number().int().nullable(),
    denominator: z.number().int(),
    distribution: distribution.nullable(),
    parts: z.array(z.object({ name: z.string(), value: z.number().nullable(), count: z.number().int() })),
  })
  .openapi('Figure')
export type FigureJson = z.infer<typeof figure>
export const complianceReport = z
  .object({
    libraryId: z.string().nullable(),
    from: time,
    to: time,
    figures: z.array(figure),
    lockers: z.array(
      z.object({
        lockerId: z.string(),
        name: words,
        deposits: z.number().int(),
        collections: z.number().int(),
        returns: z.number().int(),
        occupancy: z.number().nullable(),
        turnover: z.number().nullable(),
        expired: z.number().int(),
        failedOpenings: z.number().int(),
        byHour: z.array(z.number().int()).length(24),
      }),
    ),
  })
  .openapi('ComplianceReport')
export type ComplianceReportJson = z.infer<typeof complianceReport>

/** GET /api/reports/compliance/{figure}/lines?library=&from=&to=&cursor=: the evidence behind a figure. */
export const figureLine = z.object({
  orderNumber: z.string(),
  lineId: z.string(),
  title: z.string(),
  branchId: z.string(),
  supplierId: z.string(),
  from: time,
  to: time.nullable(),
  workingDays: z.number().nullable(),
  deadline: time.nullable(),
  onTime: z.boolean().nullable(),
  outcome: z.string().nullable(),
  note: words.nullable(),
})
export type FigureLineJson = z.infer<typeof figureLine>
export const figureLinePage = pageOf(figureLine).openapi('FigureLinePage')
export type FigureLinePageJson = z.infer<typeof figureLinePage>
