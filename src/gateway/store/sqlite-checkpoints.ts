import { Worker } from 'node:worker_threads'
import type { Log } from '../../kernel/log.ts'

/**
 * Rows written between two checkpoints: about 4,000 pages of the log, for a row comes to two pages with its indexes.
 * Moving pages into the file is a second write of them all, and the oftener the more.
 */
const between = 2000

/**
 * Pages of the log from which on commits wait for a checkpoint: SQLite begins the log anew only with a commit that finds
 * all of it in the file, and commits that never pause would never let it.
 */
const tooLong = 8000

/** Small: a connection and nothing else lives there. */
const room = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 }

export interface Checkpoints {
  /** So many rows have been committed. */
  wrote(rows: number): void
  close(): Promise<void>
}

/**
 * Moves what the write-ahead log of `path` holds into the file, on a thread of its own: it waits for the disk twice, and
 * for all pages to be written in between. The thread begins with the first one. `alone` runs something while nobody uses
 * the database. A checkpoint that fails is tried again after as many rows; SQLite's own automatic ones remain besides.
 */
export const keepCheckpoints = (
  path: string,
  alone: (act: () => Promise<void>) => Promise<void>,
  log: Log,
): Checkpoints => {
  let rows = 0
  let thread: Worker | undefined
  let running: Promise<void> | undefined
  let over = false

  /** A checkpoint; how many pages the log then has. */
  const ask = async (): Promise<number> => {
    if (!thread) {
      thread = new Worker(new URL('./sqlite-checkpoint.ts', import.meta.url), {
        workerData: path,
        resourceLimits: room,
      })
      thread.unref()
    }
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const ended = (): void => reject(new Error('the thread ended'))
    thread.once('message', resolve).once('error', reject).once('exit', ended)
    thread.postMessage('checkpoint')
    try {
      return await promise
    } finally {
      thread.off('message', resolve).off('error', reject).off('exit', ended)
    }
  }

  const run = async (): Promise<void> => {
    while (rows >= between && !over) {
      rows = 0
      try {
        if ((await ask()) > tooLong) await alone(async () => void (await ask()))
      } catch (error) {
        log.warn({ error: String(error) }, 'a checkpoint of the database failed')
        await thread?.terminate()
        thread = undefined
      }
    }
    running = undefined
  }

  return {
    wrote: more => {
      rows += more
      if (rows >= between && !over) running ??= run()
    },
    close: async () => {
      over = true
      await running
      await thread?.terminate()
    },
  }
}
