import type { Socket } from 'node:net'
import type { Message, Parsed } from '../../adapters/ils/sip2/codec.ts'
import { field } from '../../adapters/ils/sip2/codec.ts'
import { createSplitter, type Splitter } from '../../adapters/ils/sip2/framing.ts'
import { maskedText, personalOf } from '../../adapters/ils/sip2/masking.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import { pause } from '../../kernel/clock.ts'
import type { Account, Limits, Speech } from './accounts.ts'
import type { Desk } from './desk.ts'
import { Session } from './session.ts'
import type { ConnectionStats, ErrorKind, Tally } from './stats.ts'
import { markOf } from './status.ts'

export interface ConnectionParts {
  readonly id: number
  readonly address: string
  readonly tls: boolean
  readonly limits: Limits
  /** Clock of sockets. */
  readonly wire: Clock
  /** When things happen. */
  readonly clock: Pick<Clock, 'now'>
  readonly desk: Desk
  /** Undefined: wrong, or its account has as many connections as it may. */
  readonly login: (user: string, password: string) => Promise<Account | undefined>
  readonly tallyOf: (account: Account | undefined) => Tally
  readonly speech: Speech
  /** Known by its address, without a log-in. */
  readonly account: Account | undefined
  readonly shown: (account: Account | undefined, direction: '>' | '<', text: string) => void
}

/** Log-ins that may fail before the line is cut. */
const mostFailures = 3
/** Frames that one segment may hold before it is a flood. */
const flood = 64

/**
 * One machine on its socket: requests one after another, as many as the limits allow, and every wait with an end.
 * While it is served, or does not take its answers in, no more is read of it.
 */
export class Connection {
  readonly #parts: ConnectionParts
  readonly #socket: Socket
  readonly #session: Session
  readonly #splitter: Splitter
  readonly #since: Millis
  readonly #queue: Uint8Array[] = []
  #working = false
  #closing = false
  /** The line that is being served. */
  #serving: Uint8Array | undefined
  #restAwaited = false
  #lastAt: Millis | null = null
  #requests = 0
  #tokens: number
  #tokensAt: Millis
  #language: string
  #cancelLogin: () => void = () => {}
  #cancelRest: () => void = () => {}
  #cancelIdle: () => void = () => {}
  #cancelEnd: () => void = () => {}

  constructor(socket: Socket, parts: ConnectionParts) {
    const { limits, wire, account } = parts
    this.#parts = parts
    this.#socket = socket
    this.#session = new Session(parts.speech)
    this.#splitter = createSplitter(limits.messageBytes)
    this.#since = parts.clock.now()
    this.#tokens = limits.requestsPerSecond * 2
    this.#tokensAt = wire.now()
    this.#language = account?.language ?? '019'
    if (account) this.#session.loggedIn(account)
    else this.#cancelLogin = wire.after(limits.loginTime, () => this.#cut('too-slow'))
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    socket.on('data', (chunk: Uint8Array) => this.#take(chunk))
    socket.on('end', () => {
      if (!this.#working) this.#hangUp()
    })
    // What goes wrong with a socket ends in its `close`.
    socket.on('error', () => {})
    socket.once('close', () => this.#closed())
    this.#watchIdle()
  }

  get account(): Account | undefined {
    return this.#session.account
  }

  get stats(): ConnectionStats {
    const { id, address, tls } = this.#parts
    return { id, address, tls, since: this.#since, lastAt: this.#lastAt, requests: this.#requests }
  }

  /** Ends it after the answer under way; `now` without waiting for that. */
  close(now: boolean): void {
    this.#queue.length = 0
    this.#closing = true
    if (now || !this.#working) this.#socket.destroy()
  }

  get #tally(): Tally {
    return this.#parts.tallyOf(this.account)
  }

  #cut(why: ErrorKind): void {
    if (this.#socket.destroyed) return
    this.#tally.error(why)
    this.#socket.destroy()
  }

  /** Says good-bye; a machine that does not hang up in its turn is cut. */
  #hangUp(): void {
    if (this.#socket.destroyed) return
    this.#socket.end()
    this.#cancelEnd()
    this.#cancelEnd = this.#parts.wire.after(this.#parts.limits.patience, () => this.#cut('too-slow'))
  }

  #closed(): void {
    this.#cancelLogin()
    this.#cancelRest()
    this.#cancelIdle()
    this.#cancelEnd()
    this.#queue.length = 0
  }

  #watchIdle(): void {
    const { idleTime } = this.#parts.limits
    this.#cancelIdle()
    if (idleTime > 0) this.#cancelIdle = this.#parts.wire.after(idleTime, () => this.#cut('idle'))
  }

  #take(chunk: Uint8Array): void {
    this.#watchIdle()
    for (const frame of this.#splitter.push(chunk)) {
      const fault = 'tooLong' in frame ? 'too-long' : this.#queue.length >= flood ? 'flood' : undefined
      if (fault || 'tooLong' in frame) {
        this.#cut(fault ?? 'too-long')
        return
      }
      // Sent again before it was answered: the answer under way is the answer to both.
      if (this.#isWaiting(frame.bytes)) this.#tally.error('duplicate')
      else this.#queue.push(frame.bytes)
    }
    this.#watchRest()
    if (this.#queue.length > this.#parts.limits.waiting) this.#socket.pause()
    void this.#work()
  }

  #isWaiting(line: Uint8Array): boolean {
    const same = (other: Uint8Array | undefined): boolean =>
      other !== undefined && Buffer.compare(other, line) === 0
    return hasSequence(line) && (same(this.#serving) || this.#queue.some(same))
  }

  /** A message that has begun must end. The time does not begin anew with each byte. */
  #watchRest(): void {
    if (this.#splitter.pending === 0) {
      this.#cancelRest()
      this.#cancelRest = () => {}
      this.#restAwaited = false
    } else if (!this.#restAwaited) {
      this.#restAwaited = true
      this.#cancelRest = this.#parts.wire.after(this.#parts.limits.patience, () => this.#cut('too-slow'))
    }
  }
  async #work(): Promise<void> {
    if (this.#working) return
    this.#working = true
    for (let line = this.#queue.shift(); line && this.#isUp(); line = this.#queue.shift()) {
      this.#serving = line
      await this.#turn()
      await this.#serve(line)
      this.#serving = undefined
      if (this.#queue.length <= this.#parts.limits.waiting / 2) this.#socket.resume()
    }
    this.#working = false
    if (this.#closing || this.#socket.readableEnded) this.#hangUp()
  }

  #isUp(): boolean {
    return !this.#socket.destroyed && !this.#socket.writableEnded
  }

  /** Waits until the rate allows one more request. */
  async #turn(): Promise<void> {
    const { limits, wire } = this.#parts
    const { requestsPerSecond } = limits
    const now = wire.now()
    const gained = ((now - this.#tokensAt) / 1000) * requestsPerSecond
    this.#tokens = Math.min(requestsPerSecond * 2, this.#tokens + Math.max(0, gained)) - 1
    this.#tokensAt = now
    if (this.#tokens < 0) await pause(wire, (-this.#tokens / requestsPerSecond) * 1000)
  }

  async #serve(line: Uint8Array): Promise<void> {
    const { clock, wire, desk } = this.#parts
    const begun = wire.now()
    const { account } = this
    const status = account ? markOf(desk.standing(account)) : ''
    const step = this.#session.take(line, wire.now(), status)
    this.#lastAt = clock.now()
    switch (step.do) {
      case 'nothing':
        this.#tally.error(step.why)
        return
      case 'send':
        this.#tally.error(step.why)
        this.#parts.shown(account, '>', step.shown)
        await this.#write(step.bytes)
        return
      case 'login':
        this.#show('<', step.request, [])
        return this.#login(step.request, line)
      case 'tell-status':
        this.#count(step.request)
        this.#show('<', step.request, [])
        return this.#tellStatus(step.request)
      case 'serve':
        this.#count(step.request)
        await this.#answer(step.request, line)
        this.#tally.answered(wire.now() - begun)
    }
  }

  #count(request: Parsed): void {
    this.#requests += 1
    this.#tally.request(request.command)
  }

  async #login(request: Parsed, line: Uint8Array): Promise<void> {
    const { uidAlgorithm, pwdAlgorithm } = request.fixed
    const plain = uidAlgorithm === '0' && pwdAlgorithm === '0'
    const [user, password] = [field(request, 'CN') ?? '', field(request, 'CO') ?? '']
    const account = plain ? await this.#parts.login(user, password) : undefined
    if (this.#socket.destroyed) return
    this.#session.loggedIn(account)
    this.#tally.request('93')
    if (account) {
      this.#cancelLogin()
      this.#language = account.language
    } else this.#tally.error('bad-login')
    const message: Message = {
      command: '94',
      fixed: { ok: account ? '1' : '0' },
      fields: [],
      sequence: request.sequence,
    }
    await this.#send(message, request, line)
    if (this.#session.failedLogins >= mostFailures) this.#hangUp()
  }

  async #tellStatus(request: Parsed): Promise<void> {
    const message = this.#status(request)
    const shown = maskedText(message)
    this.#parts.shown(this.account, '>', shown)
    await this.#write(this.#session.answerInstead(message, request, shown))
  }

  #status(request: Parsed): Message {
    const { account } = this
    const { desk } = this.#parts
    if (account) this.#session.toldStatus(markOf(desk.standing(account)))
    return desk.status(request, account)
  }

  async #answer(request: Parsed, line: Uint8Array): Promise<void> {
    const { account } = this
    if (request.command === '99' || !account) {
      this.#show('<', request, [])
      await this.#send(this.#status(request), request, line)
      return
    }
    const tally = this.#tally
    this.#learnLanguage(request, account)
    const served = await this.#parts.desk.serve(request, account, this.#language, kind => tally.error(kind))
    if (!served.message) {
      this.#show('<', request, [])
      return
    }
    if (served.refused) tally.refusals += 1
    const asked = this.#show('<', request, served.message.fields)
    const answer = await this.#send(served.message, request, line)
    tally.said({ at: this.#parts.clock.now(), request: asked, answer: answer.shown })
    if (answer.taken) served.delivered()
  }

  /** 23 and 63 tell the reader's language; the other messages of the same reader follow it, until 35. */
  #learnLanguage({ command, fixed }: Parsed, account: Account): void {
    if (command === '35') this.#language = account.language
    const told = fixed.language
    if (told !== undefined && /^0[0-2]\d$/.test(told))
      this.#language = told === '000' ? account.language : told
  }

  #show(direction: '<' | '>', message: Parsed | Message, others: Parsed['fields']): string {
    const text = maskedText(message, personalOf(others))
    this.#parts.shown(this.account, direction, text)
    return text
  }

  async #send(
    message: Message,
    request: Parsed,
    line: Uint8Array,
  ): Promise<{ shown: string; taken: boolean }> {
    const shown = this.#show('>', message, request.fields)
    const bytes = this.#session.answer(message, request, line, this.#parts.wire.now(), shown)
    return { shown, taken: await this.#write(bytes) }
  }

  /** True once the answer has left us for a machine that is still there; one that does not read is cut. */
  #write(bytes: Uint8Array): Promise<boolean> {
    const socket = this.#socket
    if (bytes.length === 0 || socket.destroyed || socket.writableEnded) return Promise.resolve(false)
    return new Promise(resolve => {
      const done = (taken: boolean): void => {
        cancel()
        socket.off('close', lost)
        resolve(taken)
      }
      const lost = (): void => done(false)
      const cancel = this.#parts.wire.after(this.#parts.limits.patience, () => this.#cut('never-reads'))
      socket.once('close', lost)
      socket.write(bytes, error => done(!error && !socket.readableEnded))
    })
  }
}

const hasSequence = (line: Uint8Array): boolean =>
  /AY\dAZ[0-9A-Fa-f]{1,4} *$/.test(Buffer.from(line.subarray(-12)).toString('latin1'))
