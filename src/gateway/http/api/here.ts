/** A reader before a cabinet, with a phone: GET, POST and DELETE /api/me/here, and what is done there. */
import { z } from '@hono/zod-openapi'
import { time, words } from './common.ts'
import { kioskAgain, kioskAnswer } from './staff.ts'

const door = z.enum(['open', 'closed', 'unknown'])

export const here = z
  .object({
    locker: z.object({
      id: z.string(),
      name: words,
      place: z.string(),
      phone: z.string(),
      online: z.boolean(),
    }),
    /** Until when the screen need not be scanned again; each act begins it anew. */
    until: time,
    /** The reader's own parcels inside. */
    parcels: z.array(
      z.object({ parcel: z.string(), orderId: z.string(), label: z.string(), titles: z.array(z.string()) }),
    ),
    /** What the reader may give back here. */
    loans: z.array(z.object({ orderId: z.string(), lineId: z.string(), title: z.string() })),
    /** The last door that was opened for the reader. */
    visit: z
      .object({
        id: z.string(),
        errand: z.enum(['collect', 'return', 'again']),
        state: z.enum(['opening', 'open', 'jammed', 'unclear', 'over']),
        /** False also when the door never opened. */
        done: z.boolean(),
        door,
        label: z.string(),
        titles: z.array(z.string()),
        say: words,
        endedAt: time.nullable(),
      })
      .nullable(),
  })
  .openapi('Here')
export type HereJson = z.infer<typeof here>

/** GET /api/me/here: null while the reader stands before no cabinet. */
export const maybeHere = z.object({ here: here.nullable() }).openapi('MaybeHere')
export type MaybeHereJson = z.infer<typeof maybeHere>

/** POST /api/me/here: what the code on the screen holds. */
export const arrival = z.object({ code: z.string().min(1).max(200) })
/** POST /api/me/here/open */
export const openHere = z.object({ parcel: z.string().min(1).max(64) })
/** POST /api/me/here/return */
export const returnHere = z.object({ orderId: z.string().min(1).max(64), lineId: z.string().min(1).max(64) })
/** POST /api/me/here/again and /confirm take what the screen's own do. */
export const againHere = kioskAgain
export const actedHere = z.object({ answer: kioskAnswer, here: here.nullable() }).openapi('ActedHere')
export type ActedHereJson = z.infer<typeof actedHere>

/** GET /api/kiosk/phone: the corner of the screen for phones. */
export const phoneCorner = z
  .object({
    /** The address that the QR code holds; null while somebody is served by phone or nobody can be. */
    url: z.string().nullable(),
    /** Seconds until there is another one. */
    renewIn: z.number().int(),
    /** Somebody is served by phone; the door that stands open for them. */
    served: z.object({ label: z.string().nullable(), visit: z.string().nullable() }).nullable(),
  })
  .openapi('PhoneCorner')
export type PhoneCornerJson = z.infer<typeof phoneCorner>
