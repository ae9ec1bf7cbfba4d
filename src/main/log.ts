import { pino } from 'pino'
import type { Log } from '../kernel/log.ts'
import type { Transcript } from '../kernel/transcript.ts'

/** Words that name what no log may hold; a second net below the masks at the source. */
const never = [
  'pin',
  'password',
  'card',
  'name',
  'phone',
  'address',
  'token',
  'secret',
  'authorization',
  'cookie',
  'idNumber',
]

/** Lines of JSON on standard output. `level`: trace, debug, info, warn, error, silent. */
export const createLog = (level = 'info', destination?: { write(line: string): void }): Log => {
  const options = {
    level,
    base: null,
    redact: { paths: never.flatMap(word => [word, `*.${word}`]), censor: '***' },
  }
  const logger = destination ? pino(options, destination) : pino(options)
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  }
}

/** Writes every masked message that crosses a border as a line of the log: `{"peer":"ils:gusu","wire":"> 17..."}`. */
export const wireLog =
  (log: Pick<Log, 'info'>): Transcript =>
  ({ peer, direction, text }) =>
    log.info({ peer, wire: `${direction} ${text}` }, 'wire')
