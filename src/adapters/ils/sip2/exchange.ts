import type { Millis } from '../../../kernel/clock.ts'
import type { Problem } from '../../../kernel/problem.ts'
import { field, type Message, type Parsed } from './codec.ts'
import type { Profile } from './profile.ts'
import { type AcsStatus, readStatus } from './status.ts'
import { noAnswer, offline, unreadable } from './words.ts'

/** What a request wants of the line, beside its message. */
export interface Asking {
  /** The command that answers it; `anyAnswer` for a message whose answer nobody knows. */
  readonly expect: string
  /** Whether silence is met with the same bytes again; false for acts that must not happen twice. */
  readonly resend: boolean
  /** Instant at which waiting ends. */
  readonly deadline: Millis
}

/** Any message but 96 and 98 answers it. */
export const anyAnswer = '*'

/** How far one request has come on its line. */
export interface Turn extends Asking {
  readonly message: Message
  /** AY of the request as last written; null without error detection. */
  sequence: number | null
  /** What was written last; 97 asks for the last answer again. */
  lastSent: 'original' | '97'
  triesLeft: number
  statusTurns: number
  /** Silence or a damaged answer came after it had been sent: it may have been carried out. */
  uncertain: boolean
}

/** What to do next. `maybe` of a failure: the request may have been carried out. */
export type Step =
  | { readonly do: 'wait' }
  | { readonly do: 'send'; readonly what: Turn['lastSent'] }
  | { readonly do: 'send-anew'; readonly status: AcsStatus }
  /** A 98 that is not for this request: it counts, and the answer is waited for. */
  | { readonly do: 'take-status'; readonly status: AcsStatus }
  | { readonly do: 'answer'; readonly parsed: Parsed }
  | { readonly do: 'fail'; readonly problem: Problem; readonly maybe: boolean }

/** How often 98 may come in place of an answer. */
const mostStatusTurns = 3

const again = (turn: Turn, what: Turn['lastSent'], otherwise: Problem, maybe: boolean): Step => {
  if (turn.triesLeft <= 0) return { do: 'fail', problem: otherwise, maybe }
  turn.triesLeft--
  return { do: 'send', what }
}

/** No answer in time: the same bytes again, with the same AY and AZ, where that is allowed. */
export const onSilence = (turn: Turn, now: Millis): Step => {
  turn.uncertain = true
  const may = now < turn.deadline && (turn.resend || turn.lastSent === '97')
  return may ? again(turn, turn.lastSent, noAnswer(), true) : { do: 'fail', problem: noAnswer(), maybe: true }
}

/** An answer came that cannot be read. It is asked for again, which repeats nothing. */
export const onDamaged = (turn: Turn, why: string, mayAsk: boolean): Step => {
  turn.uncertain = true
  return mayAsk
    ? again(turn, '97', unreadable(why), true)
    : { do: 'fail', problem: unreadable(why), maybe: true }
}

/** An answer with a sound checksum. */
export const onAnswer = (turn: Turn, parsed: Parsed, profile: Profile): Step => {
  if (parsed.command === '96') {
    if (turn.lastSent === '97') return { do: 'fail', problem: unreadable('96 in answer to 97'), maybe: true }
    return again(turn, 'original', unreadable('96 to every try'), turn.uncertain)
  }
  if (isForeign(turn, parsed, profile))
    return parsed.command === '98' ? { do: 'take-status', status: readStatus(parsed) } : { do: 'wait' }
  const foreign = turn.expect === anyAnswer && parsed.command !== '98'
  if (foreign || parsed.command === turn.expect) return { do: 'answer', parsed }
  const status = readStatus(parsed)
  // Without a number nobody can tell whether this 98 stands for the answer or came by itself just before it.
  const ours = turn.resend || (parsed.sequence !== null && parsed.sequence === turn.sequence)
  const maybe = turn.uncertain || !ours
  // A request that may have been carried out is never sent under a new number: it would be carried out again.
  if (maybe && status.online) return { do: 'fail', problem: noAnswer(), maybe: true }
  if (!status.online || ++turn.statusTurns > mostStatusTurns) return { do: 'fail', problem: offline(), maybe }
  return { do: 'send-anew', status }
}

/** Whether an answer belongs to another request than this one: late, doubled, or not ours. */
export const isForeign = (turn: Turn, parsed: Parsed, profile: Profile): boolean => {
  const expected = turn.expect === anyAnswer || parsed.command === turn.expect
  if (!expected && parsed.command !== '98') return true
  if (turn.sequence !== null && parsed.sequence !== null && !profile.ignoreSequence) {
    if (parsed.sequence === turn.sequence) return false
    // Perl servers answer 97 with AY0 whatever the number was.
    if (turn.lastSent !== '97' || parsed.sequence !== 0) return true
  }
  return ['AA', 'AB'].some(id => differ(field(turn.message, id), field(parsed, id)))
}

/**
 * Whether an answer speaks of another card or item than the request: blanks, case and leading zeros aside, and
 * an institution before a dot (dp2).
 */
const differ = (asked: string | undefined, told: string | undefined): boolean => {
  const ours = plain(asked)
  const theirs = plain(told)
  if (ours === '' || theirs === '' || ours === theirs) return false
  return !theirs.endsWith(`.${ours}`) && !ours.endsWith(`.${theirs}`)
}

const plain = (text: string | undefined): string =>
  (text ?? '')
    .trim()
    .toUpperCase()
    .replace(/^0+(?=.)/, '')
