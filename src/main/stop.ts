import { once } from 'node:events'
import { pause, systemClock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'

/** After this time whatever is still open is let go of by ending the process. */
const longest = 9000

/** How often it is looked whether npm is still there. */
const look = 1000

/**
 * `npm start` that is told to stop ends itself and its shell, but the shell tells us nothing: we would go on and
 * hold the port. Resolves once the shell of npm is gone; never where npm did not start us.
 */
const npmGone = async (signal: AbortSignal): Promise<readonly string[]> => {
  if (process.env.npm_lifecycle_event === undefined) return new Promise(() => {})
  const shell = process.ppid
  while (process.ppid === shell && !signal.aborted) await pause(systemClock, look)
  return ['npm has ended']
}

/**
 * Waits for SIGTERM or SIGINT, or for the end of the npm that started us, then closes; a second signal ends the
 * process at once.
 */
export const untilToldToStop = async (
  log: Pick<Log, 'info' | 'warn'>,
  ...parts: readonly { close(): Promise<void> }[]
): Promise<void> => {
  const controller = new AbortController()
  const { signal } = controller
  const told = await Promise.race(
    [once(process, 'SIGTERM', { signal }), once(process, 'SIGINT', { signal }), npmGone(signal)].map(p =>
      p.catch(() => []),
    ),
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
