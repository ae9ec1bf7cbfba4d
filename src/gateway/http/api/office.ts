/** What managers and auditors look after: acts that could not be done, and the record of what people did. */
import { z } from '@hono/zod-openapi'
import { pageOf, time, words } from './common.ts'

/** GET /api/staff/dead-letters?cursor= */
export const deadLetter = z
  .object({
    id: z.string(),
    /** `ils.checkout`, `courier.book` ... */
    kind: z.string(),
    orderId: z.string().nullable(),
    lineId: z.string().nullable(),
    attempts: z.number().int(),
    since: time,
    say: words.nullable(),
    /** The other side's own words. */
    their: z.object({ code: z.string().optional(), text: z.string().optional() }).nullable(),
  })
  .openapi('DeadLetter')
export const deadLetterPage = pageOf(deadLetter).openapi('DeadLetterPage')
export type DeadLetterJson = z.infer<typeof deadLetter>

/** GET /api/staff/audit?cursor= : newest first. `hash` chains each entry to the one before. */
export const auditEntry = z
  .object({
    seq: z.number().int(),
    at: time,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    reason: z.string(),
    data: z.record(z.string(), z.unknown()),
    hash: z.string(),
  })
  .openapi('AuditEntry')
export const auditPage = pageOf(auditEntry).openapi('AuditPage')
export type AuditEntryJson = z.infer<typeof auditEntry>
