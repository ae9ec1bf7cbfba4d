import type { Field, Parsed, Unreadable } from './message.ts'

/**
 * The one door to the codec: `parseMessage` and `buildMessage` are each other's reverse over the table of
 * `messages.ts`; both are pure and neither throws.
 */
export { buildMessage, rebuildMessage } from './build.ts'
export { parseDueDate, parseSipDate, sipDate } from './dates.ts'
export type { BuildOptions, Field, Message, Parsed, ParseOptions, Unreadable } from './message.ts'
export { parseMessage } from './parse.ts'

type HasFields = { readonly fields: readonly Field[] }

export const isUnreadable = (result: Parsed | Unreadable): result is Unreadable => 'error' in result

/** The value of the first field with this id: where a field is wrongly repeated the first one counts. */
export const field = (parsed: HasFields, id: string): string | undefined =>
  parsed.fields.find(([name]) => name === id)?.[1]

/** All values of a field that may repeat, in order. */
export const fieldsOf = (parsed: HasFields, id: string): string[] =>
  parsed.fields.filter(([name]) => name === id).map(([, value]) => value)
