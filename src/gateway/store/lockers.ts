/** Rows of this part of the store. */
export type LockerTables = Record<never, never>
