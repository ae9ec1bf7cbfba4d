/** What staff do around a cabinet besides opening its doors: alarms, histories, maintenance, commissioning. */
import { z } from '@hono/zod-openapi'
import { time, words } from './common.ts'

const reason = z.string().trim().min(3).max(200)
const size = z.enum(['small', 'medium', 'large'])
const place = z.int().min(1).max(40)

/** GET /api/staff/lockers/{id}/care */
export const lockerCare = z
  .object({
    /** Why readers and couriers are not served just now. */
    maintenance: z.object({ reason: z.string(), by: z.string(), at: time }).nullable(),
    sanitary: z.string(),
    battery: z.string(),
    noted: z.object({ by: z.string(), at: time }).nullable(),
    /** Since when its deliveries go to the desk, because it cannot be reached. */
    turnedAt: time.nullable(),
    alarms: z.array(
      z.object({
        compartmentId: z.string().nullable(),
        label: z.string().nullable(),
        code: z.string(),
        say: words,
        /** Null where it is not known. */
        since: time.nullable(),
        /** False for what goes by itself when its cause does. */
        settles: z.boolean(),
      }),
    ),
    /** Doors that somebody wants to open at once, and that a second person must agree to. */
    bulk: z.array(
      z.object({
        id: z.string(),
        doors: z.int(),
        reason: z.string(),
        askedBy: z.string(),
        mine: z.boolean(),
        until: time,
      }),
    ),
  })
  .openapi('LockerCare')
export type LockerCareJson = z.infer<typeof lockerCare>

/** GET /api/staff/lockers/{id}/compartments/{compartmentId}/history: newest first, a hundred at most. */
export const doorHistory = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        at: time,
        /** `opened`, `closed`, `loaded`, `collected`, `jammed`, `forced`, `remote-open` ... */
        kind: z.string(),
        actor: z.string(),
      }),
    ),
  })
  .openapi('DoorHistory')
export type DoorHistoryJson = z.infer<typeof doorHistory>

/** POST /api/staff/lockers/{id}/alarms/settle: null is the cabinet's own alarm. */
export const settleAlarm = z.object({ compartmentId: z.string().max(64).nullable(), reason })
/** POST /api/staff/lockers/{id}/maintenance */
export const maintenance = z.object({ on: z.boolean(), reason })
/** POST /api/staff/lockers/{id}/notes: what is left out stays. */
export const careNotes = z.object({
  sanitary: z.string().max(2000).optional(),
  battery: z.string().max(2000).optional(),
})
/** POST /api/staff/lockers/{id}/compartments/{compartmentId}/service */
export const doorService = z.object({ inService: z.boolean(), reason })
/** POST /api/staff/lockers/{id}/bulk */
export const bulkWish = z.object({
  compartmentIds: z.union([z.literal('all'), z.array(z.string().max(64)).min(1).max(500)]),
  reason,
})
/** POST /api/staff/lockers/{id}/bulk/{bulkId}/{decision} */
export const bulkOutcome = z
  .object({
    doors: z.array(
      z.object({ compartmentId: z.string(), signal: z.enum(['open', 'jammed', 'no', 'done']), say: words }),
    ),
  })
  .openapi('BulkOutcome')

/** POST /api/staff/lockers/{id}/drawing: the settings for a changed drawing; nothing is changed by asking. */
export const drawing = z.object({
  doors: z
    .array(
      z.object({
        id: z.string().max(64),
        label: z.string().trim().min(1).max(16),
        size,
        row: place,
        column: place,
      }),
    )
    .min(1)
    .max(500),
})
export type DrawingJson = z.infer<typeof drawing>
export const settingsYaml = z.object({ yaml: z.string() }).openapi('SettingsYaml')
export type SettingsYamlJson = z.infer<typeof settingsYaml>
