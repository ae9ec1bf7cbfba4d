import type { PatronList } from '../../adapters/ils/ils.ts'
import type { Field } from '../../adapters/ils/sip2/codec.ts'
import { flags, four, listAsked, lists, pageAsked } from './back.ts'
import { type Case, isFrozen, type Settled, sure, theirs } from './case.ts'
import type { OurLine, OurReader, Reply } from './ports.ts'
import { dayOf, get, replyTo, saying, utcDate, valueIn, withFields } from './replies.ts'
import { frozenWords, readyWords, words } from './words.ts'

/** Steps in which a book of ours waits for its reader. */
const ready: readonly OurLine['status'][] = ['in_locker', 'at_branch']
/** Steps on the way there. */
const coming: readonly OurLine['status'][] = [
  'requested',
  'confirmed',
  'picking',
  'seeking',
  'found',
  'checkout_refused',
  'charged',
  'packed',
  'shipped',
]
/** Flags of a reader whom our ledger has frozen. */
const frozenFlags = ['charge-denied', 'renewal-denied', 'hold-denied'] as const
/** Lines on a screen about books that wait. */
const readyLines = 3

/** 23 and 63 (and the 24, 26 that answer 01, 25): what the library system says of a reader, and what we know. */
export const patron = async (c: Case): Promise<Settled> => {
  const { ask, ours, back } = c
  const { libraryId } = ask.account
  const card = get(ask, 'AA')
  const withPin = get(ask, 'AD') !== '' && ['23', '63'].includes(ask.request.command)
  if (withPin && (await ours.pins.locked(libraryId, card))) return sure(locked(c))
  const reader = await ours.reader(libraryId, card)
  if (!ask.account.byHand && back.away()) return sure(decorated(c, fromMemory(c, reader), reader))
  const answer = await theirs(c.ask.request.command === '63' ? withoutMixedList(c, reader) : c)
  const { reply } = answer
  if (answer.untold) {
    // It could not be asked: what we know is better than nothing, and says so.
    if (reader && !answer.unsure) return sure(decorated(c, merge(fromMemory(c, reader), reply), reader))
    return answer
  }
  if (withPin) await countPin(c, card, reply)
  const whole = ask.request.command === '63' ? await withOurHolds(c, reply, reader) : reply
  return sure(decorated(c, whole, reader))
}

const merge = (base: Reply, told: Reply): Reply =>
  withFields(base, { AF: told.fields.filter(([id]) => id === 'AF').map(([, value]) => value) })

const countPin = async ({ ask, ours }: Case, card: string, reply: Reply): Promise<void> => {
  const { libraryId } = ask.account
  const told = valueIn(reply, 'CQ')
  if (valueIn(reply, 'BL') !== 'Y') return
  if (told === 'N') await ours.pins.wrong(libraryId, card)
  if (told === 'Y') await ours.pins.right(libraryId, card)
}

/** Nothing is said about the card: guessing must lead nowhere. */
const locked = (c: Case): Reply =>
  saying(
    c.ask,
    replyTo(c.ask, { patronStatus: flags(frozenFlags) }, [
      ['AE', ''],
      ['BL', 'Y'],
      ['CQ', 'N'],
    ]),
    words.pinLocked,
  )

/** While the library system is away: a known card is known, and nobody has looked at its PIN. */
const fromMemory = (c: Case, reader: OurReader | undefined): Reply => {
  const open = c.ask.account.offline.checkouts
  const known: Field[] = reader
    ? [
        ['AE', reader.name()],
        ['BL', 'Y'],
      ]
    : [['AE', ''], ...(open ? [] : [['BL', 'N'] as const])]
  c.note('ils-away')
  const counts = reader && c.ask.request.command === '63' ? ourCounts(c, reader) : {}
  const reply = replyTo(c.ask, { ...counts, patronStatus: open ? ' '.repeat(14) : flags(frozenFlags) }, known)
  const said = saying(c.ask, reply, get(c.ask, 'AD') === '' ? words.away : words.pinUnchecked)
  const listed = c.ask.request.command === '63' && reader ? ourList(c, reader) : undefined
  return listed ? withFields(said, listed) : said
}

const ourCounts = (c: Case, reader: OurReader): Record<string, string> => {
  const [here, later] = [readyOf(c, reader).length, comingOf(c, reader).length]
  return {
    holdCount: four(c.ask.account.holdCount === 'all' ? here + later : here),
    unavailableHoldCount: four(later),
  }
}

const ourList = (c: Case, reader: OurReader): Record<string, readonly string[]> | undefined => {
  const list = listAsked(c.ask)
  if (list !== 'holds' && list !== 'unavailable-holds') return undefined
  const entry = (line: OurLine): string => entryOf(c, line)
  const held = readyOf(c, reader).map(entry)
  const later = comingOf(c, reader).map(entry)
  return page(
    c,
    list,
    list === 'holds' ? (c.ask.account.holdCount === 'all' ? [...held, ...later] : held) : later,
  )
}

/** A cabinet of another make hands out what lies in it; other places' books are on their way as far as it goes. */
const readyOf = ({ ask: { account } }: Case, { lines }: OurReader): readonly OurLine[] =>
  lines.filter(
    line => ready.includes(line.status) && (account.use !== 'cabinet' || line.deskId === account.branchId),
  )
const comingOf = (c: Case, reader: OurReader): readonly OurLine[] => {
  const here = readyOf(c, reader)
  return reader.lines.filter(
    line => coming.includes(line.status) || (ready.includes(line.status) && !here.includes(line)),
  )
}

const entryOf = ({ ask: { account } }: Case, line: OurLine): string =>
  account.lists === 'title' || line.barcode === null ? line.title : line.barcode

const page = (c: Case, list: PatronList, entries: readonly string[]): Record<string, readonly string[]> => {
  const { from, to } = pageAsked(c.ask)
  return { [lists.find(([name]) => name === list)![1]]: entries.slice(from - 1, to) }
}

/** Whether the library system's own lists of holds must be looked at to count right. */
const mixes = (c: Case, reader: OurReader | undefined): boolean => {
  const list = listAsked(c.ask)
  const holds = list === 'holds' || list === 'unavailable-holds'
  const own = reader?.lines.some(line => ready.includes(line.status) || coming.includes(line.status)) ?? false
  const held = reader?.lines.some(line => line.held) ?? false
  return held || (holds && (own || c.back.holds !== c.ask.account.holdCount))
}

/** The question without its list, where the list is put together here. */
const withoutMixedList = (c: Case, reader: OurReader | undefined): Case => {
  const list = listAsked(c.ask)
  if (!mixes(c, reader) || (list !== 'holds' && list !== 'unavailable-holds')) return c
  const { request } = c.ask
  const fields = request.fields.filter(([id]) => id !== 'BP' && id !== 'BQ')
  const fixed = { ...request.fixed, summary: ' '.repeat(10) }
  return { ...c, ask: { ...c.ask, request: { ...request, fixed, fields } } }
}

/** Their counts and lists with our holds among them, each once. */
const withOurHolds = async (c: Case, reply: Reply, reader: OurReader | undefined): Promise<Reply> => {
  const ourReady = reader ? readyOf(c, reader) : []
  const ourComing = reader ? comingOf(c, reader) : []
  const all = c.ask.account.holdCount === 'all'
  const list = listAsked(c.ask)
  if (!mixes(c, reader)) {
    const here = Number(reply.fixed.holdCount) + ourReady.length
    const later = Number(reply.fixed.unavailableHoldCount) + ourComing.length
    const counted = counts(reply, here, later, all)
    return list === undefined || list === 'fines' ? counted : inOurWords(c, counted, list)
  }
  const their = await theirHolds(c)
  if (!their) return counts(reply, ourReady.length, ourComing.length, all)
  const used = { ready: [...their.ready], later: [...their.later] }
  for (const line of [...ourReady, ...ourComing].filter(one => one.held)) await dropTheirs(c, line, used)
  const here = [...ourReady.map(line => entryOf(c, line)), ...(await worded(c, used.ready))]
  const later = [...ourComing.map(line => entryOf(c, line)), ...(await worded(c, used.later))]
  const counted = counts(reply, here.length, later.length, all)
  if (list === 'holds') return withFields(counted, page(c, list, all ? [...here, ...later] : here))
  if (list === 'unavailable-holds') return withFields(counted, page(c, list, later))
  return list === undefined || list === 'fines' ? counted : inOurWords(c, counted, list)
}

const counts = (reply: Reply, here: number, later: number, all: boolean): Reply =>
  Number.isNaN(here + later)
    ? reply
    : {
        ...reply,
        fixed: {
          ...reply.fixed,
          holdCount: four(all ? here + later : here),
          unavailableHoldCount: four(later),
        },
      }

/** The library system's holds of a reader, those that lie ready apart from those that do not. */
const theirHolds = async (c: Case): Promise<{ ready: string[]; later: string[] } | undefined> => {
  const card = get(c.ask, 'AA')
  const holds = await c.back.ils.patron({ card, list: 'holds', priority: 'person' })
  const later = await c.back.ils.patron({ card, list: 'unavailable-holds', priority: 'person' })
  if (!holds.ok || !later.ok) return undefined
  const ready = [...holds.value.items]
  if (c.back.holds === 'all')
    for (const item of later.value.items) {
      const at = ready.indexOf(item)
      if (at >= 0) ready.splice(at, 1)
    }
  return { ready, later: [...later.value.items] }
}

/** A hold of ours stands in the library system too: it is shown once. */
const dropTheirs = async (
  c: Case,
  line: OurLine,
  their: { readonly ready: string[]; readonly later: string[] },
): Promise<void> => {
  for (const list of [their.ready, their.later]) {
    let at = list.findIndex(item => item === line.barcode || item === line.title)
    for (let i = 0; at < 0 && i < list.length; i++)
      if ((await c.ours.recordOf(c.ask.account.libraryId, list[i]!)) === line.recordId) at = i
    if (at >= 0) {
      list.splice(at, 1)
      return
    }
  }
}

/** Barcodes as titles, where the machine shows titles and the library system lists barcodes. */
const worded = async (c: Case, items: readonly string[]): Promise<readonly string[]> => {
  if (c.ask.account.lists === 'barcode' || c.back.lists === 'title' || items.length === 0) return items
  const titles = await c.ours.titles(c.ask.account.libraryId, items)
  return items.map(item => titles.get(item) ?? item)
}

const inOurWords = async (c: Case, reply: Reply, list: PatronList): Promise<Reply> => {
  const id = lists.find(([name]) => name === list)![1]
  const items = reply.fields.filter(([field]) => field === id).map(([, value]) => value)
  const told = await worded(c, items)
  return told === items ? reply : withFields(reply, { [id]: told })
}

/** Flags and sentences of our own. */
const decorated = (c: Case, reply: Reply, reader: OurReader | undefined): Reply => {
  if (!reader) return reply
  const { ask, ours } = c
  const frozen = isFrozen(c, reader)
  const waiting = readyOf(c, reader).toSorted((a, b) => (a.collectUntil ?? 0) - (b.collectUntil ?? 0))
  const first = waiting.find(line => line.collectUntil !== null)
  const told =
    ask.account.use === 'cabinet'
      ? []
      : waiting.slice(0, readyLines).map(line => {
          const place =
            line.lockerId === null && line.deskId !== null ? ours.place(line.deskId).name : words.inLocker
          return readyWords(
            line.title,
            place,
            line.collectUntil === null ? undefined : dayOf(line.collectUntil, ask.zone),
          )
        })
  const marked = frozen
    ? { ...reply, fixed: { ...reply.fixed, patronStatus: flags(frozenFlags, reply.fixed.patronStatus) } }
    : reply
  const dated =
    first && reply.command === '64' ? withFields(marked, { CM: utcDate(first.collectUntil!) }) : marked
  const sentences = [...(frozen ? [frozenWords(dayOf(reader.frozenUntil!, ask.zone))] : []), ...told]
  return saying(ask, dated, ...sentences)
}
