import type { Verdict } from '../../adapters/ils/sip2/checksum.ts'
import {
  buildMessage,
  isUnreadable,
  type Message,
  type Parsed,
  parseMessage,
} from '../../adapters/ils/sip2/codec.ts'
import { fields as fieldTable } from '../../adapters/ils/sip2/fields.ts'
import type { Millis } from '../../kernel/clock.ts'
import type { Account, Speech } from './accounts.ts'

/** What a line of a machine leads to. */
export type Step =
  /** Nothing is said: it is none of the protocol, or comes too early. */
  | { readonly do: 'nothing'; readonly why: 'unreadable' | 'before-login' }
  /** Written already: the last answer once more, or 96. */
  | {
      readonly do: 'send'
      readonly bytes: Uint8Array
      readonly why: 'asked-again' | 'duplicate' | 'wrong-checksum'
      readonly shown: string
    }
  | { readonly do: 'login'; readonly request: Parsed }
  /** 98 in its place: the state has changed since it was told. The request is not run. */
  | { readonly do: 'tell-status'; readonly request: Parsed }
  | { readonly do: 'serve'; readonly request: Parsed }

interface Said {
  readonly bytes: Uint8Array
  /** Masked. */
  readonly shown: string
}
interface Served extends Said {
  readonly line: Uint8Array
  readonly at: Millis
}

const terminators = { cr: '\r', crlf: '\r\n', lf: '\n' } as const
/** After this a 99 is no repetition but asked anew: it has no date that would tell. */
const repetitionTime: Millis = 60_000

/**
 * One machine's conversation without its socket and without time of its own: who has logged in, whether and how
 * error detection is on, what was said last. The caller serves one line after the other.
 */
export class Session {
  #speech: Speech
  #account: Account | undefined
  #detecting = false
  #rule: true | 'utf-16' | 'dp2' = true
  /** The last answer of any kind: what 97 asks for. */
  #said: Said | undefined
  /** The last request that was run, with its answer. */
  #served: Served | undefined
  #told: string | undefined
  #failedLogins = 0

  constructor(speech: Speech) {
    this.#speech = speech
  }

  get account(): Account | undefined {
    return this.#account
  }
  get failedLogins(): number {
    return this.#failedLogins
  }
  /** How requests are read from here on. */
  get speech(): Speech {
    return this.#speech
  }

  /** `status`: a mark of what 98 would say now. */
  take(line: Uint8Array, now: Millis, status: string): Step {
    const { encoding, delimiter, errorDetection } = this.#speech
    const parsed = parseMessage(line, { encoding, delimiter })
    if (isUnreadable(parsed)) return { do: 'nothing', why: 'unreadable' }
    if (errorDetection !== 'off' && !this.#sound(parsed)) return this.#ask96()
    if (parsed.command === '97') return this.#again()
    if (this.#isRepeated(line, parsed, now)) return this.#replay('duplicate', this.#served!)
    if (parsed.command === '93') return { do: 'login', request: parsed }
    if (!this.#account && parsed.command !== '99') return { do: 'nothing', why: 'before-login' }
    const changed = this.#told !== undefined && this.#told !== status
    if (changed && parsed.command !== '99') return { do: 'tell-status', request: parsed }
    return { do: 'serve', request: parsed }
  }

  /** The log-in's end; the machine speaks by its account's settings from now on. */
  loggedIn(account: Account | undefined): void {
    if (!account) {
      this.#failedLogins += 1
      return
    }
    this.#account = account
    this.#speech = account.speech
    this.#failedLogins = 0
  }

  /** Remembers which state the machine has been told. */
  toldStatus(status: string): void {
    this.#told = status
  }

  /** Writes an answer and keeps it for 97 and for repetitions. */
  answer(message: Message, request: Parsed, line: Uint8Array, now: Millis, shown: string): Uint8Array {
    const bytes = this.answerInstead(message, request, shown)
    this.#served = { line, at: now, bytes, shown }
    return bytes
  }

  /** The same for an answer that stands in for another one: its request, sent again, is run. */
  answerInstead(message: Message, request: Parsed, shown: string): Uint8Array {
    const bytes = this.#write(message, request)
    this.#said = { bytes, shown }
    return bytes
  }

  #sound({ checksum, command }: { readonly checksum: Verdict; readonly command: string }): boolean {
    if (checksum === 'wrong') return false
    // Once a machine has shown that it writes sums, one that is missing may have been damaged away.
    if (checksum === 'absent')
      return this.#speech.errorDetection !== 'required' && (!this.#detecting || command === '97')
    this.#detecting = true
    if (checksum === 'ok:utf-16') this.#rule = 'utf-16'
    if (checksum === 'ok:dp2') this.#rule = 'dp2'
    return true
  }

  /** Every byte the same, as the protocol wants it: sums alone are equal for two barcodes with swapped digits. */
  #isRepeated(line: Uint8Array, { sequence, command }: Parsed, now: Millis): boolean {
    const last = this.#served
    if (!last || sequence === null || Buffer.compare(last.line, line) !== 0) return false
    return command !== '99' || now - last.at < repetitionTime
  }

  #again(): Step {
    return this.#said ? this.#replay('asked-again', this.#said) : this.#ask96()
  }

  #replay(why: 'asked-again' | 'duplicate', what: Said): Step {
    this.#said = what
    return { do: 'send', bytes: what.bytes, shown: what.shown, why }
  }

  #ask96(): Step {
    const end = terminators[this.#speech.terminator]
    const bytes = Buffer.from(this.#speech.errorDetection === 'off' ? `96${end}` : `96AZFEF6${end}`)
    this.#said = { bytes, shown: '96' }
    return { do: 'send', bytes, shown: '96', why: 'wrong-checksum' }
  }

  #write(message: Message, request: Parsed): Uint8Array {
    const { encoding, delimiter, terminator, errorDetection } = this.#speech
    const checked =
      errorDetection !== 'off' &&
      this.#detecting &&
      (request.checksum !== 'absent' || errorDetection === 'required')
    const options = {
      encoding,
      delimiter,
      checksum: checked ? this.#rule : false,
      terminator: terminators[terminator],
    } as const
    const sequence = checked ? request.sequence : null
    const whole = request.problems.includes('unknown-command')
      ? { ...message, foreign: true as const }
      : message
    const built = buildMessage({ ...whole, sequence }, options)
    if (built.ok) return built.value
    const mended = buildMessage(
      { ...whole, fields: whole.fields.map(one => harmless(one, delimiter)), sequence },
      options,
    )
    return mended.ok ? mended.value : new Uint8Array()
  }
}

/** An identifier with characters that this machine cannot be sent is sent with `?` in their place. */
const harmless = ([id, value]: readonly [string, string], delimiter: string): readonly [string, string] =>
  fieldTable.get(id)?.strict
    ? [
        id,
        value
          .replaceAll(/[^\u0020-\u007e]/g, '?')
          .replaceAll(delimiter, '?')
          .slice(0, 255),
      ]
    : [id, value]
