import { type Answer, misconfigured, no, refused, type Words, yes } from '../../../kernel/problem.ts'
import { hex4, sumBytes, sumUnits, type Verdict, writeHex4 } from './checksum.ts'
import { decode, encode, encodeWithSpare } from './encodings.ts'
import { fields as fieldTable, longestValue, slotAt } from './fields.ts'
import { type BuildOptions, control, type Field, type Message, type Parsed, printable } from './message.ts'
import { type MessageType, messages } from './messages.ts'
import { buildQuickly } from './quick-build.ts'

/**
 * Writes a message. A value can never add a field or a message: in identifiers and secrets a delimiter, a line
 * end, a NUL or another control character, a character the charset lacks, or more than 255 characters (or what
 * `caps` say) are refused (`sip2-unsafe-value`); in free text they become a blank, a `?`, or are cut, and `note`
 * is told. A message beyond `caps.messageBytes` is refused.
 * Never throws; `misconfigured` when the message itself is impossible.
 */
export const buildMessage = (message: Message, options: BuildOptions): Answer<Uint8Array> => {
  const type = messages.get(message.command)
  if (!type && !message.foreign) return impossible(`there is no message ${message.command}`)
  const sequence = message.sequence ?? null
  if (sequence !== null && !(Number.isInteger(sequence) && sequence >= 0 && sequence <= 9))
    return impossible('a sequence number is one digit')
  const quick = !type || options.caps ? undefined : buildQuickly(type, message, options)
  if (quick) return yes(quick)
  const delimiter = options.delimiter ?? '|'
  const head = type ? fixedText(type, message.fixed, delimiter) : foreignText(message, delimiter)
  if (!head.ok) return head
  const safe = safeFields(message, options)
  if (!safe.ok) return safe
  const trimmed = options.trailingAsciiField === true && options.checksum === false
  const fields = trimmed ? asciiLast(safe.value) : safe.value
  const bytes = assemble(head.value, fields, sequence, options, type ? noQuirks : foreignQuirks(message))
  const most = options.caps?.messageBytes ?? 0
  return most > 0 && bytes.length > most ? no(refused('sip2-message-too-long', tooLongWords)) : yes(bytes)
}

const tooLongWords: Words = {
  zh: '请求内容过长，图书馆系统无法接受',
  en: 'the request is longer than the library system can take',
}

const impossible = (en: string, zh = 'SIP2 报文无法生成') =>
  no(misconfigured('sip2-impossible-message', { zh, en: `SIP2: ${en}` }))

const fixedText = (
  type: MessageType,
  fixed: Readonly<Record<string, string>>,
  delimiter?: string,
): Answer<string> => {
  let text = type.command
  for (const { name, length } of type.fixed) {
    const value = fixed[name]
    if (value?.length !== length)
      return impossible(`message ${type.command}: ${name} must be ${length} ASCII characters`)
    text += value
  }
  if (notPrintable.test(text) || (delimiter !== undefined && text.includes(delimiter)))
    return impossible(`message ${type.command}: the fixed part must be printable ASCII without a delimiter`)
  return yes(text)
}

const foreignText = ({ command, fixed }: Message, delimiter: string): Answer<string> => {
  const text = command + (fixed.text ?? '')
  return /^\d\d[ -~]*$/.test(text) && !text.includes(delimiter)
    ? yes(text)
    : impossible('a foreign message must begin with printable ASCII')
}

/** What stands before the first field ends with a delimiter. */
const foreignQuirks = ({ fixed, fields }: Message): Quirks => ({
  ...noQuirks,
  emptySegments: fields.length > 0 || (fixed.text ?? '') !== '' ? [0] : [],
})

const notPrintable = /[^ -~]/

const safeFields = (message: Message, options: BuildOptions): Answer<Field[]> => {
  const safe: Field[] = []
  for (const [id, value] of message.fields) {
    if (id.length !== 2 || slotAt(id, 0) < 0)
      return impossible(`not a field id in message ${message.command}`)
    const cleaned = safeValue(id, value, options)
    if (!cleaned.ok) return cleaned
    safe.push([id, cleaned.value])
  }
  return yes(safe)
}

const safeValue = (id: string, value: string, options: BuildOptions): Answer<string> => {
  const delimiter = options.delimiter ?? '|'
  const unsafe = control.test(value) || value.includes(delimiter)
  const long = isLong(value, options)
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
    text = cutTo(text, options)
  }
  if (lacking.length > 0) options.note?.(`lacking: ${id} ${lacking.join('')}`)
  return yes(text)
}

const isLong = (value: string, { caps, encoding }: BuildOptions): boolean =>
  value.length > (caps?.valueCharacters ?? longestValue) ||
  (caps !== undefined && caps.valueBytes > 0 && encode(value, encoding).bytes.length > caps.valueBytes)

/** As many whole characters as fit; a pair of surrogates is not torn apart. */
const cutTo = (value: string, { caps, encoding }: BuildOptions): string => {
  const text = value.slice(0, caps?.valueCharacters ?? longestValue).replace(/[\ud800-\udbff]$/, '')
  const most = caps?.valueBytes ?? 0
  if (most === 0) return text
  let kept = ''
  let bytes = 0
  for (const char of text) {
    bytes += encode(char, encoding).bytes.length
    if (bytes > most) break
    kept += char
  }
  return kept
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
  return (
    finish(body, sequence, options, quirks.digits) ??
    withQuestionMarks(body, sequence, options, quirks.digits)
  )
}

/** The bytes with AY, AZ and terminator; undefined when the charset lacks a character. */
const finish = (
  body: string,
  sequence: number | null,
  options: BuildOptions,
  digits?: string,
): Uint8Array | undefined => {
  const { encoding, checksum, terminator } = options
  const text = body + letters(body, sequence, options, digits)
  const room = encodeWithSpare(text, encoding, (checksum === false ? 0 : 4) + terminator.length)
  if (!room) return undefined
  let at = room.length - terminator.length
  if (checksum !== false) {
    at -= 4
    if (digits === undefined) writeHex4(sumFor(body, text, room, at, options), room, at)
    else return withDigits(room, at, digits, terminator)
    at += 4
  }
  for (let i = 0; i < terminator.length; i++) room[at + i] = terminator.charCodeAt(i)
  return room
}

/** Digits as they stood, which may be fewer than four. */
const withDigits = (room: Uint8Array, at: number, digits: string, terminator: string): Uint8Array =>
  Buffer.concat([room.subarray(0, at), Buffer.from(digits + terminator, 'latin1')])

const withQuestionMarks = (
  body: string,
  sequence: number | null,
  options: BuildOptions,
  digits?: string,
): Uint8Array => {
  const { encoding, checksum, terminator } = options
  const tail = letters(body, sequence, options, digits)
  const { bytes } = encode(body + tail, encoding)
  if (checksum === false) return withDigits(bytes, bytes.length, '', terminator)
  // Sums over characters are over those that are sent.
  const text = decode(bytes, encoding)
  const sent = text.slice(0, text.length - tail.length)
  return withDigits(
    bytes,
    bytes.length,
    digits ?? hex4(sumFor(sent, text, bytes, bytes.length, options)),
    terminator,
  )
}

const letters = (
  body: string,
  sequence: number | null,
  { checksum, delimiter = '|' }: BuildOptions,
  digits?: string,
): string => {
  if (checksum === false) return ''
  if (checksum === 'dp2' && digits === undefined)
    return body.endsWith(delimiter) ? 'AY4AZ' : `${delimiter}AY4AZ`
  return sequence === null ? 'AZ' : `AY${sequence}AZ`
}

/** The sum by the rule of the options; `text` and the first `length` bytes run through the letters AZ. */
const sumFor = (
  body: string,
  text: string,
  bytes: Uint8Array,
  length: number,
  { checksum, delimiter = '|' }: BuildOptions,
): number => {
  if (checksum === 'utf-16') return sumUnits(text)
  if (checksum === 'dp2') return sumUnits(body, body.endsWith(delimiter) ? body.length - 1 : body.length)
  return sumBytes(bytes, length)
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
