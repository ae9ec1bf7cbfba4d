import { field, type Parsed, rebuildMessage } from '../adapters/ils/sip2/codec.ts'
import type { Encoding } from '../adapters/ils/sip2/encodings.ts'
import { fields as fieldTable } from '../adapters/ils/sip2/fields.ts'
import type { Field } from '../adapters/ils/sip2/message.ts'
import type { Recording, Said } from './sip2-recording.ts'

/** One request of a recording and what came of it. */
export interface Recorded {
  readonly connection: number
  readonly request: Said
  /** None: silence. */
  readonly answers: readonly Said[]
  /** The library system hung up behind it. */
  readonly hungUp: boolean
}

/** The requests of a recording with their answers, in order. What the library system said unasked is left out. */
export const exchangesOf = ({ entries }: Recording): Recorded[] => {
  const exchanges: (Recorded & { answers: Said[]; hungUp: boolean })[] = []
  const latest = new Map<number, (typeof exchanges)[number]>()
  for (const entry of entries) {
    if (entry.kind === 'said' && entry.by === 'kiosk') {
      const { connection } = entry
      const exchange = { connection, request: entry, answers: [], hungUp: false }
      exchanges.push(exchange)
      latest.set(connection, exchange)
      continue
    }
    const present = latest.get(entry.connection)
    if (present && entry.kind === 'said') present.answers.push(entry)
    if (present && entry.kind === 'closed' && entry.by === 'ils') present.hungUp = true
  }
  return exchanges
}

/** What a request is about: fields and pieces of the fixed part in which two requests of a kind may differ. */
const keyFields = ['CN', 'AA', 'AD', 'AB', 'AJ', 'BP', 'BQ', 'CG', 'BV', 'BI', 'BO', 'BS']
const keyPieces = ['status', 'summary', 'mode', 'noBlock', 'cardRetained']

const keyOf = (message: Parsed, ids: readonly string[]): string =>
  [
    message.command,
    ...keyPieces.map(name => message.fixed[name] ?? ''),
    ...ids.map(id => field(message, id) ?? ''),
  ].join('\0')

/** From the closest likeness to the loosest: everything; without pages and money; the card and the item alone. */
const likenesses: readonly (readonly string[])[] = [
  keyFields,
  ['CN', 'AA', 'AD', 'AB', 'AJ'],
  ['CN', 'AA', 'AB'],
]

/** Answers to these do not depend on anybody. */
const anyones = new Set(['93', '99', '97'])

/**
 * Finds for each request what the recording answered to one like it: the first time the first answer, then the
 * next one, and when there are no more the last one again.
 */
export const createMemory = (recording: Recording) => {
  const exchanges = exchangesOf(recording)
  const tables = likenesses.map(ids => {
    const table = new Map<string, Recorded[]>()
    for (const exchange of exchanges) {
      const key = keyOf(exchange.request.message, ids)
      table.set(key, [...(table.get(key) ?? []), exchange])
    }
    return table
  })
  const asked = new Map<string, number>()
  const next = (key: string, found: readonly Recorded[]): Recorded => {
    const times = asked.get(key) ?? 0
    asked.set(key, times + 1)
    return found[Math.min(times, found.length - 1)]!
  }
  return {
    recall: (request: Parsed): Recorded | undefined => {
      for (const [index, ids] of likenesses.entries()) {
        const key = keyOf(request, ids)
        const found = tables[index]!.get(key)
        if (found) return next(`${index}\0${key}`, found)
      }
      if (!anyones.has(request.command)) return undefined
      return exchanges.find(({ request: { message } }) => message.command === request.command)
    },
  }
}

interface Wire {
  readonly encoding: Encoding
  readonly delimiter: string
}

/**
 * A recorded message as bytes again: sequence and checksum made anew, by the rule it was written by; a wrong sum
 * is wrong again. Undefined when it cannot be written.
 */
export const bytesOf = (
  said: Said,
  sequence: number | null,
  { encoding, delimiter }: Wire,
): Uint8Array | undefined => {
  const { message, end } = said
  const wrong = message.checksum === 'wrong' ? ['checksum-written: 0000'] : []
  const problems = [...message.problems, ...wrong]
  const built = rebuildMessage({ ...message, sequence, problems }, { encoding, delimiter, terminator: end })
  return built.ok ? built.value : undefined
}

/** AY of an answer to a request: copied where the recorded one was copied, else as it stood. */
export const sequenceFor = (answer: Said, recorded: Said, request: Parsed): number | null => {
  const told = answer.message.sequence
  if (told === null) return null
  return told === recorded.message.sequence ? request.sequence : told
}

/** Requests that change something in a library system. */
export const isAct = ({ command }: Parsed): boolean =>
  !['93', '99', '97', '17', '23', '63', '35'].includes(command)

/** Real values for made-up ones (`T0000001` for a test card), both ways. */
export interface Names {
  real(fields: readonly Field[]): Field[]
  masked(fields: readonly Field[]): Field[]
}

const isPersonal = (id: string): boolean => fieldTable.get(id)?.mask !== undefined

/**
 * Made-up secrets (`*1`) of the requests that `says` lets through, for which no real one is given. Said as they
 * stand they are wrong passwords, and library systems count those.
 */
export const secretsWanting = (
  recording: Recording,
  given: ReadonlyMap<string, string>,
  says: (request: Parsed) => boolean,
): string[] => {
  const values = exchangesOf(recording)
    .filter(({ request }) => says(request.message))
    .flatMap(({ request }) => request.message.fields.map(([, value]) => value))
  return [...new Set(values)].filter(value => /^\*\d+$/.test(value) && !given.has(value)).sort()
}

export const namesOf = (pairs: ReadonlyMap<string, string>): Names => {
  const back = new Map([...pairs].map(([masked, real]) => [real, masked]))
  const through =
    (table: ReadonlyMap<string, string>) =>
    (fields: readonly Field[]): Field[] =>
      fields.map(([id, value]) => [id, (isPersonal(id) ? table.get(value) : undefined) ?? value])
  return { real: through(pairs), masked: through(back) }
}
