import type { Ils } from '../../adapters/ils/ils.ts'
import type { Message, Parsed } from '../../adapters/ils/sip2/codec.ts'
import { messages } from '../../adapters/ils/sip2/messages.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { Account, Limits } from './accounts.ts'
import { type Back, type BackAct, backOf } from './back.ts'
import { type Case, type Settled, sure } from './case.ts'
import { endSession, item, through } from './items.ts'
import { checkout, hold, renew, renewAll } from './lending.ts'
import { createOnce } from './once.ts'
import { patron } from './patrons.ts'
import type { Ours } from './ports.ts'
import { type Ask, forMachine, get, happenedAt, isYes, replyTo, saying } from './replies.ts'
import { checkin } from './returns.ts'
import type { ErrorKind } from './stats.ts'
import { isAllowed, markOf, type Standing, standingOf, statusMessage, strangersStanding } from './status.ts'
import { words } from './words.ts'

export interface DeskParts {
  readonly ours: Ours
  /** Throws `unknown-library`. */
  readonly ils: (libraryId: string) => Ils
  readonly byHand: (libraryId: string) => boolean
  /** When things happen. */
  readonly clock: Pick<Clock, 'now'>
  /** Measures how long they take. */
  readonly wire: Pick<Clock, 'after'>
  readonly ids: Ids
  readonly log: Log
  readonly limits: Pick<Limits, 'answerTime'>
}

/** An answer, and what to do once it has been handed over. */
export interface Served {
  /** Undefined: nothing is said. */
  readonly message: Message | undefined
  readonly refused: boolean
  readonly delivered: () => void
}

export interface Desk {
  standing(account: Account): Standing
  /** 98, also for a machine that has not logged in. */
  status(request: Parsed, account: Account | undefined): Message
  /** Answers within the time that 98 tells, whatever the library system does. Never throws. */
  serve(request: Parsed, account: Account, language: string, note: (kind: ErrorKind) => void): Promise<Served>
}

type Handler = (c: Case) => Promise<Settled>

const handlers: Readonly<Record<string, Handler>> = {
  '23': patron,
  '63': patron,
  '01': patron,
  '25': patron,
  '11': checkout,
  '09': checkin,
  '29': renew,
  '65': renewAll,
  '15': hold,
  '17': item,
  '19': through,
  '37': through,
  '35': endSession,
}

/** The commands that are carried out for machines; those of the line itself aside. */
export const commandsOfMachines: ReadonlySet<string> = new Set(Object.keys(handlers))

/** What must not be carried out twice. */
const acts: ReadonlySet<string> = new Set(['01', '09', '11', '15', '25', '29', '37', '65'])
/** Without these the request cannot be meant. */
const needed: Readonly<Record<string, readonly (readonly string[])[]>> = {
  '23': [['AA']],
  '63': [['AA']],
  '01': [['AA']],
  '25': [['AA']],
  '11': [['AA'], ['AB']],
  '09': [['AB']],
  '29': [['AA'], ['AB', 'AJ']],
  '65': [['AA']],
  '15': [['AA'], ['AB', 'AJ']],
  '17': [['AB']],
  '19': [['AB']],
  '37': [['AA'], ['BV']],
}

/** The answer is on its way this long before the machine gives up. */
const margin: Millis = 1000
/** A command nobody knows gets less patience; one that was not answered is not tried again for a while. */
const unknownTime: Millis = 5000
const unknownRest: Millis = 10 * 60_000

export const createDesk = (parts: DeskParts): Desk => {
  const { ours, clock, ids, log, limits } = parts
  const backs = new Map<string, Back>()
  const once = createOnce<Settled>(clock, ids)
  const unanswered = new Map<string, Millis>()
  const answerWithin = Math.max(500, limits.answerTime - margin)

  const backFor = (libraryId: string): Back => {
    const known = backs.get(libraryId)
    if (known) return known
    const made = backOf(parts.ils(libraryId), parts.byHand(libraryId))
    backs.set(libraryId, made)
    return made
  }
  const systemOf: Case['systemOf'] = libraryId => ({
    ils: parts.ils(libraryId),
    byHand: parts.byHand(libraryId),
  })

  const perform = (ask: Ask, act: BackAct, note: Case['note']): Promise<Settled> =>
    handlers[ask.request.command]!({ ask, act, back: backFor(ask.account.libraryId), ours, note, systemOf })

  const run = (ask: Ask, what: string | undefined, note: Case['note']): Promise<Settled> => {
    if (what === undefined) return perform(ask, { key: ids.next(), repeated: false }, note)
    return once
      .take(
        what,
        async act => {
          const settled = await perform(ask, act, note)
          return { value: settled, unsure: settled.unsure }
        },
        itemOf(ask),
      )
      .then(outcome => outcome.value)
  }

  const unknown = async (ask: Ask, note: Case['note']): Promise<Message | undefined> => {
    const { account, request } = ask
    note('unknown-command')
    const back = backFor(account.libraryId)
    const name = `${account.libraryId} ${request.command}`
    if (!account.passesUnknown || account.byHand || back.away() || (unanswered.get(name) ?? 0) > clock.now())
      return undefined
    // Until it has been answered nobody else may try it.
    unanswered.set(name, clock.now() + unknownRest)
    const answer = await back.ask({ ...ask, within: unknownTime }, { key: ids.next(), repeated: false })
    if (!answer.ok) return undefined
    unanswered.delete(name)
    return forMachine(ask, answer.value)
  }

  const status: Desk['status'] = (request, account) => {
    const now = clock.now()
    if (!account)
      return statusMessage({ request, now, zone: 'Asia/Shanghai', limits }, strangersStanding, undefined)
    const back = backFor(account.libraryId)
    return statusMessage(
      { request, now, zone: ours.zone(account.libraryId), limits },
      standingOf(account, back),
      {
        account,
        place: ours.place(account.branchId),
        library: ours.libraryName(account.libraryId),
        away: back.away() && !account.byHand,
      },
    )
  }

  return {
    standing: account => standingOf(account, backFor(account.libraryId)),
    status,
    serve: async (request, account, language, note) => {
      const ask: Ask = {
        account,
        request,
        language,
        now: clock.now(),
        zone: ours.zone(account.libraryId),
        within: answerWithin,
      }
      const told = (settled: Settled, what?: string): Served => ({
        message: { ...forMachine(ask, settled.reply), sequence: request.sequence },
        refused: !isYes(settled.reply),
        delivered: () => what !== undefined && once.delivered(what),
      })
      const simply = (say: (typeof words)[keyof typeof words]): Served =>
        told(sure(saying(ask, replyTo(ask), say)))
      const silent: Served = { message: undefined, refused: false, delivered: () => {} }
      const { command } = request
      if (command === '99') return { ...silent, message: status(request, account) }
      if (!messages.has(command)) {
        const message = await unknown(ask, note).catch(() => undefined)
        return { ...silent, message: message && { ...message, sequence: request.sequence } }
      }
      // An answer, sent to us: some machines echo.
      if (!Object.hasOwn(handlers, command)) return silent
      if (!isAllowed(account, command)) {
        note('not-allowed')
        return simply(words.notOffered)
      }
      if (!isWhole(ask)) {
        note('malformed')
        return simply(words.malformed)
      }
      if (happenedAt(ask).off) note('clock-off')
      const what = acts.has(command) ? nameOf(ask) : undefined
      try {
        const work = run(ask, what, note)
        const result = await inTime(work, answerWithin, parts.wire)
        if (result !== 'late') return told(result, what)
        void work.then(
          settled => {
            if (command !== '11' || !isYes(settled.reply)) return
            note('late-loan')
            log.warn(
              { account: account.id },
              'kiosk: lent after the machine was told no; asked again it is told yes',
            )
          },
          () => {},
        )
        note('ils-slow')
        log.warn({ account: account.id, command }, 'kiosk: answered before the library system did')
        return slow(ask, told)
      } catch (thrown) {
        note('bug')
        log.error({ account: account.id, command, error: String(thrown) }, 'kiosk: a request stumbled')
        return simply(words.broken)
      }
    },
  }
}

/** A returned book lies in the box whatever the library system says; what is still under way settles it. */
const slow = (ask: Ask, told: (settled: Settled) => Served): Served => {
  const back = ask.request.command === '09' && ask.account.offline.checkins && get(ask, 'BI') !== 'Y'
  return told(
    sure(
      back
        ? saying(ask, replyTo(ask, { ok: '1', resensitize: 'Y' }, [['AQ', '']]), words.noted)
        : saying(ask, replyTo(ask), words.slow),
    ),
  )
}

const isWhole = (ask: Ask): boolean => {
  const { request } = ask
  const type = messages.get(request.command)!
  const whole = type.fixed.every(
    ({ name, kind, length }) => kind === 'date' || (request.fixed[name] ?? '').length === length,
  )
  return whole && (needed[request.command] ?? []).every(ids => ids.some(id => get(ask, id) !== ''))
}

/** One act, whoever asks for it and however often. */
const nameOf = ({ account, request }: Ask): string =>
  JSON.stringify([
    account.libraryId,
    request.command,
    ...['AA', 'AB', 'AJ', 'BI', 'BV', 'CG', 'BO', 'BK', 'BS'].map(
      id => request.fields.find(([name]) => name === id)?.[1] ?? '',
    ),
    request.fixed.mode ?? '',
    request.fixed.feeType ?? '',
    request.fixed.noBlock === 'Y' ? request.fixed.date : '',
    request.command === '09' ? (request.fields.find(([name]) => name === 'AP')?.[1] ?? '') : '',
  ])

const itemOf = (ask: Ask): string | undefined => {
  const barcode = get(ask, 'AB')
  return barcode === '' ? undefined : JSON.stringify([ask.account.libraryId, barcode])
}

const inTime = <T>(work: Promise<T>, most: Millis, wire: Pick<Clock, 'after'>): Promise<T | 'late'> =>
  new Promise((resolve, reject) => {
    const cancel = wire.after(most, () => resolve('late'))
    work.then(
      value => {
        cancel()
        resolve(value)
      },
      thrown => {
        cancel()
        reject(thrown)
      },
    )
  })

export { markOf }
