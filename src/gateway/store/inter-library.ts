/** Rows of this part of the store. */
export type InterLibraryTables = Record<never, never>
