import type { Millis } from '../../kernel/clock.ts'
import type { Problem } from '../../kernel/problem.ts'
import type { Account } from './accounts.ts'
import type { Back, BackAct } from './back.ts'
import type { HappenedHere, OurLine, OurReader, Ours, Place, Reply } from './ports.ts'
import { type Ask, dayOf, get, replyTo, returnedAt, saying } from './replies.ts'
import type { ErrorKind } from './stats.ts'
import { frozenWords, words } from './words.ts'

/** One request on its way through the desk. */
export interface Case {
  readonly ask: Ask
  readonly act: BackAct
  readonly back: Back
  readonly ours: Ours
  readonly note: (kind: ErrorKind) => void
  /** The system of another library of the gateway. */
  readonly systemOf: (libraryId: string) => { readonly ils: Back['ils']; readonly byHand: boolean }
}

/** A reply, and whether it is a guess because nobody can tell what was done. */
export interface Settled {
  readonly reply: Reply
  readonly unsure: boolean
  /** The library system could not be asked, or says nothing of this. */
  readonly untold?: boolean
}
export const sure = (reply: Reply): Settled => ({ reply, unsure: false })

export const stands = ({ ask: { account }, ours }: Pick<Case, 'ask' | 'ours'>): Place =>
  ours.place(account.branchId)

/** Where a return is handed in: the AP of the request where that is a branch of ours, else where the machine stands. */
export const handedInAt = (c: Case): Place => {
  const named = get(c.ask, 'AP')
  const { libraryId } = c.ask.account
  return (named === '' ? undefined : c.ours.placeOf(libraryId, named)) ?? stands(c)
}

/** Stored by the machine since before staff took the book for this reader: it ended somebody's earlier loan. */
export const isOlder = (ask: Ask, { foundAt }: OurLine): boolean =>
  ask.request.fixed.noBlock === 'Y' && foundAt !== null && returnedAt(ask) < foundAt

/** The reply to what the library system could not be asked. */
export const troubled = (c: Case, problem: Problem): Settled => {
  const unsure = problem.maybeDone === true
  if (problem.kind === 'refused' && !unsure) {
    const offered = problem.code !== 'kiosk-not-offered' && problem.code !== 'ils-not-served'
    c.note(offered ? 'ils-refused' : 'not-allowed')
    return { ...sure(saying(c.ask, replyTo(c.ask), offered ? problem.say : words.notOffered)), untold: true }
  }
  c.note(c.back.away() ? 'ils-away' : 'ils-slow')
  const say = unsure ? words.unsure : c.back.away() ? words.away : words.slow
  return { reply: saying(c.ask, replyTo(c.ask), say), unsure, untold: true }
}

/** Asks the library system; what cannot be asked becomes a reply that says so. */
export const theirs = async (c: Case): Promise<Settled> => {
  const answer = await c.back.ask(c.ask, c.act)
  return answer.ok ? sure(answer.value) : troubled(c, answer.problem)
}

export const isFrozen = (
  c: Case,
  reader: OurReader | undefined,
): reader is OurReader & { frozenUntil: Millis } =>
  reader !== undefined && reader.frozenUntil !== null && reader.frozenUntil > c.ask.now

/** No, with the day on which the reader may borrow again. */
export const frozenReply = (c: Case, until: Millis): Settled => {
  c.note('frozen')
  return sure(saying(c.ask, replyTo(c.ask), frozenWords(dayOf(until, c.ask.zone))))
}

/** Nothing can be asked of the library system, now or ever. */
export const withoutSystem = (c: Case): boolean => c.ask.account.byHand || c.back.away()

export const happened = (c: Case, what: Omit<HappenedHere, 'libraryId'>): Promise<void> =>
  c.ours.happened(c.ask.account, { libraryId: c.ask.account.libraryId, ...what })

/** What the reader is told of something that is entered later. */
export const notedWords = (account: Account) => (account.byHand ? words.notedByStaff : words.noted)

/** The end of the day, `days` from now. */
export const endOfDay = (at: Millis, days: number, zone: string): Millis =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .add({ days })
    .toZonedDateTime({ timeZone: zone, plainTime: '23:59:59' }).epochMilliseconds
