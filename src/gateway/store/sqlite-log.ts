import { closeSync, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'

/** Whoever wants to know when what has been committed outlives a power cut. */
export interface CommitLog {
  /** A commit has been written that touched so many rows. */
  wrote(rows: number): void
  /** Settled once everything written before the call is on the disk. Rejects with `failure`. */
  lasting(): Promise<void>
  /** That the disk failed once: an error with SQLite's code of it. */
  failure(): Error | undefined
  close(): Promise<void>
}

/** For a database in memory, and for commits that need only outlive the process. */
export const noCommitLog: CommitLog = {
  wrote: () => {},
  lasting: async () => {},
  failure: () => undefined,
  close: async () => {},
}

interface Waiting {
  readonly until: number
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

export type SyncFile = (descriptor: number) => Promise<void>

const toDisk: SyncFile = promisify(fdatasync)

/**
 * Brings SQLite's write-ahead log to the disk without holding up the process: with `synchronous = NORMAL` a commit
 * only writes to the log, with `FULL` it would also wait for the disk, and with it everything else here. One write to
 * the disk is under way at a time, and keeps all commits that came before it.
 *
 * After a failure nobody can know what the disk holds: nothing is said to last from then on, until the next start
 * reads the log again. Throws when `file` has no log.
 */
export const openCommitLog = (
  file: string,
  wroteRows: (rows: number) => void,
  sync: SyncFile = toDisk,
): CommitLog => {
  // Not a file that SQLite locks: closing a locked one would give up the locks of the whole process.
  const descriptor = openSync(`${file}-wal`, 'r+')
  let written = 0
  let kept = 0
  let failed: Error | undefined
  let running: Promise<void> | undefined
  /** By `until`. */
  const waiting: Waiting[] = []

  const settle = (): void => {
    const first = failed ? -1 : waiting.findIndex(one => one.until > kept)
    const due = waiting.splice(0, first < 0 ? waiting.length : first)
    for (const one of due) failed ? one.reject(failed) : one.resolve()
  }

  const run = async (): Promise<void> => {
    while (waiting.length > 0 && !failed) {
      const upTo = written
      try {
        await sync(descriptor)
        kept = upTo
      } catch (cause) {
        failed = Object.assign(new Error('the log could not be brought to the disk', { cause }), {
          code: 'SQLITE_IOERR_FSYNC',
        })
      }
      settle()
    }
    running = undefined
  }

  return {
    wrote: rows => {
      written += 1
      wroteRows(rows)
    },
    lasting: async () => {
      if (failed) throw failed
      if (kept === written) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.push({ until: written, resolve, reject })
      running ??= run()
      await promise
    },
    failure: () => failed,
    close: async () => {
      await running
      closeSync(descriptor)
    },
  }
}
