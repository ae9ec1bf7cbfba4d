import { z } from '@hono/zod-openapi'

/** RFC 3339 with offset. */
export const time = z.iso.datetime({ offset: true }).meta({ example: '2026-11-22T17:00:00+08:00' })
export const words = z.object({ zh: z.string(), en: z.string() })
export type WordsJson = z.infer<typeof words>

/** RFC 9457. `type` is stable: `urn:shuqiao:problem:<code>`. */
export const problem = z
  .object({
    type: z.string(),
    title: words,
    status: z.number().int(),
    /** What to do next, where there is something. */
    next: words.optional(),
    /** For validation: the places that are wrong. */
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    /** The other side's own words, for staff only. */
    their: z.object({ code: z.string().optional(), text: z.string().optional() }).optional(),
    instance: z.string().optional(),
  })
  .openapi('Problem')
export type ProblemJson = z.infer<typeof problem>

export const fee = z
  .object({
    tariff: z.number().int(),
    tierDiscount: z.number().int(),
    concession: z.number().int(),
    subsidy: z.number().int(),
    due: z.number().int(),
    why: z.array(words),
  })
  .openapi('Fee', { description: 'All amounts in fen (分).' })
export type FeeJson = z.infer<typeof fee>

/** A page of a list; `next` is the cursor of the following page, null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable() })
