import type { Ils, RelayMessage } from '../../adapters/ils/ils.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import { type Answer, type Problem, type ProblemKind, refused } from '../../kernel/problem.ts'
import { ringTranscript, type Transcript, type TranscriptLine } from '../../kernel/transcript.ts'

/** How one request to a library system ended: `ok`, or the kind of problem. */
export type Ending = 'ok' | ProblemKind

/** One request to a library system, as it is counted: no person, no item. */
export interface Counted {
  readonly libraryId: string
  /** The method of the contract, or `relay-<command>` for a machine's own message. */
  readonly command: string
  readonly ending: Ending
  readonly millis: Millis
}

/** A no of a library system, kept for a while so that it can be explained. */
export interface Refusal {
  readonly at: Millis
  readonly command: string
  /** Our own key of the act: it names the order, or the machine's occurrence. Null for questions. */
  readonly key: string | null
  readonly barcode: string | null
  readonly problem: Problem
}

/** What the requests to one library system came to, in this process. */
export interface LinkNumbers {
  /** Requests a minute, over the last five. */
  readonly perMinute: number
  /** Milliseconds of the last thousand requests; null before the first. */
  readonly latency: { readonly median: Millis; readonly p95: Millis } | null
  /** Of the last hour, among the last thousand requests. */
  readonly endings: Readonly<Partial<Record<Ending, number>>>
  /** Newest first. */
  readonly refusals: readonly Refusal[]
  /** Masked, newest last. */
  readonly lastWords: readonly TranscriptLine[]
}

export interface Links {
  /** The same library system, counted. Every power it has it keeps. */
  observe(libraryId: string, ils: Ils): Ils
  /** Hears what is said on the lines, masked. */
  readonly hear: Transcript
  numbers(libraryId: string): LinkNumbers
}

const callsKept = 1000
const refusalsKept = 50
const wordsKept = 12
const minute = 60_000

const counted: ReadonlySet<PropertyKey> = new Set([
  'patron',
  'item',
  'checkout',
  'checkin',
  'renew',
  'placeHold',
  'cancelHold',
  'payFee',
  'block',
  'enable',
  'relay',
])

interface Book {
  readonly name: string
  readonly calls: { readonly at: Millis; readonly ending: Ending; readonly millis: Millis }[]
  readonly refusals: Refusal[]
  readonly words: ReturnType<typeof ringTranscript>
}

/** Counts what is asked of library systems. `tell` hears of every request, for the metrics. */
export const createLinks = (clock: Pick<Clock, 'now'>, tell: (one: Counted) => void = () => {}): Links => {
  const books = new Map<string, Book>()
  const byPeer = new Map<string, Book>()

  const note = (
    libraryId: string,
    book: Book,
    command: string,
    asked: unknown,
    begun: Millis,
    end: Ended,
  ): void => {
    const at = clock.now()
    const millis = Math.max(0, at - begun)
    keep(book.calls, { at, ending: end.ending, millis }, callsKept)
    if (end.ending === 'refused' && end.problem) {
      const refusal = { at, command, ...about(asked), problem: withoutCard(end.problem, asked) }
      keep(book.refusals, refusal, refusalsKept)
    }
    tell({ libraryId, command, ending: end.ending, millis })
  }

  return {
    observe: (libraryId, ils) => {
      const book: Book = { name: ils.name, calls: [], refusals: [], words: ringTranscript(wordsKept) }
      books.set(libraryId, book)
      byPeer.set(ils.name, book)
      return new Proxy(ils, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name, target)
          if (typeof value !== 'function') return value
          if (!counted.has(name)) return value.bind(target) as unknown
          return async (...asked: readonly unknown[]): Promise<unknown> => {
            const begun = clock.now()
            const command = commandOf(String(name), asked[0])
            try {
              const answer = (await value.apply(target, asked)) as Answer<unknown>
              const relayed = name === 'relay'
              const what = relayed ? ofMachine(asked[0]) : asked[0]
              note(
                libraryId,
                book,
                command,
                what,
                begun,
                relayed ? endOfRelay(asked[0], answer) : endOf(answer),
              )
              return answer
            } catch (thrown) {
              note(libraryId, book, command, undefined, begun, { ending: 'bug' })
              throw thrown
            }
          }
        },
      })
    },
    hear: line => byPeer.get(line.peer)?.words.take(line),
    numbers: libraryId => {
      const book = books.get(libraryId)
      return book ? numbersOf(book, clock.now()) : nothing
    },
  }
}

const nothing: LinkNumbers = { perMinute: 0, latency: null, endings: {}, refusals: [], lastWords: [] }

interface Ended {
  readonly ending: Ending
  readonly problem?: Problem
}
const endOf = (answer: Answer<unknown>): Ended =>
  answer.ok ? { ending: 'ok' } : { ending: answer.problem.kind, problem: answer.problem }

const isMessage = (thing: unknown): thing is RelayMessage =>
  typeof thing === 'object' && thing !== null && 'fixed' in thing && 'fields' in thing

const firstOf = ({ fields }: RelayMessage, id: string): string | undefined =>
  fields.find(([name]) => name === id)?.[1]

/** What a machine's own message was about, as of our own acts. */
const ofMachine = (message: unknown): unknown =>
  isMessage(message) ? { key: 'kiosk:', barcode: firstOf(message, 'AB') } : undefined

/** Fields that say who somebody is: their values do not stand in what is kept. */
const personal = ['AA', 'AC', 'AD', 'AE', 'BD', 'BE', 'BF', 'CY', 'DA']

/** A machine is given the library system's no as an answer; here it counts as the no that it is. */
const endOfRelay = (message: unknown, answer: Answer<unknown>): Ended => {
  if (!answer.ok || !isMessage(answer.value) || answer.value.fixed.ok !== '0') return endOf(answer)
  const { fields } = answer.value
  const asked = isMessage(message) ? message.fields : []
  const secrets = [...asked, ...fields].filter(([id, value]) => personal.includes(id) && value.length > 1)
  const said = fields.filter(([id]) => id === 'AF').map(([, value]) => value)
  const text = secrets.reduce((words, [, value]) => words.replaceAll(value, '***'), said.join(' '))
  const code = refusalCodes[answer.value.command] ?? 'refused'
  return { ending: 'refused', problem: refused(code, saidNo, text === '' ? {} : { their: { text } }) }
}

const refusalCodes: Readonly<Record<string, string>> = {
  '10': 'checkin-refused',
  '12': 'checkout-refused',
  '16': 'hold-refused',
  '30': 'renewal-refused',
}
const saidNo = { zh: '图书馆系统不同意。', en: 'The library system refused.' }

const keep = <T>(list: T[], one: T, most: number): void => {
  list.push(one)
  if (list.length > most) list.shift()
}

const textAt = (thing: unknown, name: string): string | null => {
  const value = typeof thing === 'object' && thing !== null ? (thing as Record<string, unknown>)[name] : null
  return typeof value === 'string' ? value : null
}

/** Machines' own messages are told apart by their two digits, so that no label grows with what they send. */
const commandOf = (name: string, first: unknown): string => {
  if (name !== 'relay') return name
  const command = textAt(first, 'command')
  return command && /^\d\d$/.test(command) ? `relay-${command}` : 'relay-other'
}

const about = (asked: unknown): Pick<Refusal, 'key' | 'barcode'> => ({
  key: textAt(asked, 'key'),
  barcode: typeof asked === 'string' ? asked : textAt(asked, 'barcode'),
})

const withoutCard = (problem: Problem, asked: unknown): Problem => {
  const card = textAt(asked, 'card')
  const text = problem.their?.text
  return card && text?.includes(card)
    ? { ...problem, their: { ...problem.their, text: text.replaceAll(card, '***') } }
    : problem
}

const numbersOf = ({ calls, refusals, words }: Book, now: Millis): LinkNumbers => {
  const recent = calls.filter(({ at }) => at > now - 5 * minute)
  const span = Math.max(minute, Math.min(5 * minute, now - (calls[0]?.at ?? now)))
  const times = calls.map(({ millis }) => millis).toSorted((a, b) => a - b)
  const at = (part: number): Millis => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0
  const endings: Partial<Record<Ending, number>> = {}
  for (const { ending } of calls.filter(call => call.at > now - 60 * minute))
    endings[ending] = (endings[ending] ?? 0) + 1
  return {
    perMinute: Math.round((recent.length / span) * minute * 10) / 10,
    latency: times.length === 0 ? null : { median: at(0.5), p95: at(0.95) },
    endings,
    refusals: refusals.toReversed(),
    lastWords: words.lines(),
  }
}
