import type { Millis } from '../../../kernel/clock.ts'
import type { RandomBytes } from '../../../kernel/ids.ts'
import { type Answer, no, type Problem, yes } from '../../../kernel/problem.ts'
import type { IlsHealth } from '../ils.ts'
import { type Breaker, createBreaker } from './breaker.ts'
import type { Message } from './codec.ts'
import { Connection, type Exchange, type LinkDeps } from './connection.ts'
import { type Asking, anyAnswer } from './exchange.ts'
import { type Closing, type ClosingCalendar, closingCalendar } from './hours.ts'
import { IdleLines } from './idle-lines.ts'
import { scStatus } from './opening.ts'
import type { Profile } from './profile.ts'
import { type Priority, PriorityQueue } from './queue.ts'
import type { Sip2Settings } from './settings.ts'
import { Names, type Shared } from './shared.ts'
import { type AcsStatus, deniedByMask, readStatus } from './status.ts'
import { busy, closedHours, down, notServed, offline, stopping, waitedTooLong } from './words.ts'

export interface Request extends Asking {
  readonly command: string
  /** Written once the connection is known: AO may come from its 98. */
  readonly message: (institution: string) => Message
  readonly priority: Priority
  /** Only a connection opened from now on will do: an old one may be as dead as the one that was lost. */
  readonly fresh?: boolean
}

export interface PoolDeps extends LinkDeps {
  readonly random: RandomBytes
}

interface Job extends Request {
  readonly at: Millis
  readonly resolve: (exchange: Exchange) => void
  cancelDeadline: () => void
}

/** Three failures to connect, or five unanswered requests in a row, and requests are refused at once. */
const connecting = { threshold: 3, first: 500, longest: 60_000 }
const answering = { threshold: 5, first: 2_000, longest: 60_000 }

const refuse = (problem: Problem): Exchange => ({ got: 'nothing', maybe: false, problem })

/**
 * The connections to one library system: at most as many as it allows, opened when needed, kept alive, opened
 * again with growing waits when it is away. Requests queue in a bounded queue, people's before work's, each with
 * its deadline; what cannot be served in time is refused early. In planned closed hours nothing is tried.
 */
export class Pool {
  readonly #settings: Sip2Settings
  readonly #profile: Profile
  readonly #deps: PoolDeps
  readonly #link: Breaker
  readonly #calendar: ClosingCalendar
  readonly #answers: Breaker
  readonly #queue: PriorityQueue<Job>
  readonly #busy = new Set<Connection>()
  readonly #idle: IdleLines
  readonly #openings = new Set<AbortController>()
  readonly #shared: Shared
  #tried = false
  #status: AcsStatus | undefined
  /** A 98 said that nobody is there; another one, or a new connection, says that somebody is. */
  #away = false
  #lastProblem: Problem | undefined
  #cancelRetry: (() => void) | undefined
  #stopping = false
  #drained: () => void = () => {}
  #health: Pick<IlsHealth, 'state' | 'since'>

  constructor(settings: Sip2Settings, profile: Profile, deps: PoolDeps) {
    this.#settings = settings
    this.#profile = profile
    this.#deps = deps
    this.#queue = new PriorityQueue(settings.queue)
    this.#link = createBreaker(deps.clock, deps.random, connecting)
    this.#answers = createBreaker(deps.clock, deps.random, answering)
    const { closedHours: daily, closing } = settings
    this.#calendar = closingCalendar({ daily, ...closing }, profile.timeZone)
    this.#health = { state: 'not-started', since: deps.clock.now() }
    this.#idle = new IdleLines(profile, deps.clock, connection => void this.#keepAlive(connection))
    const status = () => this.#status
    this.#shared = {
      get status() {
        return status()
      },
      told: (said, asked) => this.#told(said, asked),
      names: new Names(),
    }
  }

  /** Sends a request on a connection of the pool. Resolves by its deadline, whatever happens. */
  exchange(request: Request): Promise<Exchange> {
    const problem = this.#refusal(request.command)
    if (problem) return Promise.resolve(refuse(problem))
    return new Promise(resolve => {
      const job: Job = { ...request, at: this.#deps.clock.now(), resolve, cancelDeadline: () => {} }
      const patience = Math.max(0, request.deadline - job.at)
      job.cancelDeadline = this.#deps.clock.after(patience, () => {
        if (this.#queue.remove(job)) this.#turnAway(job, waitedTooLong())
      })
      const out = this.#queue.push(job)
      if (out) this.#turnAway(out, busy())
      this.#dispatch()
    })
  }

  /** Whether the library system is known not to serve a message: by the profile or its own BX. */
  denies(command: string): boolean {
    if (command === '99') return false
    if (this.#profile.notServed.includes(command)) return true
    return this.#profile.heedSupported && deniedByMask(this.#status?.supported, command)
  }

  /** Opens a connection (or takes one) and gives what the library system says of itself. */
  async check(deadline: Millis): Promise<Answer<AcsStatus | undefined>> {
    if (this.#profile.sendScStatus === 'never') {
      const opened = await Connection.open(this.#settings, this.#profile, this.#deps, this.#shared)
      if (!opened.ok) return opened
      opened.value.close()
      return yes(undefined)
    }
    const exchange = await this.exchange({
      command: '99',
      message: () => scStatus(this.#profile),
      expect: '98',
      resend: true,
      deadline,
      priority: 'person',
    })
    if (exchange.got === 'nothing') return no(exchange.problem)
    const status = readStatus(exchange.parsed)
    this.#told(status, true)
    return yes(status)
  }

  health(): IlsHealth {
    this.#observe()
    const say = this.#health.state === 'down' ? this.#lastProblem?.say : undefined
    const now = this.#deps.clock.now()
    const closing = this.#closing()
    const closesNext = this.#calendar.next(now)
    return {
      ...this.#health,
      queue: this.#queue.size,
      ...(say === undefined ? {} : { say }),
      ...(closing === undefined ? {} : { opensAt: closing.to }),
      ...(closesNext === undefined ? {} : { closesNext }),
      link: {
        connections: this.#idle.size + this.#busy.size,
        mostConnections: this.#profile.maxConnections,
        inFlight: this.#busy.size,
        breaker: this.#breaker(),
      },
    }
  }

  /** Refuses what waits, lets what is under way finish, then closes everything. */
  async close(): Promise<void> {
    this.#stopping = true
    this.#cancelRetry?.()
    this.#dropAll(stopping())
    this.#idle.closeAll()
    for (const giveUp of this.#openings) giveUp.abort()
    if (this.#busy.size + this.#openings.size > 0)
      await new Promise<void>(resolve => {
        this.#drained = resolve
      })
  }

  #refusal(command: string): Problem | undefined {
    if (this.#stopping) return stopping()
    if (this.denies(command)) return notServed(command)
    const closing = this.#closing()
    if (closing) return closedHours(closing.to, this.#profile.timeZone)
    if (this.#away) return offline()
    if (this.#refuses()) return down(this.#lastProblem)
    return undefined
  }

  #refuses(): boolean {
    return this.#answers.refusing() || (this.#link.refusing() && this.#busy.size + this.#idle.size === 0)
  }

  #closing(): Closing | undefined {
    return this.#calendar.closedAt(this.#deps.clock.now())
  }

  #isClosedHours(): boolean {
    return this.#closing() !== undefined
  }

  #breaker(): NonNullable<IlsHealth['link']>['breaker'] {
    if (this.#refuses()) return 'open'
    return this.#answers.proving() || this.#link.proving() ? 'half-open' : 'closed'
  }

  #turnAway(job: Job, problem: Problem): void {
    job.cancelDeadline()
    job.resolve(refuse(problem))
  }

  #dropAll(problem: Problem): void {
    for (const job of this.#queue.all()) {
      this.#queue.remove(job)
      this.#turnAway(job, problem)
    }
  }

  #dispatch(): void {
    for (;;) {
      const job = this.#queue.first
      if (!job) break
      if (this.#answers.proving() && this.#busy.size > 0) break
      const connection = this.#idle.take(job.fresh ? job.at : undefined)
      if (!connection) break
      this.#queue.remove(job)
      job.cancelDeadline()
      this.#serve(connection, job)
    }
    this.#openMore()
    this.#observe()
  }

  #openMore(): void {
    const waiting = this.#queue.size
    const room = this.#profile.maxConnections - this.#idle.size - this.#busy.size - this.#openings.size
    let wanted = Math.min(waiting - this.#openings.size, room)
    if (this.#link.failures > 0) wanted = Math.min(wanted, 1 - this.#openings.size)
    if (wanted <= 0 || this.#stopping) return
    if (!this.#link.ready()) {
      this.#retryLater()
      return
    }
    for (let i = 0; i < wanted; i++) void this.#open()
  }

  async #open(): Promise<void> {
    const giveUp = new AbortController()
    this.#openings.add(giveUp)
    this.#tried = true
    const { signal } = giveUp
    const opened = await Connection.open(this.#settings, this.#profile, this.#deps, this.#shared, signal)
    this.#openings.delete(giveUp)
    if (opened.ok) {
      this.#link.succeeded()
      this.#away = false
      opened.value.onClose(() => this.#gone(opened.value))
      this.#release(opened.value)
    } else {
      this.#failedToOpen(opened.problem)
    }
    this.#settle()
  }

  #failedToOpen(problem: Problem): void {
    this.#lastProblem = problem
    this.#link.failed(problem.kind === 'misconfigured')
    this.#deps.log.warn({ peer: this.#settings.name, problem: problem.code }, 'sip2: no connection')
    if (this.#refuses()) this.#dropAll(down(problem))
    this.#retryLater()
  }

  /** Tries again by itself, also when nobody asks, so that health tells the truth. */
  #retryLater(): void {
    if (this.#stopping || this.#cancelRetry) return
    this.#cancelRetry = this.#deps.clock.after(this.#link.wait(), () => {
      this.#cancelRetry = undefined
      if (this.#away && this.#askWhetherBack()) return
      const idle = this.#openings.size + this.#idle.size + this.#busy.size === 0
      if (idle && !this.#stopping && !this.#isClosedHours()) void this.#open()
      else this.#dispatch()
    })
  }

  /** Nobody was there: asks again on a line that stands; without one a new connection tells. */
  #askWhetherBack(): boolean {
    if (this.#profile.sendScStatus === 'never') this.#idle.closeAll()
    const line = this.#idle.take()
    if (line) void this.#keepAlive(line).then(() => this.#away && this.#retryLater())
    else if (this.#busy.size > 0) this.#retryLater()
    return line !== undefined || this.#busy.size > 0
  }

  #serve(connection: Connection, job: Job): void {
    this.#busy.add(connection)
    const { expect, resend, deadline } = job
    void connection
      .request(job.message(connection.institution), { expect, resend, deadline })
      .then(exchange => {
        this.#busy.delete(connection)
        // That nobody answers what nobody knows says nothing about the library system.
        if (expect !== anyAnswer || exchange.got === 'answer') this.#judge(exchange)
        job.resolve(exchange)
        if (this.#profile.oneRequestPerConnection) connection.close()
        this.#release(connection)
        this.#settle()
      })
  }

  #judge(exchange: Exchange): void {
    if (exchange.got === 'answer') {
      this.#answers.succeeded()
      return
    }
    if (exchange.problem.kind !== 'unreachable' && exchange.problem.kind !== 'garbled') return
    this.#lastProblem = exchange.problem
    this.#answers.failed()
    if (this.#answers.refusing()) this.#dropAll(down(exchange.problem))
  }

  /** Whatever line a 98 came on, it counts for all: what is served, and whether anybody is there. */
  #told(status: AcsStatus, asked: boolean): void {
    this.#status = status
    if (status.online) this.#away = false
    else if (!asked && !this.#away) {
      this.#away = true
      this.#lastProblem = offline()
      this.#link.failed()
      this.#dropAll(offline())
      this.#retryLater()
    }
    this.#observe()
  }

  #release(connection: Connection): void {
    if (connection.closed) return
    if (connection.spent || this.#stopping || this.#isClosedHours()) connection.close()
    else this.#idle.add(connection)
  }

  async #keepAlive(connection: Connection): Promise<void> {
    if (this.#isClosedHours()) {
      connection.close()
      return
    }
    this.#busy.add(connection)
    const status = await connection.askStatus(this.#deps.clock.now() + 60_000)
    this.#busy.delete(connection)
    if (!status.ok) {
      if (this.#away) this.#link.failed()
      connection.close(status.problem)
    }
    this.#release(connection)
    this.#settle()
  }

  #gone(connection: Connection): void {
    this.#idle.remove(connection)
    this.#observe()
  }

  #settle(): void {
    if (this.#stopping) {
      this.#idle.closeAll()
      if (this.#busy.size + this.#openings.size === 0) this.#drained()
    } else this.#dispatch()
  }

  #observe(): void {
    const state = this.#state()
    if (state !== this.#health.state) this.#health = { state, since: this.#deps.clock.now() }
  }

  #state(): IlsHealth['state'] {
    if (this.#isClosedHours()) return 'closed-hours'
    if (!this.#tried) return 'not-started'
    const failing = this.#link.failures >= connecting.threshold && this.#busy.size + this.#idle.size === 0
    if (failing || this.#away || this.#answers.refusing()) return 'down'
    const waiting = this.#queue.size
    if (this.#link.failures + this.#answers.failures > 0 || waiting > this.#settings.queue / 2)
      return 'degraded'
    return this.#health.state === 'not-started' && this.#idle.size + this.#busy.size === 0
      ? 'not-started'
      : 'up'
  }
}
