import { fieldsOf, type Parsed } from '../adapters/ils/sip2/codec.ts'
import { fields as fieldTable } from '../adapters/ils/sip2/fields.ts'
import { messages } from '../adapters/ils/sip2/messages.ts'

/** Times of day differ from run to run. */
const clocks = new Set(['AH', 'BW', 'CJ', 'CM', 'BK'])

/**
 * In what an answer differs from the recorded one, in words that hold nobody's name: fields of people are only
 * looked at for being there. Dates differ from day to day and are not compared.
 */
export const differencesOf = (recorded: Parsed, now: Parsed): string[] => {
  if (recorded.command !== now.command) return [`${now.command} in place of ${recorded.command}`]
  const differences: string[] = []
  for (const { name, kind } of messages.get(recorded.command)?.fixed ?? []) {
    const [before, after] = [recorded.fixed[name] ?? '', now.fixed[name] ?? '']
    if (kind !== 'date' && before !== after) differences.push(`${name}: "${after}" in place of "${before}"`)
  }
  const ids = new Set([...recorded.fields, ...now.fields].map(([id]) => id))
  for (const id of ids) {
    const difference = differenceIn(id, fieldsOf(recorded, id), fieldsOf(now, id))
    if (difference !== undefined) differences.push(difference)
  }
  return differences
}

const differenceIn = (
  id: string,
  before: readonly string[],
  after: readonly string[],
): string | undefined => {
  if (after.length === 0) return `${id} is missing`
  if (before.length === 0) return `${id} is new`
  const info = fieldTable.get(id)
  if (info === undefined || info.mask !== undefined) {
    const empty = (values: readonly string[]): boolean => values.every(value => value.trim() === '')
    return empty(before) === empty(after) ? undefined : `${id} is ${empty(after) ? 'empty' : 'not empty'}`
  }
  if (clocks.has(id)) return undefined
  const sorted = (values: readonly string[]): string => JSON.stringify([...values].sort())
  if (sorted(before) === sorted(after)) return undefined
  return `${id}: ${JSON.stringify(after)} in place of ${JSON.stringify(before)}`
}
