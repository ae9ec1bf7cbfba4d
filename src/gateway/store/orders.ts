/** Rows of this part of the store. */
export type OrderTables = Record<never, never>
