import { sumBytes, sumUnits } from '../../adapters/ils/sip2/checksum.ts'
import {
  buildMessage,
  isUnreadable,
  type Message,
  type Parsed,
  parseMessage,
} from '../../adapters/ils/sip2/codec.ts'
import { decode, type Encoding, encode } from '../../adapters/ils/sip2/encodings.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'
import { answer, type Desk, get, institution, screen } from './answers.ts'
import { itemHandlers } from './answers-items.ts'
import { patronHandlers, status } from './answers-patron.ts'
import { type Dialect, serves } from './dialect.ts'
import type { Faults } from './faults.ts'
import type { IlsState } from './state.ts'

const handlers = { ...itemHandlers, ...patronHandlers }

export interface SessionSettings {
  readonly state: IlsState
  readonly dialect: Dialect
  readonly clock: Pick<Clock, 'now'>
  readonly faults: Pick<Faults, 'closing' | 'mask'>
}

/** What a line of a terminal leads to. */
export type Step =
  | { readonly kind: 'answer'; readonly bytes: Uint8Array }
  /** The last answer again: to 97, or to a request that was repeated. */
  | { readonly kind: 'replay'; readonly bytes: Uint8Array; readonly request: Parsed }
  | { readonly kind: 'ignore' }
  | { readonly kind: 'close' }
  | { readonly kind: 'request'; readonly request: Parsed }

/**
 * One terminal's conversation, without its socket: who has logged in, whether error detection is on, and the
 * last exchange. `take` says what a line leads to; a request is carried out by `perform`, once, by the caller.
 */
export class Session {
  readonly #settings: SessionSettings
  #loggedIn: boolean
  #branch: string | undefined
  #detecting: boolean
  #failedLogins = 0
  #askedStatus = false
  /** One request was enough. */
  #answered = false
  #sequence: number | null = null
  #last:
    | { readonly mark: string; readonly bytes: Uint8Array; readonly message: Message | undefined }
    | undefined

  constructor(settings: SessionSettings) {
    this.#settings = settings
    this.#loggedIn = !settings.dialect.requiresLogin
    this.#detecting = settings.dialect.checksums === 'on'
  }

  take(line: Uint8Array): Step {
    const { dialect } = this.#settings
    const parsed = parseMessage(line, { encoding: this.#encoding, delimiter: dialect.delimiter })
    if (isUnreadable(parsed)) return this.#unknown()
    if (this.#mirrors && parsed.checksum !== 'absent') this.#detecting = true
    if (this.#detecting && !this.#soundly(parsed)) return this.#ask96()
    if (dialect.strictSequence && this.#jumps(parsed)) return this.#ask96()
    if (parsed.command === '97' && serves(this.#supported, '97')) return this.#resend(parsed)
    if (this.#last && this.#isDuplicate(line, parsed))
      return { kind: 'replay', bytes: this.#last.bytes, request: parsed }
    if (!(parsed.command in handlers || parsed.command === '93') || !serves(this.#supported, parsed.command))
      return this.#unknown()
    const opening = parsed.command === '93' || parsed.command === '99'
    if (!this.#loggedIn && !opening) return { kind: 'close' }
    if (dialect.statusFirst && !this.#askedStatus && !opening) return { kind: 'close' }
    if (this.#isForeign(parsed) || this.#answered) return { kind: 'ignore' }
    if (dialect.answersOnce && !opening) this.#answered = true
    return { kind: 'request', request: parsed }
  }

  /** Carries a request out and remembers the answer. */
  perform(line: Uint8Array, request: Parsed): Uint8Array {
    const message = this.#respond(request)
    const bytes = this.write(message, request)
    this.#last = { mark: mark(line, request), bytes, message }
    return bytes
  }

  /** After the third failed login, or the first one, the line is cut. */
  get refusedTooOften(): boolean {
    return this.#failedLogins >= (this.#settings.dialect.badLogin === 'close' ? 1 : 3)
  }

  /** The prompts of a telnet server: whether user and password are right. */
  logIn(user: string, password: string): boolean {
    const account = this.#settings.state.login(user, password)
    if (account) {
      this.#loggedIn = true
      this.#branch = account.branch
    } else this.#failedLogins += 1
    return account !== undefined
  }

  /** 98 that nobody has asked for, without AY. */
  announcement(): Uint8Array {
    const request = { ...noRequest, fixed: { language: '019' } }
    return this.write(status(request, this.#desk(), this.#settings.faults.closing === 'open'), noRequest)
  }

  /** A refusal in the library's words, without acting. */
  refuse(line: Uint8Array, request: Parsed, words: Words): Uint8Array {
    const message =
      request.command === '93'
        ? loginAnswer(request, false)
        : answer(request, this.#desk(), {}, screen([words]))
    const bytes = this.write(message, request)
    this.#last = { mark: mark(line, request), bytes, message }
    return bytes
  }

  /** 98 in place of the answer asked for. */
  statusInstead(request: Parsed): Uint8Array {
    return this.write(status(request, this.#desk(), this.#settings.faults.closing === 'open'), request)
  }

  /** The last answer once more in another charset. */
  lastIn(encoding: Encoding, request: Parsed): Uint8Array {
    return this.#last?.message ? this.write(this.#last.message, request, encoding) : new Uint8Array()
  }

  /** A message as this session writes it: padded, checked and ended in the way of the dialect. */
  write(message: Message, request: Pick<Parsed, 'sequence'>, encoding = this.#encoding): Uint8Array {
    const { dialect } = this.#settings
    const { delimiter } = dialect
    const built = buildMessage(message, { encoding, delimiter, checksum: false, terminator: '' })
    const text = built.ok ? Buffer.from(built.value) : Buffer.from('96')
    const body = Buffer.concat([
      dialect.flagsRunOn ? withoutDelimiterAfterBl(text) : text,
      Buffer.from(' '.repeat(dialect.trailingPadding)),
    ])
    return Buffer.concat([
      body,
      this.#tail(body, built.ok ? request.sequence : null, encoding),
      Buffer.from(dialect.terminator),
    ])
  }

  get #supported(): string {
    return this.#settings.faults.mask ?? this.#settings.dialect.supported
  }

  #tail(body: Uint8Array, sequence: number | null, encoding: Encoding): Uint8Array {
    if (this.#settings.dialect.checksums === 'dp2') {
      const bare = decode(body, encoding).replace(/\|$/, '')
      return Buffer.from(`${bare.length === body.length ? '|' : ''}AY4AZ${hex(sumUnits(bare))}`)
    }
    if (!this.#detecting) return new Uint8Array()
    const letters = Buffer.from(`${sequence === null ? '' : `AY${sequence}`}AZ`)
    const own = this.#settings.dialect.checksums === 'utf-16'
    const sum = own ? sumUnits(decode(body, encoding)) : sumBytes(body)
    const digits = hex(sum + sumBytes(letters))
    return Buffer.concat([
      letters,
      Buffer.from(this.#settings.dialect.bareDigits ? digits.replace(/^0+(?=.)/, '') : digits),
    ])
  }

  /** Bytes that were summed over anything but the bytes themselves are wrong, as the protocol says. */
  #soundly(parsed: Parsed): boolean {
    return (
      parsed.checksum === 'ok' ||
      parsed.checksum === (this.#mirrors ? 'absent' : 'ok') ||
      (this.#settings.dialect.checksums === 'utf-16' && parsed.checksum === 'ok:utf-16')
    )
  }

  get #mirrors(): boolean {
    return ['mirror', 'utf-16'].includes(this.#settings.dialect.checksums)
  }

  get #encoding(): Encoding {
    const { encoding, loginEncoding = encoding } = this.#settings.dialect
    return this.#loggedIn ? encoding : loginEncoding
  }

  #jumps({ sequence, command }: Parsed): boolean {
    if (sequence === null || command === '97') return false
    const last = this.#sequence
    this.#sequence = sequence
    return last !== null && sequence !== (last + 1) % 10
  }

  #unknown(): Step {
    switch (this.#settings.dialect.unknownCommand) {
      case '96':
        return this.#ask96()
      case 'close':
        return { kind: 'close' }
      case 'ignore':
        return { kind: 'ignore' }
      case 'sentence':
        return {
          kind: 'answer',
          bytes: encode(`不支持的命令${this.#settings.dialect.terminator}`, this.#encoding).bytes,
        }
    }
  }

  #ask96(): Step {
    const bytes = this.write({ command: '96', fixed: {}, fields: [] }, { sequence: null })
    this.#last = { mark: '', bytes, message: undefined }
    return { kind: 'answer', bytes }
  }

  #resend(request: Parsed): Step {
    if (!this.#last) return this.#ask96()
    const { message } = this.#last
    const zero = this.#settings.dialect.resendSequence === 'zero' && message
    const bytes = zero ? this.write(message, { sequence: 0 }) : this.#last.bytes
    return { kind: 'replay', bytes, request }
  }

  #isDuplicate(line: Uint8Array, parsed: Parsed): boolean {
    return (
      this.#detecting &&
      this.#settings.dialect.duplicateRule &&
      parsed.sequence !== null &&
      mark(line, parsed) === this.#last?.mark
    )
  }

  #isForeign(parsed: Parsed): boolean {
    if (this.#settings.dialect.foreignInstitution === 'accept') return false
    const named = get(parsed, 'AO')
    return named !== '' && named !== institution(this.#desk())
  }

  #respond(request: Parsed): Message {
    if (this.#settings.faults.closing === 'offline' && request.command !== '93')
      return status(request, this.#desk(), false)
    if (request.command === '99') this.#askedStatus = true
    if (request.command !== '93') return handlers[request.command]!(request, this.#desk())
    const account = this.#settings.state.login(plain(get(request, 'CN')), get(request, 'CO'))
    const inClear = request.fixed.uidAlgorithm === '0' && request.fixed.pwdAlgorithm === '0'
    if (account && inClear) {
      this.#loggedIn = true
      this.#branch = plain(get(request, 'CP')) || account.branch
    } else this.#failedLogins += 1
    return loginAnswer(request, account !== undefined && inClear)
  }

  #desk(): Desk {
    const { state, dialect, clock } = this.#settings
    const claimed = this.#settings.faults.mask ?? dialect.claimed ?? dialect.supported
    return { state, dialect, now: clock.now(), branch: this.#branch, claimed }
  }
}

const loginAnswer = (request: Parsed, ok: boolean): Message => ({
  command: '94',
  fixed: { ok: ok ? '1' : '0' },
  fields: [],
  sequence: request.sequence,
})

/** Percent signs of a user or place, as dp2 has them for what is not ASCII; others are part of the text. */
const plain = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const noRequest: Parsed = {
  command: '99',
  name: '',
  fixed: {},
  fields: [],
  sequence: null,
  checksum: 'absent',
  problems: [],
}

const withoutDelimiterAfterBl = (body: Buffer): Buffer =>
  Buffer.from(body.toString('latin1').replace(/\|BL([YN])\|/, '|BL$1'), 'latin1')

const hex = (sum: number): string => (-sum & 0xffff).toString(16).toUpperCase().padStart(4, '0')

/** AY and AZ of a request as one word; a request without them is like no other. */
const mark = (line: Uint8Array, parsed: Parsed): string =>
  parsed.sequence === null ? '' : Buffer.from(line.subarray(-9)).toString('latin1')
