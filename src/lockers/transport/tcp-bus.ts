import type { Clock, Millis } from '../../kernel/clock.ts'
import { type Answer, no, type Problem, yes } from '../../kernel/problem.ts'
import { noTranscript, type Transcript } from '../../kernel/transcript.ts'
import type { Ask, Echo, LineBus, LineTiming, Reply } from './bus.ts'
import { alike, hear, hearAmongLate, withoutEcho } from './hearing.ts'
import { cutOff, foreign, lineBusy, lineDown, noAnswer, unreadable } from './problems.ts'
import { type LinkAddress, openTcpLink } from './tcp-link.ts'

export interface TcpBusOptions {
  /** For transcripts and problems: `locker-bus:guanqian`. */
  readonly name: string
  readonly address: LinkAddress
  /** The wire's own clock. It must run while the program runs; a clock that leaps makes every board look silent. */
  readonly clock: Clock
  readonly timing: LineTiming
  readonly transcript?: Transcript
  /** Questions that may wait; an opening takes the place of a waiting read when all are taken. */
  readonly queue?: number
}

export interface TcpBus extends LineBus {
  /** The port the converter must dial, once listening; undefined where we dial. */
  readonly listening: Promise<number | undefined>
}

interface Waiting {
  readonly ask: Ask<unknown>
  readonly since: number
  tries: number
  answer(answer: Answer<Reply<unknown>>): void
}
interface Exchange extends Waiting {
  heard: Uint8Array
  /** Cancels the deadline, or the wait for a second answer that takes its place. */
  cancel(): void
  settling: boolean
}

const heardLimit = 512
const none: readonly never[] = []
/** Unanswered questions in a row, not a byte heard, after which the connection is taken for half-open. */
const deafAfter = 8
/**
 * An act was sent and not a byte has been heard for so long: the connection may be half-open and still hold the act
 * back, to deliver it when nobody stands at the door any more. It is given up, with what it holds.
 */
const heldBack = 3000
/** The rest of a longer frame takes so long; a second answer that cannot be told from a late one, so long. */
const restOfFrame = 60
const secondAnswer = 250

/** One asker for everything behind one converter: two of them on one line would corrupt each other's frames. */
export const createTcpBus = (options: TcpBusOptions): TcpBus => {
  const { clock, timing } = options
  const limit = options.queue ?? 64
  const urgent: Waiting[] = []
  const polls: Waiting[] = []
  let current: Exchange | undefined
  let wake: (() => void) | undefined
  let earliest = 0
  let nextAct = 0
  let echo: Echo = 'unknown'
  let unanswered = 0
  let unheard: (() => void) | undefined
  let late: { ask: Ask<unknown>; until: number }[] = []
  let overheard: ((chunk: Uint8Array) => void) | undefined
  const count = { sent: 0, received: 0, stray: 0 }

  const { transcript = noTranscript } = options
  const note = (direction: '>' | '<', bytes: Uint8Array, about: string): void => {
    // Thousands of looks a second are not written out for nobody.
    if (transcript === noTranscript) return
    transcript({ at: clock.now(), peer: options.name, direction, text: `${about} ${hex(bytes)}` })
  }

  const lateNow = (): readonly Ask<unknown>[] => {
    if (late.length === 0) return none
    late = late.filter(one => one.until > clock.now())
    return late.map(one => one.ask)
  }

  const heardSome = (): void => {
    unheard?.()
    unheard = undefined
  }

  const failAll = (problem: Problem): void => {
    for (const one of [...urgent.splice(0), ...polls.splice(0)]) one.answer(no(problem))
  }

  /** When this question may be sent: the line must have been quiet, and acts stand apart from each other. */
  const due = (one: Waiting): Millis => (one.ask.acts ? Math.max(earliest, nextAct) : earliest)

  const takeDue = (now: Millis): Waiting | undefined => {
    for (const queue of [urgent, polls]) {
      const index = queue.findIndex(one => due(one) <= now)
      if (index >= 0) return queue.splice(index, 1)[0]
    }
    return undefined
  }

  const pump = (): void => {
    if (current || urgent.length + polls.length === 0) return
    wake?.()
    wake = undefined
    const now = clock.now()
    const next = takeDue(now)
    if (!next) {
      const first = Math.min(...[...urgent, ...polls].map(due))
      wake = clock.after(first - now, () => {
        wake = undefined
        pump()
      })
      return
    }
    if (now - next.since > timing.patience) next.answer(no(lineBusy))
    else begin(next)
    pump()
  }

  const begin = (next: Waiting): void => {
    if (!link.send(next.ask.request)) {
      next.answer(no(lineDown))
      return
    }
    const now = clock.now()
    earliest = now + timing.afterSend
    if (next.ask.acts) {
      nextAct = now + (timing.betweenActs ?? 0)
      unheard ??= clock.after(heldBack, () => link.drop())
    }
    next.ask.sent?.(now)
    count.sent += next.ask.request.length
    note('>', next.ask.request, next.ask.key)
    const exchange: Exchange = Object.assign(next, {
      heard: new Uint8Array(0),
      settling: false,
      cancel: clock.after(next.ask.silence?.after ?? timing.deadline, () => miss(exchange)),
    })
    current = exchange
  }

  const end = (exchange: Exchange): void => {
    exchange.cancel()
    current = undefined
  }

  const miss = (exchange: Exchange): void => {
    end(exchange)
    late.push({ ask: exchange.ask, until: clock.now() + timing.late })
    earliest = Math.max(earliest, clock.now() + timing.gap)
    const { ask } = exchange
    exchange.tries += 1
    const heard = withoutEcho(exchange.heard, ask, echo)
    if (ask.silence) exchange.answer(yes({ value: ask.silence.means, doubtful: false }))
    else {
      unanswered = exchange.heard.length === 0 ? unanswered + 1 : 0
      if (!ask.acts && exchange.tries < ask.tries) (ask.urgent ? urgent : polls).unshift(exchange)
      else if (heard.length === 0) exchange.answer(no(noAnswer(ask.acts)))
      else exchange.answer(no((ask.foreign?.(heard) ? foreign : unreadable)(ask.acts, hex(heard))))
    }
    if (unanswered >= deafAfter) {
      unanswered = 0
      link.drop()
    }
    pump()
  }

  const settle = (exchange: Exchange): void => {
    const result = hearAmongLate(exchange.heard, exchange.ask, echo, lateNow())
    echo = result.echo
    if (result.found) answer(exchange, result.found.value, result.doubtful)
    else miss(exchange)
  }

  const answer = (exchange: Exchange, value: unknown, doubtful: boolean): void => {
    end(exchange)
    exchange.answer(yes({ value, doubtful }))
    pump()
  }

  const bytes = (chunk: Uint8Array): void => {
    count.received += chunk.length
    earliest = Math.max(earliest, clock.now() + timing.gap)
    unanswered = 0
    heardSome()
    overheard?.(Uint8Array.from(chunk))
    const exchange = current
    note('<', chunk, exchange ? exchange.ask.key : 'unasked')
    if (!exchange) {
      count.stray += chunk.length
      return
    }
    exchange.heard =
      exchange.heard.length === 0
        ? new Uint8Array(chunk.subarray(-heardLimit))
        : Buffer.concat([exchange.heard, chunk]).subarray(-heardLimit)
    if (exchange.settling) return
    const result = hear(exchange.heard, exchange.ask, echo)
    echo = result.echo
    if (!result.found) return
    const suspects = lateNow()
    if (suspects.length === 0) {
      answer(exchange, result.found.value, result.doubtful)
      return
    }
    exchange.settling = true
    exchange.cancel()
    const twin = suspects.some(one => alike(one, exchange.ask))
    exchange.cancel = clock.after(twin ? secondAnswer : restOfFrame, () => settle(exchange))
  }

  const down = (): void => {
    heardSome()
    echo = 'unknown'
    late = []
    const exchange = current
    if (exchange) {
      end(exchange)
      exchange.answer(no(cutOff(exchange.ask.acts)))
    }
    failAll(lineDown)
  }

  const link = openTcpLink(options.address, clock, { up: pump, down, bytes })

  const enqueue = (ask: Ask<unknown>): Promise<Answer<Reply<unknown>>> =>
    new Promise(answer => {
      if (!link.up()) return answer(no(lineDown))
      if (urgent.length + polls.length >= limit) {
        const displaced = ask.urgent ? polls.pop() : undefined
        if (!displaced) return answer(no(lineBusy))
        displaced.answer(no(lineBusy))
      }
      ;(ask.urgent ? urgent : polls).push({ ask, since: clock.now(), tries: 0, answer })
      pump()
    })

  return {
    ask: <T>(ask: Ask<T>) => enqueue(ask) as Promise<Answer<Reply<T>>>,
    up: () => link.up(),
    echo: () => echo,
    traffic: () => ({ ...count }),
    overhear: listener => {
      overheard = listener
      return () => {
        if (overheard === listener) overheard = undefined
      }
    },
    listening: link.listening,
    close: async () => {
      wake?.()
      heardSome()
      await link.close()
      failAll(lineDown)
    },
  }
}

const hex = (bytes: Uint8Array): string =>
  [...bytes].map(byte => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ')
