/** Library systems, kiosks, what waits for them, and what they said no to. Staff see their own library's words. */
import { z } from '@hono/zod-openapi'
import { pageOf, time, words } from './common.ts'

const lastWords = z.array(z.object({ at: time, direction: z.enum(['>', '<']), text: z.string() }))
const latency = z.object({ median: z.number().int(), p95: z.number().int() }).nullable()
const counts = z.array(z.object({ kind: z.string(), count: z.number().int() }))

/** One library system. Of other libraries' systems only the state is told. */
export const systemLink = z
  .object({
    libraryId: z.string(),
    own: z.boolean(),
    state: z.enum(['up', 'degraded', 'down', 'closed-hours', 'not-started']),
    since: time,
    say: words.nullable(),
    opensAt: time.nullable(),
    closesNext: z.object({ from: time, to: time }).nullable(),
    /** Requests a minute over the last five. */
    perMinute: z.number(),
    /** Milliseconds of the last thousand requests. */
    latency,
    /** Requests of the last hour that ended badly, by kind. */
    errors: counts,
    answered: z.number().int(),
    /** Acts that wait, and since when the oldest. */
    waiting: z.number().int(),
    oldest: time.nullable(),
    /** Requests that wait for a connection. */
    inLine: z.number().int(),
    link: z
      .object({
        connections: z.number().int(),
        mostConnections: z.number().int(),
        inFlight: z.number().int(),
        breaker: z.enum(['closed', 'half-open', 'open']),
      })
      .nullable(),
    /** Masked, the newest last. */
    lastWords,
  })
  .openapi('SystemLink')

export const kioskLink = z
  .object({
    account: z.string(),
    use: z.string(),
    connections: z.array(
      z.object({ address: z.string(), tls: z.boolean(), since: time, lastAt: time.nullable() }),
    ),
    requests: z.number().int(),
    refusals: z.number().int(),
    latency,
    errors: counts,
    lastWords: z.array(z.object({ at: time, request: z.string(), answer: z.string() })),
  })
  .openapi('KioskLink')

/** What happened and the library system does not accept: both truths, and what can be done. */
export const conflict = z
  .object({
    id: z.string(),
    what: words,
    barcode: z.string(),
    title: z.string().nullable(),
    /** Last signs of the card, or the masked name; null where nobody was asked. */
    reader: z.string().nullable(),
    at: time,
    where: words,
    /** What is in the way, and what to do. */
    say: words,
    /** The library system's own words, masked. */
    their: z.string().nullable(),
    /** What it says of the item. */
    found: z.object({ item: words, holder: words, dueAt: time.nullable() }).nullable(),
    orderNumber: z.string().nullable(),
    /** Of an order's line: settled with the line's own buttons. */
    lineId: z.string().nullable(),
    can: z.array(z.string()),
  })
  .openapi('LinkConflict')

export const refusal = z
  .object({
    at: time,
    what: words,
    whose: words,
    barcode: z.string().nullable(),
    say: words,
    their: z.string().nullable(),
    todo: words,
  })
  .openapi('LinkRefusal')

/** GET /api/staff/links */
export const links = z
  .object({
    systems: z.array(systemLink),
    kiosks: z.array(kioskLink),
    conflicts: z.array(conflict),
    refusals: z.array(refusal),
  })
  .openapi('Links')
export type LinksJson = z.infer<typeof links>
export type SystemLinkJson = z.infer<typeof systemLink>
export type KioskLinkJson = z.infer<typeof kioskLink>
export type ConflictJson = z.infer<typeof conflict>
export type RefusalJson = z.infer<typeof refusal>

/** GET /api/staff/links/queue?cursor= : what waits for the library's own system, in the order it is told. */
export const queuedAct = z
  .object({
    id: z.string(),
    what: words,
    barcode: z.string().nullable(),
    title: z.string().nullable(),
    from: words,
    at: time,
    tries: z.number().int(),
    underWay: z.boolean(),
    /** Why it waits. */
    say: words.nullable(),
    nextTry: time.nullable(),
    can: z.array(z.string()),
  })
  .openapi('QueuedAct')
export const queuePage = pageOf(queuedAct).openapi('QueuePage')
export type QueuedActJson = z.infer<typeof queuedAct>

/** POST /api/staff/links/acts/{id}/{act}: `retry`, or `settled` by hand or `drop` with a reason. */
export const settleActs = ['retry', 'settled', 'drop'] as const
export const settleInput = z.object({ reason: z.string().max(200).default('') })

/** POST /api/staff/links/happened: a loan or return at the desk, for a library system that is away. */
export const happenedInput = z.object({
  act: z.enum(['checkout', 'checkin']),
  barcode: z.string().trim().min(1).max(64),
  card: z.string().trim().max(64).default(''),
})
