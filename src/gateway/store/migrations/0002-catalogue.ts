import type { Migration } from 'kysely/migration'

export const migration: Migration = { up: async () => {} }
