import type { Clock } from '../../../../kernel/clock.ts'
import { buildMessage, field, isUnreadable, type Message, type Parsed, parseMessage } from '../codec.ts'
import { type Profile, profileOf } from '../dialects.ts'
import type { Encoding } from '../encodings.ts'
import { messages } from '../messages.ts'
import type { Scope } from '../requests.ts'
import type { Facts, Reaction } from './facts.ts'
import type { Given } from './given.ts'
import { learn } from './learn.ts'
import type { Heard, Plan } from './step.ts'

/** What came of one message. */
export interface Told {
  readonly reaction: Reaction
  readonly parsed?: Parsed
  readonly bytes?: Uint8Array
  /** Text of what is no message, for people. */
  readonly words: string
}

/** How one message is written, where it differs from the way found so far. */
export interface Manner {
  readonly send?: boolean
  readonly rule?: 'bytes' | 'utf-16'
  readonly end?: 'cr' | 'crlf' | 'lf'
  readonly encoding?: Encoding
  /** Writes a wrong sum. */
  readonly wrong?: true
  /** The very same bytes as before. */
  readonly again?: true
  /** Without a number, as 97 is written. */
  readonly bare?: true
  /** Never said a second time, whatever comes. */
  readonly once?: true
}

/** What the other side is and serves. */
export const status99: Message = {
  command: '99',
  fixed: { status: '0', maxPrintWidth: '080', version: '2.00' },
  fields: [],
}

const ends = { cr: '\r', crlf: '\r\n', lf: '\n' } as const
const nothing: Told = { reaction: 'closed', words: '' }

/**
 * The conversation of a probe: which line is open, whether it has logged in, and how messages are written as far
 * as that is known by now. A line that fell silent is closed: a late answer must not be taken for the next one.
 */
export class Talk {
  readonly facts: Facts
  readonly given: Given
  readonly #clock: Pick<Clock, 'now'>
  #line = 0
  #open = false
  #ready = false
  #asked = 0
  #sequence = 9
  #last: Uint8Array = new Uint8Array()

  constructor(facts: Facts, given: Given, clock: Pick<Clock, 'now'>) {
    this.facts = facts
    this.given = given
    this.#clock = clock
  }

  get line(): number {
    return this.#line
  }
  get now(): number {
    return this.#clock.now()
  }
  get isOpen(): boolean {
    return this.#open
  }
  get encoding(): Encoding {
    const { encoding } = this.facts
    return this.given.encoding ?? (encoding?.is === 'found' ? encoding.encoding : 'utf-8')
  }
  get profile(): Profile {
    const { timeZone } = this.given
    return profileOf('default', {
      encoding: this.encoding,
      emptyFields: [...(this.facts.emptyFields ?? [])],
      ...(timeZone ? { timeZone } : {}),
    })!
  }
  /** What the builders of messages want to know. */
  scope(more: { institution?: string; zone?: Profile['zone'] } = {}): Scope {
    const profile = more.zone ? { ...this.profile, zone: more.zone } : this.profile
    const institution = more.institution ?? this.given.institution ?? this.facts.status?.institution ?? ''
    const { terminalPassword, location, language } = this.given
    return {
      settings: { terminalPassword, location, language, currency: 'CNY' },
      profile,
      institution,
      now: this.now,
    }
  }

  /** A new line; the old one is closed first. */
  *connect(tls = this.facts.tls !== 'no'): Plan<Heard> {
    yield* this.hangUp()
    this.#line++
    const heard = yield { do: 'open', line: this.#line, tls }
    this.#open = heard.heard === 'opened'
    this.#ready = false
    this.#asked = 0
    this.#sequence = 9
    return heard
  }

  *hangUp(): Plan<void> {
    if (this.#open) yield { do: 'close', line: this.#line }
    this.#open = false
    this.#ready = false
  }

  /** Leaves the present line open beside the next one. */
  setAside(): number {
    this.#open = false
    this.#ready = false
    return this.#line
  }

  /** A line on which questions may be asked: logged in as was found to work. */
  *ready(): Plan<boolean> {
    if (this.#open && this.#ready && !(this.facts.oneRequest && this.#asked > 0)) return true
    const heard = yield* this.connect()
    if (heard.heard !== 'opened') return false
    this.#ready = yield* this.enter()
    return this.#ready
  }

  /** Logs in on a fresh line, in the form that has worked before. */
  *enter(): Plan<boolean> {
    const { form, outcome } = this.facts.login
    if (form === 'none' || outcome !== 'well') return form === 'none'
    const within = form === 'telnet' ? yield* this.telnet() : yield* this.login()
    if (!within || this.facts.statusAfter !== 'answer') return within
    // Some want 99 before anything else (OCLC Wise).
    this.#ready = true
    return (yield* this.say(status99)).reaction === 'answer'
  }

  *login(): Plan<boolean> {
    const told = yield* this.say(this.loginMessage())
    return told.parsed?.fixed.ok === '1'
  }

  /** This line may be asked questions from now on. */
  settled(): void {
    this.#ready = true
  }

  loginMessage(): Message {
    const { user = '', password = '', location } = this.given
    return {
      command: '93',
      fixed: { uidAlgorithm: '0', pwdAlgorithm: '0' },
      fields: [['CN', user], ['CO', password], ...(location === '' ? [] : [['CP', location] as const])],
    }
  }

  /** Answers the prompts of a telnet server; true when it lets us in. */
  *telnet(): Plan<boolean> {
    const { user = '', password = '', patience } = this.given
    if (/[\r\n\0]/.test(user + password)) return false
    for (const [prompt, word] of [
      [/(?:login|user(?: ?name)?): ?$/i, user],
      [/pass(?:word|wd)?: ?$/i, password],
    ] as const) {
      const heard = yield { do: 'listen', line: this.#line, patience, until: prompt }
      if (heard.heard !== 'line') return false
      const bytes = Buffer.from(`${word}\r`)
      yield { do: 'say', line: this.#line, command: '', bytes, patience: 0, deaf: true }
    }
    const until = /[^\s\0][^\r\n]*[\r\n]/
    const banner = yield { do: 'listen', line: this.#line, patience, until }
    const text = 'bytes' in banner ? Buffer.from(banner.bytes).toString('latin1') : ''
    return banner.heard === 'line' && !/fail|incorrect|invalid|denied|login:/i.test(text)
  }

  /** Asks on a line that is ready; once more on a new line where the first question of a line only is answered. */
  *ask(message: Message, manner: Manner = {}): Plan<Told> {
    if (!(yield* this.ready())) return nothing
    const later = this.#asked > 0
    const told = yield* this.say(message, manner)
    if (told.reaction === 'answer' || !later || manner.once || this.facts.oneRequest !== undefined)
      return told
    if (told.reaction === '96' || told.reaction === 'garbage') return told
    if (!(yield* this.ready())) return told
    const again = yield* this.say(message, manner)
    if (again.reaction === 'answer') this.facts.oneRequest = true
    return again
  }

  /** Says one message on the line as it is, and learns from what comes. `keep`: silence does not end the line. */
  *say(message: Message, manner: Manner = {}, keep = false): Plan<Told> {
    const { facts } = this
    const bytes = manner.again ? this.#last : this.#write(message, manner)
    if (!bytes) return { reaction: 'garbage', words: 'not sent' }
    this.#last = bytes
    this.#asked++
    const { patience } = this.given
    const heard = yield { do: 'say', line: this.#line, command: message.command, bytes, patience }
    const told = this.#read(heard)
    const expected = messages.get(message.command)?.answers[0]
    const fits =
      told.parsed &&
      (told.parsed.command === expected || told.parsed.command === '98' || message.command === '97')
    if (told.parsed && fits && heard.heard === 'line')
      learn(facts, { parsed: told.parsed, heard, now: this.now, early: !this.#ready }, bytes)
    // What was to be sent again keeps its number: some count them (invenio-sip2).
    if (told.reaction === '96' && !manner.bare && !manner.again) this.#sequence = (this.#sequence + 9) % 10
    const waits = keep && told.reaction === 'silence'
    if (['closed', 'silence', 'garbage'].includes(told.reaction) && !waits) yield* this.hangUp()
    return fits || told.reaction !== 'answer' ? told : { ...told, reaction: 'garbage' }
  }

  /** Says only a line end: what was said before may have waited for it. */
  *finish(): Plan<Told> {
    const { patience } = this.given
    const heard = yield { do: 'say', line: this.#line, command: '', bytes: Buffer.from('\n'), patience }
    const told = this.#read(heard)
    if (told.parsed && heard.heard === 'line')
      learn(this.facts, { parsed: told.parsed, heard, now: this.now, early: !this.#ready }, this.#last)
    if (told.reaction !== 'answer' && told.reaction !== '96') yield* this.hangUp()
    return told
  }

  #write(message: Message, manner: Manner): Uint8Array | undefined {
    const { facts } = this
    const send = manner.send ?? facts.sums.send
    const rule = manner.rule ?? facts.sums.rule
    if (send && !manner.bare) this.#sequence = (this.#sequence + 1) % 10
    const built = buildMessage(
      { ...message, sequence: send && !manner.bare ? this.#sequence : null },
      {
        encoding: manner.encoding ?? this.encoding,
        delimiter: facts.delimiter,
        checksum: send && (rule === 'bytes' ? true : rule),
        terminator: ends[manner.end ?? facts.lines.ours],
      },
    )
    if (!built.ok) return undefined
    const { value } = built
    if (!manner.wrong) return value
    const at = value.findLastIndex(byte => byte !== 13 && byte !== 10)
    return value.map((byte, i) => (i === at ? (byte === 0x30 ? 0x31 : 0x30) : byte))
  }

  #read(heard: Heard): Told {
    if (heard.heard === 'flood') return { reaction: 'garbage', words: '' }
    if (heard.heard === 'closed' || heard.heard === 'silence') {
      const text = printed(heard.bytes)
      return { reaction: heard.heard, bytes: heard.bytes, words: text }
    }
    if (heard.heard !== 'line') return nothing
    const { bytes } = heard
    this.#learnDelimiter(bytes)
    const parsed = parseMessage(bytes, { encoding: this.encoding, delimiter: this.facts.delimiter })
    if (isUnreadable(parsed) || !messages.has(parsed.command))
      return { reaction: 'garbage', bytes, words: printed(bytes) }
    const reaction = parsed.command === '96' ? '96' : 'answer'
    return { reaction, parsed, bytes, words: field(parsed, 'AF') ?? '' }
  }

  /** 98 always holds fields: what stands before most of their ids is the delimiter. */
  #learnDelimiter(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString('latin1')
    if (!text.startsWith('98') || text.includes('|')) return
    const counts = new Map<string, number>()
    for (const [, mark = ''] of text.slice(36).matchAll(/([!-/:-@[-`{-~])(?=[A-Z][A-Z0-9]|$)/g))
      counts.set(mark, (counts.get(mark) ?? 0) + 1)
    const [best] = [...counts].sort(([, a], [, b]) => b - a)
    if (best && best[1] > 1) this.facts.delimiter = best[0]
  }
}

/** The printable beginning of what is no message. */
const printed = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .subarray(0, 60)
    .toString('latin1')
    .replaceAll(/[^ -~]/g, '.')
