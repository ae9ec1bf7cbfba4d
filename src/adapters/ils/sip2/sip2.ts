import type { Clock, Millis } from '../../../kernel/clock.ts'
import type { Ids, RandomBytes } from '../../../kernel/ids.ts'
import { type Log, noLog } from '../../../kernel/log.ts'
import {
  type Answer,
  misconfigured,
  no,
  type Problem,
  ProblemError,
  unreachable,
  yes,
} from '../../../kernel/problem.ts'
import { noTranscript, type Transcript } from '../../../kernel/transcript.ts'
import type {
  Act,
  BlocksPatrons,
  EnablesPatrons,
  FeePayment,
  HoldRequest,
  Ils,
  IlsPatron,
  PatronQuery,
  PaysFees,
  RelayAnswer,
  RelayMessage,
  Relays,
} from '../ils.ts'
import * as read from './answers.ts'
import * as truth from './asking.ts'
import type { Message, Parsed } from './codec.ts'
import { profileOf } from './dialects.ts'
import { withMaskedWords } from './masking.ts'
import { Pool } from './pool.ts'
import type { Profile } from './profile.ts'
import type { Priority } from './queue.ts'
import { createDesk, type Desk } from './reading.ts'
import { before, inward, isAct, isQuestion, mayRelay, outward, type RelayAct, relayedAct } from './relay.ts'
import * as write from './requests.ts'
import { type Sip2Settings, type Sip2SettingsInput, sip2Settings } from './settings.ts'
import type { AcsStatus } from './status.ts'
import { cannotTell, mayBeLentAgain } from './words.ts'

export interface Sip2Deps {
  readonly clock: Clock
  readonly ids?: Ids
  /** For the jitter of waits. */
  readonly random: RandomBytes
  readonly transcript?: Transcript
  readonly log?: Log
}

/** The contract and its extra powers, and what a look at the link tells. */
export interface Sip2Ils extends Ils, PaysFees, BlocksPatrons, EnablesPatrons, Relays {
  /** Connects and logs in if need be, and asks the library system for its status (98). */
  check(): Promise<Answer<AcsStatus | undefined>>
}

/** Asking what is true after a loss may take this much longer than the deadline. */
const askingTime = 15_000

/** How an act is written, read, and looked for when its answer was lost. */
interface Doing<T> {
  readonly command: string
  readonly message: (scope: write.Scope) => Message
  readonly read: (parsed: Parsed) => Answer<T>
  readonly truth: (deadline: Millis) => Promise<truth.Truth<T>>
  /** What follows when asking decides nothing: a person must look, or it is done again because that is harmless. */
  readonly inDoubt: 'person' | 'again'
  /** A refusal of a repeated act may mean that the first try came through meanwhile. */
  readonly lookAfterRefusal?: boolean
}

/**
 * A library system reached by SIP2. Settings are checked here: a `ProblemError` of kind `misconfigured` names
 * every fault. Nothing is sent before the first request.
 *
 * Loans, returns, renewals, holds and payments are never repeated blindly. When an answer is lost the library
 * system is asked what is true, on a new connection: when it has happened that is the answer, with `foundDone`;
 * otherwise the problem says `maybeDone`, because a slow library system may still be at it, and the caller comes
 * again with `repeated`, which asks first.
 */
export const createSip2Ils = (input: Sip2SettingsInput, deps: Sip2Deps): Sip2Ils => {
  const { settings, profile } = checkedSettings(input)
  return new Sip2(settings, profile, deps)
}

class Sip2 implements Sip2Ils {
  readonly name: string
  readonly #settings: Sip2Settings
  readonly #profile: Profile
  readonly #clock: Clock
  readonly #log: Log
  readonly #pool: Pool
  readonly #desk: Desk
  readonly #witness: truth.Witness
  /** The same questions about the present, on any connection. */
  readonly #present: truth.Witness

  constructor(settings: Sip2Settings, profile: Profile, deps: Sip2Deps) {
    const { clock, random, transcript = noTranscript, log = noLog } = deps
    this.name = settings.name
    this.#settings = settings
    this.#profile = profile
    this.#clock = clock
    this.#log = log
    this.#pool = new Pool(settings, profile, { clock, random, transcript, log })
    this.#desk = createDesk(this.#pool, settings, profile, clock)
    this.#witness = witnessOf(this.#desk, true)
    this.#present = witnessOf(this.#desk, false)
  }

  async patron(query: PatronQuery): Promise<Answer<IlsPatron>> {
    const { card, list, priority = 'person' } = query
    const pin = query.pin === '' ? undefined : query.pin
    const how = { deadline: this.#deadline(priority), priority }
    const briefly = list === undefined && this.#pool.denies('63') && !this.#pool.denies('23')
    const asked = { card, pin, list }
    const answer = briefly ? await this.#desk.patronStatus(asked, how) : await this.#desk.patron(asked, how)
    if (!answer.ok) return answer
    if (answer.value.amountUnread) this.#log.warn({ peer: this.name }, 'sip2: BV is no amount; taken as 0')
    if (pin !== undefined && this.#profile.sendEndSession && !this.#pool.denies('35'))
      await this.#desk.send('35', scope => write.endPatronSession(scope, card), { ...how, resend: false })
    return yes(contractPatron(answer.value))
  }

  item(barcode: string) {
    return this.#desk.item(barcode, { deadline: this.#deadline('person'), priority: 'person' })
  }

  checkout(act: Parameters<Ils['checkout']>[0]) {
    return this.#perform(act, {
      command: '11',
      message: scope => write.checkout(scope, act),
      read: parsed => read.readLoan(parsed, this.#profile, act.barcode, 'checkout-refused'),
      truth: deadline => truth.checkoutTruth(this.#witness, this.#profile, act, deadline),
      inDoubt: 'person',
      lookAfterRefusal: true,
    })
  }

  checkin(act: Parameters<Ils['checkin']>[0]) {
    return this.#perform(act, {
      command: '09',
      message: scope => write.checkin(scope, act),
      read: parsed => read.readCheckin(parsed, this.#profile, act.barcode),
      truth: deadline => truth.checkinTruth(this.#witness, this.#profile, act, deadline),
      inDoubt: 'again',
    })
  }

  renew(act: Parameters<Ils['renew']>[0]) {
    return this.#perform(act, {
      command: '29',
      message: scope => write.renew(scope, act),
      read: parsed => read.readLoan(parsed, this.#profile, act.barcode, 'renewal-refused'),
      truth: deadline => truth.renewTruth(this.#witness, act, deadline),
      inDoubt: 'person',
    })
  }

  placeHold(act: Act & HoldRequest) {
    return this.#perform(act, {
      command: '15',
      message: scope => write.hold(scope, '+', act),
      read: parsed => read.readHold(parsed, this.#profile, 'hold-refused'),
      truth: deadline => truth.holdTruth(this.#witness, this.#profile, act, deadline),
      inDoubt: 'person',
    })
  }

  cancelHold(act: Act & HoldRequest) {
    return this.#perform<void>(act, {
      command: '15',
      message: scope => write.hold(scope, '-', act),
      read: parsed => nothingOf(read.readHold(parsed, this.#profile, 'hold-cancel-refused')),
      truth: deadline => truth.cancelTruth(this.#witness, this.#profile, act, deadline),
      inDoubt: 'again',
    })
  }

  payFee(act: Act & FeePayment) {
    return this.#perform(act, {
      command: '37',
      message: scope => write.feePaid(scope, act),
      read: parsed => read.readFee(parsed, this.#profile),
      truth: deadline => truth.feeTruth(this.#witness, this.#profile, act, deadline),
      inDoubt: 'person',
    })
  }

  block(act: Act & { card: string; reason: string }) {
    return this.#perform<void>(act, {
      command: '01',
      message: scope => write.blockPatron(scope, act.card, act.reason),
      read: parsed => read.readBlock(parsed, this.#profile),
      truth: truth.notAsked,
      inDoubt: 'again',
    })
  }

  enable(act: Act & { card: string }) {
    return this.#perform<void>(act, {
      command: '25',
      message: scope => write.patronEnable(scope, act.card),
      read: parsed => read.readEnable(parsed, this.#profile),
      truth: truth.notAsked,
      inDoubt: 'again',
    })
  }

  get relaying(): Relays['relaying'] {
    const { itemListContent: lists, holdCountMeaning: holds } = this.#profile
    return { lists, holds, serves: command => !this.#pool.denies(command) }
  }

  async relay(message: RelayMessage, act: RelayAct): Promise<Answer<RelayAnswer>> {
    const { command } = message
    const may = mayRelay(message)
    if (!may.ok) return may
    const deadline = this.#deadline(act.priority ?? 'work', act.within)
    const read = (parsed: Parsed) => yes(inward(parsed, this.#profile))
    if (!isAct(command)) {
      // What nobody knows may be an act.
      const how = { deadline, priority: act.priority ?? 'work', resend: isQuestion(command) }
      const exchange = await this.#desk.send(command, scope => outward(scope, message), how)
      return exchange.got === 'answer' ? read(exchange.parsed) : no(exchange.problem)
    }
    const known = act.repeated ? {} : await before(message, this.#present, deadline)
    return this.#perform(act, {
      command,
      message: scope => outward(scope, message),
      read,
      ...relayedAct(message, this.#witness, this.#profile, known),
    })
  }

  check() {
    return this.#pool.check(this.#deadline('person'))
  }

  health() {
    return this.#pool.health()
  }

  close() {
    return this.#pool.close()
  }

  #deadline(priority: Priority, within = Number.POSITIVE_INFINITY): Millis {
    return this.#clock.now() + Math.min(within, this.#settings.deadlineSeconds[priority] * 1000)
  }

  async #perform<T>(act: Act & { readonly within?: Millis }, doing: Doing<T>): Promise<Answer<T>> {
    const priority = act.priority ?? 'work'
    const deadline = this.#deadline(priority, act.within)
    if (act.repeated) {
      const before = await doing.truth(deadline)
      if (before.is === 'done') return yes(before.value)
      if (before.is === 'failed') return no(inDoubt(before.problem))
      if (before.is === 'unsafe') return no(mayBeLentAgain())
      if (before.is === 'cannot-tell' && doing.inDoubt === 'person') return no(cannotTell())
    }
    const how = { deadline, priority, resend: this.#profile.resendActs }
    const exchange = await this.#desk.send(doing.command, doing.message, how)
    const answer =
      exchange.got === 'answer'
        ? withMaskedWords(doing.read(exchange.parsed), exchange.masked)
        : no(exchange.problem)
    if (answer.ok) return answer
    const lost = exchange.got === 'nothing' ? exchange.maybe : answer.problem.kind === 'garbled'
    const secondThought = act.repeated && doing.lookAfterRefusal === true && exchange.got === 'answer'
    if (!lost && !secondThought) return answer
    const after = await doing.truth(Math.max(deadline, this.#clock.now() + askingTime))
    if (after.is === 'done') return yes(after.value)
    return lost ? no(inDoubt(answer.problem)) : answer
  }
}

const checkedSettings = (input: Sip2SettingsInput): { settings: Sip2Settings; profile: Profile } => {
  const checked = sip2Settings.safeParse(input)
  if (!checked.success)
    throw new ProblemError(
      badSettings(checked.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)),
    )
  const profile = profileOf(checked.data.dialect, checked.data.profile)
  if (!profile) throw new ProblemError(badSettings([`dialect: ${checked.data.dialect}`]))
  return { settings: checked.data, profile }
}

/** Asks for the truth in front of everyone else; `fresh` on connections opened after the loss. */
const witnessOf = (desk: Desk, fresh: boolean): truth.Witness => ({
  item: (barcode, deadline) => desk.item(barcode, { deadline, priority: 'person', fresh }),
  list: async (card, list, deadline) => {
    const answer = await desk.patron({ card, list }, { deadline, priority: 'person', fresh })
    if (!answer.ok) return answer
    const { items, whole, owed, owedTold } = answer.value
    return yes({ items, whole, owed: owedTold ? owed : undefined })
  },
})

const nothingOf = (answer: Answer<unknown>): Answer<void> => (answer.ok ? yes(undefined) : answer)

/** The act has left us and nobody knows: whatever was the matter, it may have been done. */
const inDoubt = (problem: Problem): Problem =>
  unreachable(problem.code, problem.say, {
    maybeDone: true,
    ...(problem.their ? { their: problem.their } : {}),
  })

/** Without what only this driver needs to know. */
const contractPatron = (answer: read.PatronAnswer & { whole?: boolean }): IlsPatron => {
  const { owedTold: _told, amountUnread: _unread, whole: _whole, ...patron } = answer
  return patron
}

const badSettings = (faults: readonly string[]): Problem =>
  misconfigured('sip2-settings', {
    zh: `SIP2 设置有误：${faults.join('；')}`,
    en: `SIP2 settings: ${faults.join('; ')}`,
  })
