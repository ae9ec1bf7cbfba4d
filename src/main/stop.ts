import { once } from 'node:events'
import { systemClock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'

/** After this time whatever is still open is let go of by ending the process. */
const longest = 9000

/** Waits for SIGTERM or SIGINT, then closes; a second signal ends the process at once. */
export const untilToldToStop = async (
  log: Pick<Log, 'info' | 'warn'>,
  ...parts: readonly { close(): Promise<void> }[]
): Promise<void> => {
  const controller = new AbortController()
  const { signal } = controller
  const told = await Promise.race(
    [once(process, 'SIGTERM', { signal }), once(process, 'SIGINT', { signal })].map(p => p.catch(() => [])),
  )
  controller.abort()
  log.info({ signal: String(told) }, 'stopping')
  process.once('SIGTERM', () => process.exit(130))
  process.once('SIGINT', () => process.exit(130))
  systemClock.after(longest, () => {
    log.warn({}, 'not everything ended in time')
    process.exit(1)
  })
  for (const part of parts) await part.close()
  log.info({}, 'stopped')
}
