import { fineLine } from '../answers.ts'
import { usualDueDates } from '../dates.ts'
import { type Profile, profileOf } from '../dialects.ts'
import { deniedByMask } from '../status.ts'
import { dueForm } from './due-format.ts'
import type { Facts } from './facts.ts'
import type { Given } from './given.ts'

/** The switches a probe has found; what it could not find out is absent. */
export type Found = { -readonly [K in keyof Profile]?: Profile[K] }

/** What the facts say of each switch. */
export const switchesOf = (facts: Facts, given: Given): Found => ({
  ...ofTheLine(facts),
  ...ofSums(facts),
  ...ofTexts(facts, given),
  ...ofReaders(facts),
  ...ofMessages(facts),
})

const ofTheLine = (facts: Facts): Found => {
  const { form, outcome } = facts.login
  const found: Found = { terminator: facts.lines.ours, delimiter: facts.delimiter }
  if (form !== 'unknown' && (form === 'none' || outcome === 'well')) found.login = form
  if (facts.statusAfter === 'answer') found.sendScStatus = 'after-login'
  else if (facts.statusBefore === 'answer') found.sendScStatus = 'before-login'
  else if (facts.statusAfter !== undefined) found.sendScStatus = 'never'
  if (found.sendScStatus === 'never' || found.sendScStatus === 'before-login') found.keepAliveSeconds = 0
  if (found.keepAliveSeconds === 0) found.idleCloseSeconds = 60
  if (facts.oneRequest !== undefined || facts.served.get('17') === 'answer')
    found.oneRequestPerConnection = facts.oneRequest === true
  if (facts.emptyFields) found.emptyFields = [...facts.emptyFields]
  const { connections } = facts
  if (connections && connections.opened > 0)
    found.maxConnections = Math.min(connections.opened, profileOf('default')!.maxConnections)
  return found
}

/**
 * AY and AZ are sent where they are wanted, and where answers carry them: an other side that neither wants nor
 * writes them has no error detection, and is spared it.
 */
const ofSums = (facts: Facts): Found => {
  const { sums, sequence } = facts
  if (!sums.send) return { sendChecksum: false, ...ofTail(facts) }
  if (sums.without === undefined || sums.theirs.size === 0) return {}
  const silent = [...sums.theirs].every(verdict => verdict === 'absent')
  const sendChecksum = sums.without !== 'answer' || !silent
  const found: Found = { sendChecksum, ...(sendChecksum ? {} : ofTail(facts)) }
  if (sums.rule !== 'bytes') found.checksumRule = sums.rule
  if (silent) found.verifyChecksum = 'lenient'
  else if (sums.theirs.has('wrong')) found.verifyChecksum = 'off'
  else found.verifyChecksum = isStrict(facts) ? 'strict' : 'lenient'
  if (sequence.copied + sequence.other > 2) found.ignoreSequence = sequence.other > 0
  return found
}

/** Strict is found only where an answer with more than ASCII has shown over what the sum runs. */
const isStrict = ({ sums }: Facts): boolean =>
  sums.told.size > 0 && [...sums.theirs].every(verdict => verdict === 'ok')

const ofTail = (facts: Facts): Found =>
  facts.tail === undefined ? {} : { trailingAsciiField: facts.tail === 'lost' }

const ofTexts = (facts: Facts, given: Given): Found => {
  const found: Found = {}
  if (facts.encoding?.is === 'found') found.encoding = facts.encoding.encoding
  if (given.encoding !== undefined) found.encoding = given.encoding
  const { loginEncoding } = facts
  if (
    loginEncoding?.is === 'found' &&
    found.encoding !== undefined &&
    loginEncoding.encoding !== found.encoding
  )
    found.loginEncoding = loginEncoding.encoding
  if (facts.zeroZone === 'answer') found.zone = '0000'
  else if (facts.zones.has('blank')) found.zone = 'blank'
  const timeZone = given.timeZone ?? zoneOf(facts)
  if (timeZone !== undefined) found.timeZone = timeZone
  if (facts.dueTexts.length > 0) {
    const form = dueForm(facts.dueTexts, timeZone ?? 'Asia/Shanghai')
    if (form.is === 'own') found.dueDateFormats = [form.format, ...usualDueDates]
    if (form.is === 'usual') found.dueDateFormats = [...usualDueDates]
  }
  return found
}

const hour = 3_600_000

/** The zone of its clock: China's where that fits, else a plain offset; absent when its clock makes no sense. */
export const zoneOf = ({ clock }: Facts): string | undefined => {
  if (!clock || Math.abs(clock.offset) > 14 * hour) return undefined
  if (clock.offset === 8 * hour) return 'Asia/Shanghai'
  if (clock.offset === 0) return 'UTC'
  if (clock.offset % hour !== 0) return undefined
  const hours = clock.offset / hour
  return `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
}

const ofReaders = (facts: Facts): Found => {
  const found: Found = {}
  const { patron, fineLines } = facts
  if (patron?.entriesAre) found.itemListContent = patron.entriesAre
  if (patron?.pages === 'ignored') found.pageSize = 0
  const meaning = holdMeaning(facts)
  if (meaning) found.holdCountMeaning = meaning
  const fines = fineForm(fineLines)
  if (fines) found.fineFormat = fines
  if (patron?.amount !== undefined && /[1-9]/.test(patron.amount) && fineLines.length > 0)
    found.negativeFeeMeansOwed = patron.amount.trim().startsWith('-')
  if (patron?.wrongPin !== undefined && patron.rightPin === 'Y') found.checksPin = patron.wrongPin === 'N'
  return found
}

/**
 * What the hold count counts, where holds that do not lie ready exist: all, when their list is part of the list
 * of holds or the count is no smaller than theirs with others beside; those that wait, when it leaves them out.
 */
export const holdMeaning = ({ patron }: Facts): 'waiting' | 'all' | undefined => {
  const { holds, waitingUnavailable: away } = patron ?? {}
  if (!holds || !away || (away.count ?? away.entries.length) === 0) return undefined
  if (away.entries.length > 0 && holds.entries.length > 0) {
    if (away.entries.every(entry => holds.entries.includes(entry))) return 'all'
    if (away.entries.every(entry => !holds.entries.includes(entry))) return 'waiting'
  }
  return (holds.count ?? 0) === 0 ? 'waiting' : undefined
}

const fineForms = ['swyer_b', 'id-amount', 'eg_legacy', '3m'] as const

/** The form in which every line of AV can be read; the one that also tells the fee's id where two fit. */
export const fineForm = (lines: readonly string[]): Profile['fineFormat'] | undefined =>
  lines.length === 0
    ? undefined
    : fineForms.find(form => lines.every(line => fineLine(line, form).amount !== undefined))

const ofMessages = (facts: Facts): Found => {
  const denied = (command: string): boolean => deniedByMask(facts.status?.supported, command)
  const found: Found = {}
  const unanswered = [...facts.served]
    .filter(([, reaction]) => reaction !== 'answer')
    .map(([command]) => command)
  const answered = [...facts.served]
    .filter(([, reaction]) => reaction === 'answer')
    .map(([command]) => command)
  if (facts.resend !== undefined && facts.resend !== 'kept' && facts.resend !== 'zero') unanswered.push('97')
  if (facts.served.size === 0) return found
  found.notServed = unanswered.filter(command => !denied(command)).sort()
  if (facts.status?.supported !== undefined) found.heedSupported = !answered.some(denied)
  return found
}
