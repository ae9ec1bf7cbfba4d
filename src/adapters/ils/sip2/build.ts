import { type Answer, misconfigured, no, refused, type Words, yes } from '../../../kernel/problem.ts'
import { hex4, sumBytes, sumUnits, type Verdict } from './checksum.ts'
import { type Encoding, encode } from './encodings.ts'
import { fields as fieldTable, longestValue } from './fields.ts'
import { type MessageType, messages } from './messages.ts'
import { control, dp2Digits, type Field, type Parsed, printable } from './parse.ts'

export interface Message {
  readonly command: string
  /** Every piece of the fixed part by its name in `messages.ts`, at its exact length. */
  readonly fixed: Readonly<Record<string, string>>
  readonly fields: readonly Field[]
  readonly sequence?: number | null
}

export interface BuildOptions {
  readonly encoding: Encoding
  readonly delimiter?: string
  /** Whether to add AY and AZ, and by which rule; `true` is that of the protocol; `dp2` always writes AY4. */
  readonly checksum: boolean | 'utf-16' | 'dp2'
  readonly terminator: string
  /**
   * Several servers drop everything but ASCII letters and digits from the end of a message: with this, a
   * message without checksum never ends in other characters (an empty AC is put last, if need be).
   */
  readonly trailingAsciiField?: boolean
  /** Told what had to be changed in free text: `replaced: AF`, `lacking: AF é`, `cut: AF`. */
  readonly note?: (what: string) => void
}

/**
 * Writes a message. A value can never add a field or a message: in identifiers and secrets a delimiter, a line
 * end, a NUL or another control character, a character the charset lacks, or more than 255 characters are
 * refused (`sip2-unsafe-value`); in free text they become a blank, a `?`, or are cut, and `note` is told.
 * Never throws; `misconfigured` when the message itself is impossible.
 */
export const buildMessage = (message: Message, options: BuildOptions): Answer<Uint8Array> => {
  const type = messages.get(message.command)
  if (!type) return impossible(`there is no message ${message.command}`)
  const head = fixedText(type, message.fixed)
  if (!head.ok) return head
  if (head.value.includes(options.delimiter ?? '|')) return impossible('a delimiter in the fixed part')
  const safe: Field[] = []
  for (const [id, value] of message.fields) {
    if (!/^[A-Z][A-Z0-9]$/.test(id)) return impossible(`not a field id in message ${message.command}`)
    const cleaned = safeValue(id, value, options)
    if (!cleaned.ok) return cleaned
    safe.push([id, cleaned.value])
  }
  const fields = options.trailingAsciiField && options.checksum === false ? asciiLast(safe) : safe
  return yes(assemble(head.value, fields, message.sequence ?? null, options, noQuirks))
}

const impossible = (en: string, zh = 'SIP2 报文无法生成') =>
  no(misconfigured('sip2-impossible-message', { zh, en: `SIP2: ${en}` }))

const fixedText = (type: MessageType, fixed: Readonly<Record<string, string>>): Answer<string> => {
  let text = type.command
  for (const { name, length } of type.fixed) {
    const value = fixed[name]
    if (value === undefined || value.length !== length || !/^[ -~]*$/.test(value))
      return impossible(`message ${type.command}: ${name} must be ${length} ASCII characters`)
    text += value
  }
  return yes(text)
}

const safeValue = (id: string, value: string, options: BuildOptions): Answer<string> => {
  const delimiter = options.delimiter ?? '|'
  const unsafe = control.test(value) || value.includes(delimiter)
  const long = value.length > longestValue
  const lacking = encode(value, options.encoding).lacking
  if (!unsafe && !long && lacking.length === 0) return yes(value)
  if (fieldTable.get(id)?.strict)
    return no(refused('sip2-unsafe-value', unsafeWords(id), { their: { code: id } }))
  let text = value
  if (unsafe) {
    options.note?.(`replaced: ${id}`)
    text = text.replaceAll(delimiter, ' ').replaceAll(new RegExp(control, 'g'), ' ')
  }
  if (long) {
    options.note?.(`cut: ${id}`)
    // A pair of surrogates is not torn apart.
    text = text.slice(0, longestValue).replace(/[\ud800-\udbff]$/, '')
  }
  if (lacking.length > 0) options.note?.(`lacking: ${id} ${lacking.join('')}`)
  return yes(text)
}

const unsafeWords = (id: string): Words => ({
  zh: `${id} 的内容含有图书馆系统无法接受的字符，或者过长`,
  en: `the value of ${id} holds characters the library system cannot take, or is too long`,
})

const asciiEnd = /[0-9A-Za-z]$|^$/

const asciiLast = (fields: readonly Field[]): readonly Field[] => {
  const last = fields.at(-1)
  if (!last || asciiEnd.test(last[1])) return fields
  const mover = fields.findLastIndex(([, value]) => asciiEnd.test(value))
  if (mover < 0) return [...fields, ['AC', '']]
  return [...fields.toSpliced(mover, 1), fields[mover]!]
}

/** What `problems` of a parsed message say about its bytes. */
interface Quirks {
  readonly emptySegments: readonly number[]
  readonly finalDelimiter: boolean
  readonly glued: ReadonlySet<string>
  readonly digits?: string
}
const noQuirks: Quirks = { emptySegments: [], finalDelimiter: true, glued: new Set() }

const assemble = (
  head: string,
  fields: readonly Field[],
  sequence: number | null,
  options: BuildOptions,
  quirks: Quirks,
): Uint8Array => {
  const delimiter = options.delimiter ?? '|'
  const empties = (index: number): string =>
    quirks.emptySegments.length === 0
      ? ''
      : delimiter.repeat(quirks.emptySegments.filter(at => at === index).length)
  let body = head + empties(0)
  fields.forEach(([id, value], index) => {
    const end =
      quirks.glued.has(id) || (!quirks.finalDelimiter && index === fields.length - 1) ? '' : delimiter
    body += id + value + end + empties(index + 1)
  })
  return encode(body + tailText(body, sequence, options, quirks) + options.terminator, options.encoding).bytes
}

const tailText = (body: string, sequence: number | null, options: BuildOptions, quirks: Quirks): string => {
  const { checksum, encoding, delimiter = '|' } = options
  if (checksum === false) return ''
  const letters = `${sequence === null ? '' : `AY${sequence}`}AZ`
  if (quirks.digits !== undefined) return letters + quirks.digits
  if (checksum === 'dp2') {
    const before = body.endsWith(delimiter) ? body.slice(0, -1) : body
    return `${before === body ? delimiter : ''}AY4AZ${dp2Digits(before)}`
  }
  if (checksum === 'utf-16') return letters + hex4(sumUnits(body + letters))
  return letters + hex4(sumBytes(encode(body + letters, encoding).bytes))
}

/**
 * The reverse of `parseMessage`: the same bytes again, also for a message with problems, except `undecodable`,
 * `blank-segment` and `trailing-blanks`. Nothing is put right on the way: a wrong checksum stays wrong. `options.checksum` is not looked at: the message's own verdict decides.
 */
export const rebuildMessage = (
  parsed: Omit<Parsed, 'name'>,
  options: Omit<BuildOptions, 'checksum' | 'note' | 'trailingAsciiField'>,
): Answer<Uint8Array> => {
  const delimiter = options.delimiter ?? '|'
  const head = headAsRead(parsed)
  if (!head.ok) return head
  for (const [id, value] of parsed.fields)
    if (id.length > 2 || /[\r\n\0]/.test(id + value) || (id + value).includes(delimiter))
      return impossible(`field ${printable(id)} holds a delimiter or a line end`)
  const subjects = (code: string): string[] =>
    parsed.problems
      .filter(problem => problem.startsWith(`${code}: `))
      .map(problem => problem.slice(code.length + 2))
  const digits = subjects('checksum-written')[0]
  if (parsed.checksum === 'wrong' && digits === undefined)
    return impossible('a wrong checksum needs the problem checksum-written')
  const quirks: Quirks = {
    emptySegments: subjects('empty-segment').map(Number),
    finalDelimiter: !parsed.problems.includes('no-final-delimiter'),
    glued: new Set(subjects('no-delimiter-after')),
    ...(digits === undefined ? {} : { digits }),
  }
  return yes(
    assemble(
      head.value,
      parsed.fields,
      parsed.sequence,
      { ...options, checksum: rules[parsed.checksum] },
      quirks,
    ),
  )
}

/** The fixed part as it stood, also where it was short or the command is unknown. */
const headAsRead = (parsed: Omit<Parsed, 'name'>): Answer<string> => {
  const type = messages.get(parsed.command)
  const short = parsed.problems.includes('short-fixed-part')
  if (type && !short) return fixedText(type, parsed.fixed)
  const text =
    parsed.command + (type?.fixed ?? [{ name: 'text' }]).map(part => parsed.fixed[part.name] ?? '').join('')
  return /^\d\d[ -~]*$/.test(text) ? yes(text) : impossible('a fixed part that is not ASCII')
}

const rules: Readonly<Record<Verdict, BuildOptions['checksum']>> = {
  ok: true,
  'ok:utf-16': 'utf-16',
  'ok:dp2': 'dp2',
  wrong: true,
  absent: false,
}
