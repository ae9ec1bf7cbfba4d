/** What everyone may see without logging in: the town, the rules, the catalogue. */
import { z } from '@hono/zod-openapi'
import { time, words } from './common.ts'

export const branch = z.object({
  id: z.string(),
  libraryId: z.string(),
  name: words,
  address: z.string(),
  hours: words,
  openNow: z.boolean(),
  lat: z.number().optional(),
  lng: z.number().optional(),
})
export const locker = z.object({
  id: z.string(),
  libraryId: z.string(),
  name: words,
  place: z.string(),
  hours: words,
  online: z.boolean(),
  freeCompartments: z.number().int(),
  lat: z.number().optional(),
  lng: z.number().optional(),
})
export const library = z.object({
  id: z.string(),
  name: words,
  phone: z.string(),
  branches: z.array(branch),
  lockers: z.array(locker),
  /** How the library's ILS is: `pending` means orders are taken and settled when it is back. */
  ils: z.enum(['up', 'degraded', 'down', 'closed-hours']),
})
export const town = z
  .object({
    libraries: z.array(library),
    now: time,
    notices: z.array(z.object({ id: z.string(), title: words, body: words, from: time })),
    demo: z.boolean(),
  })
  .openapi('Town')
export type TownJson = z.infer<typeof town>
export type LibraryJson = z.infer<typeof library>
export type BranchJson = z.infer<typeof branch>
export type LockerJson = z.infer<typeof locker>

/** GET /api/rules/{libraryId}: threshold, tiers, penalties and fees, before any login. */
export const rules = z
  .object({
    libraryId: z.string(),
    pack: z.object({ name: z.string(), version: z.string(), from: time }),
    threshold: z.object({ zhima: z.number().int(), text: words }),
    waysToJoin: z.array(z.object({ way: z.enum(['zhima', 'card', 'deposit']), name: words, text: words })),
    tiers: z.array(
      z.object({
        id: z.string(),
        name: words,
        condition: words,
        maxItems: z.number().int(),
        loanDays: z.number().int(),
        renewals: z.number().int(),
        deliveryDiscountPercent: z.number().int(),
        deposit: z.number().int(),
      }),
    ),
    points: z.array(
      z.object({ rule: z.string(), name: words, points: z.number().int(), limit: words.nullable() }),
    ),
    fees: z.array(z.object({ name: words, direction: z.enum(['borrow', 'return']), text: words })),
    limits: z.object({
      itemsPerParcel: z.number().int(),
      openRequests: z.number().int(),
      pickupDays: z.number().int(),
    }),
    /** What a reader agrees to when joining; the version is what the consent is recorded under. */
    consent: z.object({ textVersion: z.string(), text: words }),
  })
  .openapi('Rules')
export type RulesJson = z.infer<typeof rules>

export const bibBrief = z.object({
  id: z.string(),
  title: z.string(),
  titleRest: z.string().optional(),
  author: z.string().optional(),
  publisher: z.string().optional(),
  year: z.number().int().optional(),
  isbn: z.string().optional(),
  clc: z.string().optional(),
  /** Copies in the whole consortium, and how many of them are free by our last knowledge. */
  copies: z.number().int(),
  free: z.number().int(),
  libraries: z.array(z.string()),
})
export type BibBriefJson = z.infer<typeof bibBrief>

/**
 * GET /api/records?q=&field=any|title|author|isbn|clc&library=&clc=&available=1&sort=relevance|new&cursor=&limit=
 * `clc` narrows to a class beside any words; `available=1` to records with a free copy by our last knowledge.
 */
export const recordPage = z
  .object({ items: z.array(bibBrief), next: z.string().nullable(), total: z.number().int() })
  .openapi('RecordPage')
export type RecordPageJson = z.infer<typeof recordPage>

/** GET /api/records/{id}: with fresh item status from the ILS where it answers within the deadline. */
export const record = bibBrief
  .extend({
    otherAuthors: z.array(z.string()),
    place: z.string().optional(),
    subjects: z.array(z.string()),
    summary: z.string().optional(),
    language: z.string().optional(),
    holdings: z.array(
      z.object({
        libraryId: z.string(),
        branchId: z.string(),
        barcode: z.string(),
        callNumber: z.string().optional(),
        shelving: z.enum(['open', 'closed']),
        /** `unknown` when the ILS was silent. */
        status: z.enum(['free', 'lent', 'reserved', 'unknown', 'not-lendable']),
        dueAt: time.nullable(),
      }),
    ),
    /** In words: "2 本可借，最快明天 17:00 在观前街柜". */
    promise: words,
  })
  .openapi('Record')
export type RecordJson = z.infer<typeof record>

/** GET /api/clc: the classes of the Chinese Library Classification with the number of records in each. */
export const clcClass = z.object({ code: z.string(), name: words, records: z.number().int() })
export type ClcClassJson = z.infer<typeof clcClass>

/** GET /api/shelves: rows of the first page. */
export const shelf = z.object({ id: z.enum(['new', 'popular']), name: words, items: z.array(bibBrief) })
export type ShelfJson = z.infer<typeof shelf>
