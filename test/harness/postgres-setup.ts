import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres.ts'

/** One server for all test files of a run; each test takes a fresh database on it. */
export default async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  const server = await startPostgres()
  if (!server) console.log('PostgreSQL tests are skipped: no binaries for this platform are installed')
  project.provide('postgres', server?.url ?? '')
  return server?.stop
}
