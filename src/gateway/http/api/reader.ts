/** What a reader does. Every path below /api/me needs the reader's session; writes need X-Shuqiao: 1. */
import { z } from '@hono/zod-openapi'
import { lineOutcomes, lineStatuses } from '../../orders/order.ts'
import { fee, pageOf, time, words } from './common.ts'

/** POST /api/session/reader */
export const readerLogin = z.object({
  libraryId: z.string().max(64),
  card: z.string().min(1).max(64),
  pin: z.string().min(1).max(64),
})

export const me = z
  .object({
    patronId: z.string(),
    libraryId: z.string(),
    /** Shown to the reader alone, in full. */
    name: z.string(),
    card: z.string(),
    joined: z.boolean(),
    tier: z.object({ id: z.string(), name: words }).nullable(),
    frozenUntil: time.nullable(),
    loans: z.object({ onLoan: z.number().int(), max: z.number().int() }),
    owed: z.number().int(),
    /** Why the reader may not borrow now, in plain words; empty when all is well. */
    blocks: z.array(words),
    addresses: z.array(z.object({ id: z.string(), label: z.string() })),
    largeType: z.boolean(),
    /** Asks for compartments within reach from a wheelchair. */
    withinReach: z.boolean(),
  })
  .openapi('Me')
export type MeJson = z.infer<typeof me>

export const addressInput = z.object({
  name: z.string().min(1).max(60),
  phone: z.string().regex(/^[0-9+-]{5,20}$/),
  province: z.string().min(1).max(30),
  city: z.string().min(1).max(30),
  district: z.string().min(1).max(30),
  address: z.string().min(1).max(120),
})
/** POST /api/me/addresses answers one entry of `me.addresses`. */
export type AddressInput = z.infer<typeof addressInput>

/** POST /api/me/join: by Zhima credit (consent needed), by card alone, or with a deposit. */
export const joinInput = z.object({
  way: z.enum(['zhima', 'card', 'deposit']),
  consent: z.object({ textVersion: z.string().max(40), agreed: z.literal(true) }),
  person: z
    .object({ name: z.string().min(1).max(60), idNumber: z.string().regex(/^[0-9]{17}[0-9Xx]$/) })
    .optional(),
})
export const joinResult = z
  .object({
    decisionId: z.string(),
    result: z.enum(['admitted', 'other-way', 'refused']),
    reason: words,
    tier: z.object({ id: z.string(), name: words }).nullable(),
    /** Never a dead end: what else the reader can do. */
    otherWays: z.array(z.enum(['zhima', 'card', 'deposit'])),
    rules: z.array(z.object({ rule: z.string(), text: words })),
  })
  .openapi('JoinResult')
export type JoinResultJson = z.infer<typeof joinResult>

/** GET /api/me/credit */
export const credit = z
  .object({
    balance: z.number().int(),
    frozenUntil: time.nullable(),
    tier: z.object({ id: z.string(), name: words }).nullable(),
    entries: z.array(
      z.object({
        id: z.string(),
        at: time,
        rule: z.string(),
        name: words,
        points: z.number().int(),
        evidence: z.string(),
        balance: z.number().int(),
      }),
    ),
    decisions: z.array(
      z.object({ id: z.string(), at: time, result: z.string(), reason: words, packVersion: z.string() }),
    ),
    consents: z.array(
      z.object({ provider: z.string(), textVersion: z.string(), at: time, revokedAt: time.nullable() }),
    ),
  })
  .openapi('Credit')
export type CreditJson = z.infer<typeof credit>

export const deliveryInput = z.discriminatedUnion('way', [
  z.object({ way: z.literal('home'), addressId: z.string().max(64) }),
  z.object({ way: z.literal('branch'), branchId: z.string().max(64) }),
  z.object({ way: z.literal('locker'), lockerId: z.string().max(64) }),
])
export type DeliveryInput = z.infer<typeof deliveryInput>

/** POST /api/orders and /api/orders/quote. Orders need an Idempotency-Key header (16..64 characters). */
export const orderInput = z.object({
  recordIds: z.array(z.string().max(64)).min(1).max(20),
  delivery: deliveryInput,
  /** What the reader was told it costs, in fen: an order that costs more by now is refused (`price-rose`). */
  dueAtMost: z.number().int().min(0).optional(),
})
export type OrderInput = z.infer<typeof orderInput>
export const quote = z
  .object({
    fee,
    /** Null while nothing of it can be promised: no copy is free, or the calendar is not known so far ahead. */
    promisedAt: time.nullable(),
    /** An order above the parcel limit is split; the number of parcels. */
    parcels: z.number().int(),
    problems: z.array(z.object({ recordId: z.string(), reason: words })),
  })
  .openapi('Quote')
export type QuoteJson = z.infer<typeof quote>

export const timelineStep = z.object({
  step: z.string(),
  name: words,
  /** Past: when it happened; future: when it is promised, null when unknown. */
  at: time.nullable(),
  done: z.boolean(),
  note: words.nullable(),
})
export const line = z
  .object({
    id: z.string(),
    recordId: z.string(),
    title: z.string(),
    author: z.string().optional(),
    clc: z.string().optional(),
    status: z.enum(lineStatuses),
    outcome: z.enum(lineOutcomes).nullable(),
    statusName: words,
    supplierId: z.string(),
    barcode: z.string().nullable(),
    dueAt: time.nullable(),
    /** True while something waits for the ILS to come back. */
    ilsPending: z.boolean(),
    trouble: words.nullable(),
    timeline: z.array(timelineStep),
    can: z.array(
      z.enum([
        'cancel',
        'renew',
        'return-courier',
        'return-branch',
        'return-locker',
        'transfer',
        'cancel-return',
      ]),
    ),
  })
  .openapi('Line')
export type LineJson = z.infer<typeof line>
export const order = z
  .object({
    id: z.string(),
    number: z.string(),
    libraryId: z.string(),
    createdAt: time,
    delivery: z.object({ way: z.enum(['home', 'branch', 'locker']), name: words, targetId: z.string() }),
    fee,
    promisedAt: time.nullable(),
    lines: z.array(line),
    /** A pick-up code waits: fetch it from /api/orders/{id}/code. */
    hasCode: z.boolean(),
    version: z.number().int(),
  })
  .openapi('Order')
export type OrderJson = z.infer<typeof order>

/** GET /api/orders?state=open|closed&cursor= */
export const orderPage = z.object({ items: z.array(order), next: z.string().nullable() }).openapi('OrderPage')
export type OrderPageJson = z.infer<typeof orderPage>

/** GET /api/orders/{id}/code */
export const pickupCode = z
  .object({ code: z.string(), lockerId: z.string(), collectUntil: time, qr: z.string() })
  .openapi('PickupCode')
export type PickupCodeJson = z.infer<typeof pickupCode>

/** POST /api/orders/{id}/lines/{lineId}/{cancel | renew | cancel-return}: no body; .../return with this: */
export const returnInput = z.discriminatedUnion('way', [
  z.object({ way: z.literal('courier'), addressId: z.string().max(64) }),
  z.object({ way: z.literal('branch'), branchId: z.string().max(64) }),
  z.object({ way: z.literal('locker'), lockerId: z.string().max(64) }),
])
/** POST /api/orders/{id}/lines/{lineId}/transfer: the other reader shows card and PIN on the spot. */
export const transferInput = z.object({ card: z.string().min(1).max(64), pin: z.string().min(1).max(64) })

/** GET /api/me/messages: what we told the reader, newest first. */
export const message = z.object({
  id: z.string(),
  at: time,
  title: words,
  body: words,
  orderId: z.string().nullable(),
  read: z.boolean(),
})
export type MessageJson = z.infer<typeof message>
export const messagePage = pageOf(message).openapi('MessagePage')
export type MessagePageJson = z.infer<typeof messagePage>
/** POST /api/me/messages/read marks all as read. */

/** POST /api/me/decisions/{id}/objection: a reader objects to a credit decision. */
export const objectionInput = z.object({ reason: z.string().min(3).max(500) })
/** DELETE /api/me/consents/{provider} revokes; DELETE /api/session/reader logs out. */

/**
 * GET /api/stream?as=reader|staff: server-sent events, resumable by Last-Event-ID. `as` says which of the two
 * session cookies counts, since one browser may hold both. Event names: `order` (data: {orderId, version}),
 * `message`, and for staff `work` (counters changed), `locker` (data: {lockerId}).
 */
export const streamEvent = z.object({ event: z.string(), data: z.record(z.string(), z.unknown()) })
