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
  Ils,
  IlsItem,
  IlsPatron,
  PatronList,
  PatronQuery,
  PaysFees,
} from '../ils.ts'
import * as read from './answers.ts'
import * as truth from './asking.ts'
import type { Message, Parsed } from './codec.ts'
import type { Exchange } from './connection.ts'
import { type Profile, profileOf } from './dialects.ts'
import { messages } from './messages.ts'
import { Pool } from './pool.ts'
import type { Priority } from './queue.ts'
import * as write from './requests.ts'
import { type Sip2SettingsInput, sip2Settings } from './settings.ts'
import type { AcsStatus } from './status.ts'
import { cannotTell } from './words.ts'

export interface Sip2Deps {
  readonly clock: Clock
  readonly ids?: Ids
  /** For the jitter of waits. */
  readonly random: RandomBytes
  readonly transcript?: Transcript
  readonly log?: Log
}

/** The contract and its extra powers, and what a look at the link tells. */
export interface Sip2Ils extends Ils, PaysFees, BlocksPatrons, EnablesPatrons {
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
  const checked = sip2Settings.safeParse(input)
  if (!checked.success)
    throw new ProblemError(
      badSettings(checked.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)),
    )
  const settings = checked.data
  const found = profileOf(settings.dialect, settings.profile)
  if (!found) throw new ProblemError(badSettings([`dialect: ${settings.dialect}`]))
  const profile: Profile = found
  const { clock } = deps
  const log = deps.log ?? noLog
  const pool = new Pool(settings, profile, {
    clock,
    random: deps.random,
    transcript: deps.transcript ?? noTranscript,
    log,
  })

  const deadlineFor = (priority: Priority): Millis => clock.now() + settings.deadlineSeconds[priority] * 1000

  const send = (
    command: string,
    message: (scope: write.Scope) => Message,
    how: { deadline: Millis; priority: Priority; resend: boolean; fresh?: boolean },
  ): Promise<Exchange> =>
    pool.exchange({
      ...how,
      command,
      message: institution => message({ settings, profile, institution, now: clock.now() }),
      expect: messages.get(command)?.answers[0] ?? '',
    })

  /** Reads may be repeated: once more on a new connection when the first one broke. */
  const ask = async (
    command: string,
    message: (scope: write.Scope) => Message,
    how: { deadline: Millis; priority: Priority; fresh?: boolean },
  ): Promise<Answer<Parsed>> => {
    const first = await send(command, message, { ...how, resend: true })
    const broken = first.got === 'nothing' && first.maybe && first.problem.code === 'ils-connection-lost'
    const exchange = broken ? await send(command, message, { ...how, resend: true, fresh: true }) : first
    return exchange.got === 'answer' ? yes(exchange.parsed) : no(exchange.problem)
  }

  const askPatron = async (
    query: { card: string; pin?: string | undefined; list?: PatronList | undefined },
    how: { deadline: Millis; priority: Priority; fresh?: boolean },
  ): Promise<Answer<read.PatronAnswer & { whole: boolean }>> => {
    let last: Parsed | undefined
    const { card, pin, list } = query
    const pages = await truth.joinPages(list === undefined ? 0 : profile.pageSize, async page => {
      const answer = await ask('63', scope => write.patronInformation(scope, { card, pin, list, page }), how)
      if (!answer.ok) return answer
      last ??= answer.value
      return yes(list === undefined ? { items: [], total: 0 } : read.readList(answer.value, profile, list))
    })
    if (!pages.ok) return pages
    if (!last) throw new Error('a list without a page')
    const { items, whole } = pages.value
    return yes({ ...read.readPatron(last, profile, { card, pin, items }), whole })
  }

  const askPatronStatus = async (
    query: { card: string; pin?: string | undefined },
    how: { deadline: Millis; priority: Priority },
  ): Promise<Answer<read.PatronAnswer>> => {
    const answer = await ask('23', scope => write.patronStatusRequest(scope, query.card, query.pin), how)
    return answer.ok ? yes(read.readPatron(answer.value, profile, query)) : answer
  }

  const patron = async (query: PatronQuery): Promise<Answer<IlsPatron>> => {
    const priority = query.priority ?? 'person'
    const how = { deadline: deadlineFor(priority), priority }
    const pin = query.pin === '' ? undefined : query.pin
    const asked = { card: query.card, pin, list: query.list }
    const briefly = query.list === undefined && pool.denies('63') && !pool.denies('23')
    const answer = briefly ? await askPatronStatus(asked, how) : await askPatron(asked, how)
    if (!answer.ok) return answer
    if (answer.value.amountUnread) log.warn({ peer: settings.name }, 'sip2: BV is no amount; taken as 0')
    if (pin !== undefined && profile.sendEndSession && !pool.denies('35'))
      await send('35', scope => write.endPatronSession(scope, query.card), {
        ...how,
        priority: 'work',
        resend: false,
      })
    return yes(contractPatron(answer.value))
  }

  const askItem = async (
    barcode: string,
    how: { deadline: Millis; priority: Priority; fresh?: boolean },
  ): Promise<Answer<IlsItem>> => {
    const answer = await ask('17', scope => write.itemInformation(scope, barcode), how)
    return answer.ok ? read.readItem(answer.value, profile, barcode) : answer
  }

  const witness: truth.Witness = {
    item: (barcode, deadline) => askItem(barcode, { deadline, priority: 'person', fresh: true }),
    list: async (card, list, deadline) => {
      const answer = await askPatron({ card, list }, { deadline, priority: 'person', fresh: true })
      if (!answer.ok) return answer
      const { items, whole, owed, owedTold } = answer.value
      return yes({ items, whole, owed: owedTold ? owed : undefined })
    },
  }

  const perform = async <T>(act: Act, doing: Doing<T>): Promise<Answer<T>> => {
    const priority = act.priority ?? 'work'
    const deadline = deadlineFor(priority)
    if (act.repeated) {
      const before = await doing.truth(deadline)
      if (before.is === 'done') return yes(before.value)
      if (before.is === 'failed') return no({ ...before.problem, maybeDone: true })
      if (before.is === 'cannot-tell' && doing.inDoubt === 'person') return no(cannotTell())
    }
    const exchange = await send(doing.command, doing.message, {
      deadline,
      priority,
      resend: profile.resendActs,
    })
    const answer = exchange.got === 'answer' ? doing.read(exchange.parsed) : no(exchange.problem)
    const lost = exchange.got === 'nothing' ? exchange.maybe : !answer.ok && answer.problem.kind === 'garbled'
    const look = lost || (act.repeated && doing.lookAfterRefusal === true && exchange.got === 'answer')
    if (answer.ok || !look) return answer
    const after = await doing.truth(Math.max(deadline, clock.now() + askingTime))
    if (after.is === 'done') return yes(after.value)
    return lost ? no(inDoubt(answer.problem)) : answer
  }

  return {
    name: settings.name,
    patron,
    item: barcode => askItem(barcode, { deadline: deadlineFor('person'), priority: 'person' }),
    checkout: act =>
      perform(act, {
        command: '11',
        message: scope => write.checkout(scope, act),
        read: parsed => read.readLoan(parsed, profile, act.barcode, 'checkout-refused'),
        truth: deadline => truth.checkoutTruth(witness, profile, act, deadline),
        inDoubt: 'person',
        lookAfterRefusal: true,
      }),
    checkin: act =>
      perform(act, {
        command: '09',
        message: scope => write.checkin(scope, act),
        read: parsed => read.readCheckin(parsed, profile, act.barcode),
        truth: deadline => truth.checkinTruth(witness, act, deadline),
        inDoubt: 'again',
      }),
    renew: act =>
      perform(act, {
        command: '29',
        message: scope => write.renew(scope, act),
        read: parsed => read.readLoan(parsed, profile, act.barcode, 'renewal-refused'),
        truth: deadline => truth.renewTruth(witness, act, deadline),
        inDoubt: 'person',
      }),
    placeHold: act =>
      perform(act, {
        command: '15',
        message: scope => write.hold(scope, '+', act),
        read: parsed => read.readHold(parsed, profile, 'hold-refused'),
        truth: deadline => truth.holdTruth(witness, profile, act, deadline),
        inDoubt: 'person',
      }),
    cancelHold: act =>
      perform<void>(act, {
        command: '15',
        message: scope => write.hold(scope, '-', act),
        read: parsed => {
          const answer = read.readHold(parsed, profile, 'hold-cancel-refused')
          return answer.ok ? yes(undefined) : answer
        },
        truth: deadline => truth.cancelTruth(witness, profile, act, deadline),
        inDoubt: 'again',
      }),
    payFee: act =>
      perform(act, {
        command: '37',
        message: scope => write.feePaid(scope, act),
        read: parsed => read.readFee(parsed, profile),
        truth: deadline => truth.feeTruth(witness, profile, act, deadline),
        inDoubt: 'person',
      }),
    block: act =>
      perform<void>(act, {
        command: '01',
        message: scope => write.blockPatron(scope, act.card, act.reason),
        read: parsed => read.readBlock(parsed, profile),
        truth: async () => ({ is: 'cannot-tell' }),
        inDoubt: 'again',
      }),
    enable: act =>
      perform<void>(act, {
        command: '25',
        message: scope => write.patronEnable(scope, act.card),
        read: parsed => read.readEnable(parsed, profile),
        truth: async () => ({ is: 'cannot-tell' }),
        inDoubt: 'again',
      }),
    check: () => pool.check(deadlineFor('person')),
    health: () => pool.health(),
    close: () => pool.close(),
  }
}

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
