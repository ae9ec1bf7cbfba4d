import type { Clock, Millis } from '../../kernel/clock.ts'
import type { CabinetEvent, CabinetHappening } from '../locker.ts'
import type { Teller } from '../transport/tell.ts'
import type { CabinetEventMessage } from './mqtt-cabinet-messages.ts'

/**
 * The events of one cabinet, put in order. The cabinet keeps each until we say that it is taken in; a number that
 * is missing is asked for again, one that was seen is only confirmed again. So nothing is kept here over a restart:
 * each event tells up to where we had come.
 */
export interface Intake {
  take(message: CabinetEventMessage, told: Pick<CabinetEvent, 'timed' | 'receivedAt'>): void
  /** What to say when cabinet and gateway meet anew: tell everything that is not yet taken in. */
  greet(): void
}

export interface IntakeOptions {
  readonly line: string
  readonly board: number
  readonly clock: Clock
  readonly teller: Teller
  /** Tells the cabinet that events up to `seq` may be forgotten; `again`: it shall tell those that follow. */
  kept(log: string, seq: number, again: boolean): void
}

/** Asking for what is missing is not repeated within so long. */
const askAgainAfter: Millis = 1000

export const createIntake = (options: IntakeOptions): Intake => {
  const { board, clock, teller } = options
  let log: string | undefined
  let taken = 0
  let handed = 0
  let askedAt = Number.NEGATIVE_INFINITY

  const missing = (): void => {
    if (log === undefined || clock.now() - askedAt < askAgainAfter) return
    askedAt = clock.now()
    options.kept(log, handed, true)
  }

  return {
    greet: () => options.kept(log ?? '-', taken, true),
    take: (message, { timed, receivedAt }) => {
      if (message.log !== log) {
        log = message.log
        taken = message.after
        handed = message.after
      }
      if (message.after > handed) handed = message.after
      if (message.after > taken) taken = message.after
      const { seq } = message
      if (seq <= taken) {
        options.kept(log, taken, false)
        return
      }
      if (seq <= handed) return
      if (seq > handed + 1) {
        missing()
        return
      }
      const of = log
      const event: CabinetEvent = {
        id: `${options.line}/${board}/${of}/${seq}`,
        board,
        seq,
        at: Math.min(message.at, receivedAt),
        timed,
        receivedAt,
        what: happeningOf(message),
      }
      const room = teller.tell(event, () => {
        if (log !== of) return
        taken = Math.max(taken, seq)
        options.kept(of, taken, false)
      })
      if (room) handed = seq
    },
  }
}

const happeningOf = (message: CabinetEventMessage): CabinetHappening => {
  switch (message.kind) {
    case 'door-opened':
    case 'door-closed':
      return {
        kind: message.kind,
        channel: message.compartment,
        ...(message.occupied === undefined ? {} : { occupied: message.occupied }),
        ...(message.code === undefined ? {} : { codeId: message.code }),
      }
    case 'events-lost':
      return { kind: message.kind, count: message.count }
    default:
      return { kind: message.kind }
  }
}
