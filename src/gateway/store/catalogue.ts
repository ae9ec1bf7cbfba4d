/** Rows of this part of the store. */
export type CatalogueTables = Record<never, never>
