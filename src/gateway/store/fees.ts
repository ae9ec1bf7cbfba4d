/** Rows of this part of the store. */
export type FeeTables = Record<never, never>
