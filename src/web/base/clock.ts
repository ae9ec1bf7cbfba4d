/**
 * The only place of the pages that reads the browser's clock or sets a timer. People's phones go wrong by minutes
 * and the demo town may live in its own time, so "now" is the server's: learnt from every answer of /api/town.
 */
let ahead = 0

/** The server's time, in milliseconds since 1970. */
export const now = (): number => Date.now() + ahead

export const learnNow = (serverTime: string): void => {
  const server = Date.parse(serverTime)
  if (Number.isFinite(server)) ahead = server - Date.now()
}

/** Calls `act` once after `delay` ms; the returned function cancels it. */
export const after = (delay: number, act: () => void): (() => void) => {
  const timer = window.setTimeout(act, delay)
  return () => window.clearTimeout(timer)
}

/** Calls `act` every `step` ms until the returned function is called. */
export const every = (step: number, act: () => void): (() => void) => {
  const timer = window.setInterval(act, step)
  return () => window.clearInterval(timer)
}
