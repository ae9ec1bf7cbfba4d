import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'

/** The thread of `sqlite-checkpoints.ts`: a checkpoint for each message, answered with the pages that are in the log. */

const database = new Database(workerData as string, { fileMustExist: true })
database.pragma('synchronous = NORMAL')

parentPort!.on('message', () => {
  const [told] = database.pragma('wal_checkpoint(PASSIVE)') as { readonly log: number }[]
  parentPort!.postMessage(told!.log)
})
