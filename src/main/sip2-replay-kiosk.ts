import { isUnreadable, type Parsed, parseMessage } from '../adapters/ils/sip2/codec.ts'
import { socketWire } from '../adapters/ils/sip2/probe/socket-wire.ts'
import type { Heard } from '../adapters/ils/sip2/probe/step.ts'
import type { Clock } from '../kernel/clock.ts'
import { differencesOf } from './sip2-differences.ts'
import type { Recording, Said } from './sip2-recording.ts'
import { bytesOf, exchangesOf, isAct, type Names, type Recorded } from './sip2-replay.ts'

export interface FakeKioskSettings {
  readonly recording: Recording
  readonly to: { readonly host: string; readonly port: number }
  readonly clock: Clock
  /** Says also what changes something: loans, returns, fees. */
  readonly allowChanges: boolean
  readonly names: Names
  /** Milliseconds an answer may take. */
  readonly patience: number
  readonly told: (outcome: Outcome) => void
}

/** What came of one recorded request. */
export interface Outcome {
  readonly connection: number
  readonly command: string
  readonly state: 'same' | 'differs' | 'left-out' | 'not-sent'
  readonly differences: readonly string[]
}

/**
 * A machine that says what the recorded one said, one message after the other, and compares the answers. Each
 * recorded connection is one connection, one after the other. What changes something is left out without leave.
 */
export const runFakeKiosk = async (settings: FakeKioskSettings): Promise<Outcome[]> => {
  const { recording, to, clock, told } = settings
  const wire = socketWire(to, clock, 10)
  const outcomes: Outcome[] = []
  const byConnection = Map.groupBy(exchangesOf(recording), ({ connection }) => connection)
  try {
    for (const [connection, exchanges] of byConnection) {
      const opened = await wire.open(connection, false)
      let sequence = 9
      for (const exchange of exchanges) {
        const outcome = await one(exchange, opened, () => {
          sequence = (sequence + 1) % 10
          return sequence
        })
        outcomes.push(outcome)
        told(outcome)
      }
      wire.close(connection)
    }
  } finally {
    wire.end()
  }
  return outcomes

  async function one(exchange: Recorded, opened: Heard, next: () => number): Promise<Outcome> {
    const { request, connection } = exchange
    const { command } = request.message
    const outcome = (state: Outcome['state'], ...differences: string[]): Outcome => ({
      connection,
      command,
      state,
      differences,
    })
    if (opened.heard !== 'opened') return outcome('not-sent', 'no connection')
    if (isAct(request.message) && !settings.allowChanges) return outcome('left-out')
    const bytes = bytesOf(named(request), request.message.sequence === null ? null : next(), recording)
    if (!bytes) return outcome('not-sent', 'it cannot be written')
    const heard = await wire.say(connection, bytes, settings.patience, false)
    const differences = compare(exchange, heard)
    return outcome(differences.length === 0 ? 'same' : 'differs', ...differences)
  }

  function named(said: Said): Said {
    return { ...said, message: { ...said.message, fields: settings.names.real(said.message.fields) } }
  }

  function compare({ answers, hungUp }: Recorded, heard: Heard): string[] {
    const [recorded] = answers
    if (heard.heard !== 'line') {
      const same = !recorded && (heard.heard === 'silence' || (heard.heard === 'closed' && hungUp))
      return same
        ? []
        : [`${heard.heard} in place of ${recorded?.message.command ?? (hungUp ? 'hanging up' : 'silence')}`]
    }
    const parsed = parseMessage(heard.bytes, recording)
    if (isUnreadable(parsed)) return ['no message in answer']
    if (!recorded) return [`${parsed.command} in place of silence`]
    const told: Parsed = { ...parsed, fields: settings.names.masked(parsed.fields) }
    return [...differencesOf(recorded.message, told), ...sumsOf(recorded.message, parsed)]
  }
}

/** Error detection as it was: a sum that was right is right, one that was not there is not. */
const sumsOf = (recorded: Parsed, now: Parsed): string[] =>
  recorded.checksum === now.checksum ? [] : [`checksum ${now.checksum} in place of ${recorded.checksum}`]
