import type { Socket } from 'node:net'
import type { Clock, Millis } from '../../../kernel/clock.ts'
import type { Log } from '../../../kernel/log.ts'
import { type Answer, no, type Problem, yes } from '../../../kernel/problem.ts'
import type { Transcript } from '../../../kernel/transcript.ts'
import { isUnreadable, type Message, type Parsed } from './codec.ts'
import { type Asking, isForeign, onAnswer, onDamaged, onSilence, type Step, type Turn } from './exchange.ts'
import { createSplitter, type Frame, type Splitter } from './framing.ts'
import { loggedIn, loginMessage, scStatus } from './opening.ts'
import type { Profile } from './profile.ts'
import type { Sip2Settings } from './settings.ts'
import type { Shared } from './shared.ts'
import { createShowing, type Showing } from './showing.ts'
import { connectSocket } from './socket.ts'
import { type AcsStatus, deniedByMask, readStatus } from './status.ts'
import { telnetLogin } from './telnet.ts'
import { createWire, type Wire } from './wire.ts'
import { lostConnection, offline, unreadable, waitedTooLong } from './words.ts'

/**
 * How a request ended. `maybe`: it has left us and no answer tells that it was not carried out, so it may have
 * happened.
 */
export type Exchange =
  | {
      readonly got: 'answer'
      readonly parsed: Parsed
      /** The library system's words without the names, cards and secrets of this exchange. */
      readonly masked: (text: string) => string
    }
  | { readonly got: 'nothing'; readonly maybe: boolean; readonly problem: Problem }

export interface LinkDeps {
  readonly clock: Clock
  readonly transcript: Transcript
  readonly log: Log
}

interface Waiting extends Turn {
  readonly resolve: (exchange: Exchange) => void
  bytes: Uint8Array
  cancelTimer: () => void
}

const fallbackTimeout = 15_000
const fallbackRetries = 3
/** Connecting, logging in and asking for the status take no longer than this together. */
const longestBeginning = 3 * 60_000

const nothing = (problem: Problem, maybe: boolean): Exchange => ({ got: 'nothing', maybe, problem })

/**
 * One connection to a library system: one request outstanding at a time, with the protocol's rules for lost and
 * damaged messages (`exchange.ts`). An answer that is not the present request's own is thrown away. When it is
 * not certain that no more answers can come, the connection says `spent` and is not used again.
 */
export class Connection {
  readonly openedAt: Millis
  readonly #settings: Sip2Settings
  readonly #profile: Profile
  readonly #deps: LinkDeps
  readonly #shared: Shared
  readonly #wire: Wire
  readonly #showing: Showing
  readonly #socket: Socket
  readonly #splitter: Splitter
  #waiting: Waiting | undefined
  #sequence: number
  #closed: Problem | undefined
  #spent = false
  #toldOfSums = false
  #status: AcsStatus | undefined
  #onClose: () => void = () => {}

  private constructor(
    settings: Sip2Settings,
    profile: Profile,
    deps: LinkDeps,
    shared: Shared,
    socket: Socket,
  ) {
    this.#settings = settings
    this.#profile = profile
    this.#deps = deps
    this.#shared = shared
    this.#wire = createWire(profile)
    this.#showing = createShowing(settings, deps, shared.names)
    this.#splitter = createSplitter(profile.longestAnswerBytes, profile.answerTerminator)
    this.#socket = socket
    this.#sequence = (profile.firstSequence + 9) % 10
    this.openedAt = deps.clock.now()
  }

  /** Connects, logs in and asks for the status, as the profile says; every step within its time. */
  static async open(
    settings: Sip2Settings,
    profile: Profile,
    deps: LinkDeps,
    shared: Shared,
    signal?: AbortSignal,
  ): Promise<Answer<Connection>> {
    const socket = await connectSocket(settings, profile, deps.clock, signal)
    if (!socket.ok) return socket
    const connection = new Connection(settings, profile, deps, shared, socket.value)
    const begun = await connection.#begin()
    if (begun.ok) return yes(connection)
    connection.close(begun.problem)
    return begun
  }

  get closed(): boolean {
    return this.#closed !== undefined
  }

  /** True when late answers could still arrive: to be closed rather than used again. */
  get spent(): boolean {
    return this.#spent
  }

  /** AO for requests: the library's own setting, or what 98 said last. */
  get institution(): string {
    const { institutionFrom, institutionBlanks } = this.#profile
    const own = this.#settings.institution
    const told = (this.#status ?? this.#shared.status)?.institution
    const theirs = institutionBlanks === 'trimmed' ? told?.trimEnd() : told
    if (institutionFrom === '98') return theirs ?? own ?? ''
    return own ?? (institutionFrom === 'settings' ? '' : (theirs ?? ''))
  }

  /** `act` runs once when the line has gone, for whatever reason. */
  onClose(act: () => void): void {
    this.#onClose = act
    if (this.#closed) act()
  }

  /** Sends one message and gives its answer. Must not be called while another request is outstanding. */
  request(message: Message, asking: Asking): Promise<Exchange> {
    if (this.#closed) return Promise.resolve(nothing(this.#closed, false))
    if (this.#waiting) throw new Error('a SIP2 connection carries one request at a time')
    if (asking.deadline <= this.#deps.clock.now()) return Promise.resolve(nothing(waitedTooLong(), false))
    const made = this.#make(message)
    if (!made.ok) return Promise.resolve(nothing(made.problem, false))
    return new Promise(resolve => {
      this.#waiting = {
        ...asking,
        ...made.value,
        message,
        resolve,
        lastSent: 'original',
        triesLeft: this.#retries,
        statusTurns: 0,
        uncertain: false,
        cancelTimer: () => {},
      }
      this.#send(this.#waiting, 'original')
    })
  }

  /** 99, and the status that answers it. */
  async askStatus(deadline: Millis): Promise<Answer<AcsStatus>> {
    const asking = { expect: '98', resend: true, deadline }
    const exchange = await this.request(scStatus(this.#profile), asking)
    if (exchange.got === 'nothing') return no(exchange.problem)
    const status = readStatus(exchange.parsed)
    this.#told(status, true)
    return status.online ? yes(status) : no(offline())
  }

  close(why: Problem = lostConnection()): void {
    if (this.#closed) return
    this.#closed = why
    this.#socket.destroy()
    this.#finish(nothing(why, true))
    this.#onClose()
  }

  async #begin(): Promise<Answer<void>> {
    const deadline = this.#deps.clock.now() + longestBeginning
    const { sendScStatus, login } = this.#profile
    let early: Uint8Array = new Uint8Array()
    if (login === 'telnet') {
      const rest = await telnetLogin(this.#socket, this.#settings, this.#profile, this.#deps.clock)
      if (!rest.ok) return rest
      early = rest.value
    }
    this.#socket.on('data', (chunk: Uint8Array) => this.#take(chunk))
    this.#socket.on('close', () => this.#lost())
    if (this.#socket.destroyed) this.#lost()
    this.#take(early)
    const to94 = { expect: '94', resend: true, deadline }
    const steps: (() => Promise<Answer<unknown>>)[] = []
    if (sendScStatus === 'before-login') steps.push(() => this.askStatus(deadline))
    if (login === '93')
      steps.push(async () => loggedIn(await this.request(loginMessage(this.#settings), to94)))
    if (sendScStatus === 'after-login') steps.push(() => this.askStatus(deadline))
    for (const step of steps) {
      const answer = await step()
      if (!answer.ok) return answer
    }
    return this.#closed ? no(this.#closed) : yes(undefined)
  }

  get #timeout(): Millis {
    const own = this.#profile.responseTimeoutSeconds
    return own === 'from-98' ? (this.#status?.timeout ?? fallbackTimeout) : own * 1000
  }

  get #retries(): number {
    const own = this.#profile.retries
    return own === 'from-98' ? (this.#status?.retries ?? fallbackRetries) : own
  }

  #make(message: Message): Answer<{ bytes: Uint8Array; sequence: number | null }> {
    const sequence = this.#wire.next(this.#sequence)
    const built = this.#wire.write(message, sequence, what =>
      this.#warn('a value was changed to fit', { what: what.slice(0, 12) }),
    )
    if (!built.ok) return built
    if (sequence !== null) this.#sequence = sequence
    return yes({ bytes: built.value, sequence })
  }

  #send(waiting: Waiting, what: Waiting['lastSent']): void {
    const { clock } = this.#deps
    waiting.lastSent = what
    waiting.cancelTimer()
    if (what === '97') this.#showing.note('>', '97')
    else this.#showing.asked({ ...waiting.message, sequence: waiting.sequence })
    this.#socket.write(what === '97' ? `97AZFEF5${this.#wire.terminator}` : waiting.bytes)
    const patience = Math.max(0, Math.min(this.#timeout, waiting.deadline - clock.now()))
    waiting.cancelTimer = clock.after(patience, () => {
      if (this.#waiting !== waiting) return
      this.#spent = true
      this.#perform(waiting, onSilence(waiting, clock.now()))
    })
  }

  #perform(waiting: Waiting, step: Step): void {
    switch (step.do) {
      case 'wait':
        this.#warn('thrown away: not the answer to the present request', {})
        break
      case 'send':
        this.#send(waiting, step.what)
        break
      case 'send-anew':
        this.#sendAnew(waiting, step.status)
        break
      case 'take-status':
        this.#told(step.status, false)
        break
      case 'answer':
        this.#answer(waiting, step.parsed)
        break
      case 'fail':
        this.#finish(nothing(step.problem, step.maybe))
        this.close(step.problem)
    }
  }

  /** The status counts from now; with the old number the request would be answered with the same 98 again. */
  #sendAnew(waiting: Waiting, status: AcsStatus): void {
    this.#told(status, true)
    const made = this.#make(waiting.message)
    if (!made.ok) {
      this.#finish(nothing(made.problem, waiting.uncertain))
      return
    }
    waiting.bytes = made.value.bytes
    waiting.sequence = made.value.sequence
    this.#send(waiting, 'original')
  }

  #take(chunk: Uint8Array): void {
    for (const frame of this.#splitter.push(chunk)) if (!this.#closed) this.#frame(frame)
  }

  #frame(frame: Frame): void {
    if ('tooLong' in frame) {
      this.#damaged('an answer without end', false)
      return
    }
    const parsed = this.#wire.read(frame.bytes, this.#waiting?.expect === '94')
    if (isUnreadable(parsed)) {
      this.#showing.note('<', `(${frame.bytes.length} bytes: ${parsed.error})`)
      this.#damaged(parsed.error, false)
      return
    }
    this.#showing.answered(parsed, this.#waiting?.message.fields ?? [])
    if (!this.#waiting) this.#unasked(parsed)
    else if (!this.#wire.isSound(parsed)) this.#damaged('wrong checksum', parsed.checksum !== 'absent')
    else this.#perform(this.#waiting, onAnswer(this.#waiting, parsed, this.#profile))
  }

  #answer(waiting: Waiting, parsed: Parsed): void {
    this.#shared.names.learn(parsed.fields)
    const masked = this.#showing.maskerOf(waiting.message.fields, parsed.fields)
    if (parsed.checksum.startsWith('ok:') && !this.#toldOfSums) {
      this.#toldOfSums = true
      this.#warn('answers are summed in another way', { rule: parsed.checksum.slice(3) })
    }
    this.#finish({ got: 'answer', parsed, masked })
  }

  #damaged(why: string, hadChecksum: boolean): void {
    this.#warn('an answer that cannot be read', { why })
    const { notServed, heedSupported, sendChecksum } = this.#profile
    const denied = heedSupported && deniedByMask(this.#shared.status?.supported, '97')
    const may = !notServed.includes('97') && !denied && (sendChecksum || hadChecksum)
    if (this.#waiting) this.#perform(this.#waiting, onDamaged(this.#waiting, why, may))
    else this.close(unreadable(why))
  }

  /**
   * Nobody has asked. A 98 tells a new status; anything else is harmless where numbers tell answers apart, else
   * the line cannot be trusted any more.
   */
  #unasked(parsed: Parsed): void {
    if (parsed.command === '98' && this.#wire.isSound(parsed)) {
      this.#told(readStatus(parsed), false)
      return
    }
    this.#warn('an answer nobody waits for', { command: parsed.command })
    const numbered = parsed.sequence !== null && this.#profile.sendChecksum && !this.#profile.ignoreSequence
    if (!numbered) this.close()
  }

  #told(status: AcsStatus, asked: boolean): void {
    this.#status = status
    this.#shared.told(status, asked)
  }

  #lost(): void {
    if (this.#closed) return
    // What lacks nothing but its line end counts where its checksum proves that it is whole.
    for (const frame of this.#splitter.end()) {
      const waiting = this.#waiting
      const parsed = 'bytes' in frame ? this.#wire.read(frame.bytes, waiting?.expect === '94') : undefined
      if (!parsed || isUnreadable(parsed) || parsed.checksum !== 'ok') continue
      if (waiting && parsed.command === waiting.expect && !isForeign(waiting, parsed, this.#profile)) {
        this.#showing.answered(parsed, waiting.message.fields)
        this.#answer(waiting, parsed)
      }
    }
    this.close()
  }

  #finish(exchange: Exchange): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.cancelTimer()
    waiting?.resolve(exchange)
  }

  #warn(what: string, fields: Readonly<Record<string, unknown>>): void {
    this.#deps.log.warn({ peer: this.#settings.name, ...fields }, `sip2: ${what}`)
  }
}
