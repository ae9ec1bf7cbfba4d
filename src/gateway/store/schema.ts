import type { CatalogueTables } from './catalogue.ts'
import type { CreditTables } from './credit.ts'
import type { FeeTables } from './fees.ts'
import type { GroundTables } from './ground.ts'
import type { InterLibraryTables } from './inter-library.ts'
import type { LockerPlaceTables } from './locker-places.ts'
import type { LockerPresenceTables } from './locker-presence.ts'
import type { LockerTables } from './lockers.ts'
import type { OrderTables } from './orders.ts'

/** Every table of the gateway. */
export interface Schema
  extends GroundTables,
    CatalogueTables,
    OrderTables,
    LockerTables,
    LockerPlaceTables,
    LockerPresenceTables,
    CreditTables,
    FeeTables,
    InterLibraryTables {}
