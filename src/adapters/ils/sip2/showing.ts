import type { Clock } from '../../../kernel/clock.ts'
import { noTranscript, type Transcript } from '../../../kernel/transcript.ts'
import type { Field, Message, Parsed } from './codec.ts'
import { maskedText, maskedWords, personalOf } from './masking.ts'
import type { Sip2Settings } from './settings.ts'
import type { Names } from './shared.ts'

/** What transcripts, logs and problems may hold of a conversation. */
export interface Showing {
  asked(message: Message): void
  answered(parsed: Parsed, asked: readonly Field[]): void
  /** Text of our own about what was sent or came. */
  note(direction: '>' | '<', text: string): void
  /** The library system's words without the names, cards and secrets of this exchange. */
  maskerOf(asked: readonly Field[], told: readonly Field[]): (text: string) => string
}

const longestWords = 500

export const createShowing = (
  settings: Pick<Sip2Settings, 'name' | 'login' | 'terminalPassword'>,
  deps: { readonly clock: Pick<Clock, 'now'>; readonly transcript: Transcript },
  names: Names,
): Showing => {
  const own: readonly Field[] = [
    ['CO', settings.login?.password ?? ''],
    ['AC', settings.terminalPassword],
  ]
  /** Of one exchange, with our own secrets, and the name of the reader it is about. */
  const toMask = (asked: readonly Field[], told: readonly Field[]): readonly Field[] => [
    ...own,
    ...names.with([...asked, ...told]),
  ]
  const heard = deps.transcript !== noTranscript
  const note: Showing['note'] = (direction, text) =>
    deps.transcript({ at: deps.clock.now(), peer: settings.name, direction, text })
  return {
    note,
    asked: message => {
      if (heard) note('>', maskedText(message))
    },
    answered: (parsed, asked) => {
      if (heard) note('<', maskedText(parsed, personalOf(toMask(asked, parsed.fields))))
    },
    maskerOf: (asked, told) => text => maskedWords(text, toMask(asked, told)).slice(0, longestWords),
  }
}
