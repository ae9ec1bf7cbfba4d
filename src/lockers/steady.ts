import type { Clock } from '../kernel/clock.ts'
import { noTranscript } from '../kernel/transcript.ts'
import type { Wire } from './make.ts'
import type { LineTiming } from './transport/bus.ts'
import { createTcpBus, type TcpBus } from './transport/tcp-bus.ts'
import type { LinkAddress } from './transport/tcp-link.ts'

/**
 * A clock for measuring: it stands still where the other is set back (a machine that kept local time is put right by
 * hours when it has reached a time server), so that what was to wait a moment does not wait until that hour comes again.
 */
export const steady = (clock: Clock): Clock => {
  let last = Number.NEGATIVE_INFINITY
  let ahead = 0
  return {
    now: () => {
      const now = clock.now()
      if (now < last) ahead += last - now
      last = now
      return now + ahead
    },
    after: (delay, act) => clock.after(delay, act),
  }
}

/** The line of some boards. Its pauses are measured steadily; its transcript bears the machine's own time. */
export const steadyLine = (wire: Wire, address: LinkAddress, timing: LineTiming): TcpBus => {
  const { name, clock, transcript } = wire
  return createTcpBus({
    name,
    address,
    timing,
    clock: steady(clock),
    transcript: transcript === noTranscript ? noTranscript : line => transcript({ ...line, at: clock.now() }),
  })
}
