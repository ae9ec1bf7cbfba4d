import { writeHex4 } from './checksum.ts'
import { encodeWithSpare } from './encodings.ts'
import { longestValue, slotAt, slotTexts } from './fields.ts'
import { type BuildOptions, control, type Message } from './message.ts'
import type { MessageType } from './messages.ts'
import { walk, writing } from './walk.ts'

/**
 * Writes a message in the usual case: everything is as it should be, and the checksum is the protocol's.
 * Undefined when something needs a closer look.
 */
export const buildQuickly = (
  type: MessageType,
  message: Message,
  options: BuildOptions,
): Uint8Array | undefined => {
  const { delimiter = '|', encoding, terminator } = options
  const { fields, fixed } = message
  if (options.checksum !== true) return undefined
  const { joints, weights } = delimiter === latest.delimiter ? latest : tablesFor(delimiter)
  let text = type.command
  for (let i = 0; i < type.fixed.length; i++) {
    const { name, length } = type.fixed[i]!
    const value = fixed[name]
    if (value?.length !== length) return undefined
    text += value
  }
  for (let i = 0; i < fields.length; i++) {
    const id = fields[i]![0]
    const value = fields[i]![1]
    const slot = id.length === 2 ? slotAt(id, 0) : -1
    if (slot < 0 || value.length > longestValue) return undefined
    if (i === 0) text += id
    else text += slot === 0 ? delimiter + id : joints[slot]!
    text += value
  }
  if (fields.length > 0) text += delimiter
  text += tails[message.sequence ?? 10]!
  const spare = 4 + terminator.length
  const room = encodeWithSpare(text, encoding, spare)
  if (!room || room.length > writing.longest) return undefined
  const at = room.length - spare
  const { total, ascii } = walk(room, at, weights)
  // Second bytes of GB18030 look like delimiters, so these are counted in the text.
  const delimiters = ascii || encoding === 'utf-8' ? writing.delimiters(total) : countOf(delimiter, text)
  if (delimiters !== fields.length) return undefined
  if (!ascii && (control.test(text) || !walk(room, 2 + type.fixedLength, weights).ascii)) return undefined
  writeHex4(writing.sum(total), room, at)
  for (let i = 0; i < terminator.length; i++) room[at + 4 + i] = terminator.charCodeAt(i)
  return room
}

/** AY by its digit; the last one without it. */
const tails: readonly string[] = [...Array.from({ length: 10 }, (_, digit) => `AY${digit}AZ`), 'AZ']

/** What depends on the delimiter. */
interface Tables {
  readonly delimiter: string
  /** For each listed id by number: the delimiter of the field before, and the id. */
  readonly joints: readonly string[]
  readonly weights: Int32Array
}

const tablesFor = (delimiter: string): Tables => {
  latest = { delimiter, joints: slotTexts.map(id => delimiter + id), weights: writing.weights(delimiter) }
  return latest
}

let latest: Tables = { delimiter: '', joints: [], weights: new Int32Array(256) }

const countOf = (delimiter: string, text: string): number => {
  let count = 0
  for (let at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, at + 1)) count++
  return count
}
