import { circulationStatuses, type PatronList } from '../../ils.ts'
import { field, type Parsed } from '../codec.ts'
import { itemInformation, patronInformation } from '../requests.ts'
import type { Facts, ListFacts } from './facts.ts'
import { listOf } from './learn.ts'
import type { Plan } from './step.ts'
import type { Talk } from './talk.ts'

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined

const pinWord = (parsed: Parsed | undefined): 'Y' | 'N' | 'not-told' => {
  const said = parsed && field(parsed, 'CQ')
  return said === 'Y' || said === 'N' ? said : 'not-told'
}

/** The test card: its PIN, its counts and its lists, each asked for once. */
export function* testPatron(talk: Talk): Plan<void> {
  const { facts, given } = talk
  if (given.patron === undefined || facts.served.get('63') !== 'answer') return
  const card = given.patron
  const scope = talk.scope()
  const told = yield* talk.ask(patronInformation(scope, { card, pin: given.pin }))
  if (!told.parsed || told.reaction !== 'answer') return
  const { parsed } = told
  const amount = field(parsed, 'BV')
  const patron: NonNullable<Facts['patron']> = {
    known: field(parsed, 'BL') === 'Y',
    name: (field(parsed, 'AE') ?? '') !== '',
    ...(amount === undefined ? {} : { amount }),
    ...(given.pin === undefined ? {} : { rightPin: pinWord(parsed) }),
  }
  facts.patron = patron
  if (!patron.known) return
  const blank = yield* talk.ask(withEmptyPin(patronInformation(scope, { card })))
  patron.blankPin = pinWord(blank.parsed)
  if (given.wrongPin && given.pin !== undefined) {
    const wrong = yield* talk.ask(patronInformation(scope, { card, pin: `${given.pin}0` }))
    patron.wrongPinTried = true
    patron.wrongPin = pinWord(wrong.parsed)
  }
  yield* lists(talk, card, parsed, patron)
}

const withEmptyPin = (message: ReturnType<typeof patronInformation>) => ({
  ...message,
  fields: [...message.fields.filter(([id]) => id !== 'AD'), ['AD', ''] as const],
})

/** One list of 63: what its count says, and what it holds. */
function* list(
  talk: Talk,
  card: string,
  which: PatronList,
  id: string,
  count: string,
): Plan<ListFacts | undefined> {
  const told = yield* talk.ask(patronInformation(talk.scope(), { card, list: which }))
  if (told.reaction !== 'answer' || !told.parsed) return undefined
  return { count: number(told.parsed.fixed[count]), entries: listOf(told.parsed, id) }
}

function* lists(talk: Talk, card: string, parsed: Parsed, patron: NonNullable<Facts['patron']>): Plan<void> {
  const has = (name: string): boolean => (number(parsed.fixed[name]) ?? 0) > 0
  if (has('holdCount') || has('unavailableHoldCount')) {
    const holds = yield* list(talk, card, 'holds', 'AS', 'holdCount')
    if (holds) patron.holds = holds
    const away = yield* list(talk, card, 'unavailable-holds', 'CD', 'unavailableHoldCount')
    if (away) patron.waitingUnavailable = away
  }
  if (has('fineCount')) {
    const fines = yield* list(talk, card, 'fines', 'AV', 'fineCount')
    talk.facts.fineLines.push(...(fines?.entries ?? []))
  }
  if (!has('chargedCount')) return
  const charged = yield* list(talk, card, 'charged', 'AU', 'chargedCount')
  if (!charged) return
  patron.charged = charged
  if (charged.entries.length > 1) yield* pages(talk, card, patron)
  const [first] = charged.entries
  if (first !== undefined) yield* entry(talk, first, patron)
}

/** Whether BP and BQ are heeded. */
function* pages(talk: Talk, card: string, patron: NonNullable<Facts['patron']>): Plan<void> {
  const page = { from: 1, to: 1 }
  const told = yield* talk.ask(patronInformation(talk.scope(), { card, list: 'charged', page }))
  if (!told.parsed || told.reaction !== 'answer') return
  patron.pages = listOf(told.parsed, 'AU').length === 1 ? 'honoured' : 'ignored'
}

/** Asks for an entry of a list as if it were a barcode: only barcodes are known as items. */
function* entry(talk: Talk, text: string, patron: NonNullable<Facts['patron']>): Plan<void> {
  if (talk.facts.served.get('17') !== 'answer') return
  const barcode = text.split(/[:\s]/)[0] ?? text
  if (/[^\x21-\x7e]/.test(text) && /[^\x21-\x7e]/.test(barcode)) {
    patron.entriesAre = 'title'
    return
  }
  const told = yield* talk.ask(itemInformation(talk.scope(), barcode))
  if (!told.parsed || told.reaction !== 'answer') return
  const known = isKnown(told.parsed)
  patron.entriesAre = known ? 'barcode' : 'title'
  if (known) learnDue(talk.facts, told.parsed)
}

const isKnown = (parsed: Parsed): boolean => (field(parsed, 'AJ') ?? '').trim() !== ''

const learnDue = (facts: Facts, parsed: Parsed): void => {
  const due = field(parsed, 'AH')?.trim()
  if (due && !facts.dueTexts.includes(due)) facts.dueTexts.push(due)
}

/** The test item: a lent one shows how due dates are written. */
export function* testItem(talk: Talk): Plan<void> {
  const { facts, given } = talk
  if (given.item === undefined || facts.served.get('17') !== 'answer') return
  const told = yield* talk.ask(itemInformation(talk.scope(), given.item))
  if (!told.parsed || told.reaction !== 'answer') return
  const code = number(told.parsed.fixed.circulationStatus) ?? 0
  const status = circulationStatuses[code - 1] ?? 'unknown'
  facts.item = { known: isKnown(told.parsed), status, lent: ['charged', 'recalled'].includes(status) }
  learnDue(facts, told.parsed)
}
