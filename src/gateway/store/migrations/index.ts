import type { Migration } from 'kysely/migration'
import { migration as ground } from './0001-ground.ts'
import { migration as catalogue } from './0002-catalogue.ts'
import { migration as orders } from './0003-orders.ts'
import { migration as lockers } from './0004-lockers.ts'
import { migration as creditAndFees } from './0005-credit-and-fees.ts'
import { migration as interLibrary } from './0006-inter-library.ts'
import { migration as itemOrder } from './0007-item-order.ts'
import { migration as lockerCare } from './0008-locker-care.ts'
import { migration as itemLookup } from './0009-item-lookup.ts'
import { migration as lockerPresence } from './0010-locker-presence.ts'
import { migration as lockerLines } from './0011-locker-lines.ts'
import { migration as lockerPlaces } from './0012-locker-places.ts'

/** Applied in the order of their names; a released one is never changed. */
export const migrations: Record<string, Migration> = {
  '0001-ground': ground,
  '0002-catalogue': catalogue,
  '0003-orders': orders,
  '0004-lockers': lockers,
  '0005-credit-and-fees': creditAndFees,
  '0006-inter-library': interLibrary,
  '0007-item-order': itemOrder,
  '0008-locker-care': lockerCare,
  '0009-item-lookup': itemLookup,
  '0010-locker-presence': lockerPresence,
  '0011-locker-lines': lockerLines,
  '0012-locker-places': lockerPlaces,
}
