import { z } from 'zod'
import { defaultPolicy, type OrderPolicy } from '../gateway/orders/policy.ts'

const count = (max: number) => z.int().min(0).max(max)
const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time like 16:00')
const d = defaultPolicy

/** What a library may decide about orders; each has the value most libraries use. The zone is the library's. */
export const orderPolicy = z.strictObject({
  chargeAt: z.enum(['pack', 'collect']).default(d.chargeAt),
  holds: z.enum(['ils', 'own']).default(d.holds),
  itemsPerParcel: count(50).default(d.itemsPerParcel),
  itemsPerOrder: count(100).default(d.itemsPerOrder),
  mayBeSplit: z.boolean().default(d.mayBeSplit),
  partlyFilledFee: z.enum(['same', 'by-items']).default(d.partlyFilledFee),
  openRequests: count(200).default(d.openRequests),
  pickupDays: count(60).default(d.pickupDays),
  pickupReminderHours: count(720).default(d.pickupReminderHours),
  giveUpDays: count(90).default(d.giveUpDays),
  refusedDays: count(90).default(d.refusedDays),
  waves: z
    .array(z.strictObject({ before: clock, ready: clock, days: count(30) }))
    .min(1)
    .default([...d.waves]),
  courierDays: count(30).default(d.courierDays),
  interLibraryDays: count(60).default(d.interLibraryDays),
  courier: z.string().min(1).max(32).default(d.courier),
  loanClockStops: z.enum(['handed-in', 'received']).default(d.loanClockStops),
  renewals: count(20).default(d.renewals),
  transfersPerLoan: count(50).default(d.transfersPerLoan),
  dueReminderDays: count(60).default(d.dueReminderDays),
  recheckDays: count(90).default(d.recheckDays),
  ilsPatienceMinutes: count(1440).default(d.ilsPatienceMinutes),
  interLibraryCharge: z.enum(['institution-card', 'shared-card']).default(d.interLibraryCharge),
  suppliersAsked: count(50).default(d.suppliersAsked),
  supplyDeadline: count(60_000).default(d.supplyDeadline),
  withdrawnDays: count(365).default(d.withdrawnDays),
}) satisfies z.ZodType<Omit<OrderPolicy, 'zone'>>
