import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'quick',
          setupFiles: ['test/harness/seed.ts'],
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/journeys/**', 'test/faults/**', 'test/store/**', 'test/slow/**'],
          isolate: false,
          maxWorkers: '100%',
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'slow',
          setupFiles: ['test/harness/seed.ts'],
          globalSetup: ['test/harness/postgres-setup.ts'],
          include: [
            'test/journeys/**/*.test.ts',
            'test/faults/**/*.test.ts',
            'test/store/**/*.test.ts',
            'test/slow/**/*.test.ts',
          ],
          // Much of it waits for the disk, a database or a child process: on two cores two files side by side.
          maxWorkers: '100%',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          setupFiles: ['test/harness/seed.ts'],
          include: ['test/browser/**/*.test.ts'],
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
