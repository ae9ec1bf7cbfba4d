/** Rows of this part of the store. */
export type CreditTables = Record<never, never>
