import type { Verdict } from '../adapters/ils/sip2/checksum.ts'
import { isUnreadable, type Parsed, parseMessage, rebuildMessage } from '../adapters/ils/sip2/codec.ts'
import { type Encoding, encodings } from '../adapters/ils/sip2/encodings.ts'
import { messages } from '../adapters/ils/sip2/messages.ts'
import { misconfigured, ProblemError } from '../kernel/problem.ts'

/**
 * A recording is a text in UTF-8 that people can read. Behind a head of `#` lines each line is
 *
 *     <connection> <milliseconds since the beginning> <what> <text>
 *
 * | what | text |
 * |---|---|
 * | `+` | a kiosk has connected |
 * | `>` | a message of the kiosk |
 * | `<` | a message of the library system |
 * | `-` | who has hung up: `kiosk` or `ils`, and why |
 * | `=` | a note: `charset gb18030`, `lost 3` (lines that could not be written) |
 *
 * Line ends stand as `\r` and `\n`, other control characters as `\x07`, a backslash as `\\`. In place of the four
 * digits of a checksum stands what it was: `AY1AZ=ok`, `AZ=utf-16`, `AZ=dp2`, `AZ=wrong`: with names replaced the
 * digits would be none. What was no message is told by its length only: `?45`.
 */
export const recordingHead = '# shuqiao sip2 recording 1'

export type By = 'kiosk' | 'ils'

export interface Said {
  readonly kind: 'said'
  readonly connection: number
  readonly at: number
  readonly by: By
  readonly message: Parsed
  /** Line end as it was; '' when the line broke off. */
  readonly end: string
}
export type Entry =
  | Said
  | { readonly kind: 'opened'; readonly connection: number; readonly at: number }
  | { readonly kind: 'closed'; readonly connection: number; readonly at: number; readonly by: By }
  | {
      readonly kind: 'noise'
      readonly connection: number
      readonly at: number
      readonly by: By
      readonly bytes: number
    }

export interface Recording {
  readonly encoding: Encoding
  readonly delimiter: string
  readonly entries: readonly Entry[]
}

const sums: Readonly<Record<Exclude<Verdict, 'absent'>, string>> = {
  ok: 'ok',
  'ok:utf-16': 'utf-16',
  'ok:dp2': 'dp2',
  wrong: 'wrong',
}
const verdicts: Readonly<Record<string, Verdict>> = Object.fromEntries(
  Object.entries(sums).map(([verdict, text]) => [text, verdict as Verdict]),
)

/** A message as it stands in a recording; undefined when it cannot be written again. */
export const messageText = (parsed: Parsed, delimiter: string, end: string): string | undefined => {
  const problems = parsed.problems.filter(problem => !problem.startsWith('checksum-written'))
  const fixed = messages.has(parsed.command) ? parsed.fixed : { text: parsed.fixed.text === '' ? '' : '***' }
  const bare = { ...parsed, fixed, problems, sequence: null, checksum: 'absent' as const }
  const built = rebuildMessage(bare, { encoding: 'utf-8', delimiter, terminator: '' })
  if (!built.ok) return undefined
  const sequence = parsed.sequence === null ? '' : `AY${parsed.sequence}`
  const sum = parsed.checksum === 'absent' ? '' : `AZ=${sums[parsed.checksum]}`
  return escaped(Buffer.from(built.value).toString('utf8') + sequence + sum + end)
}

const escaped = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n')
    .replaceAll(/[\u0000-\u001f\u007f]/g, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)

const unescaped = (text: string): string =>
  text.replaceAll(/\\(?:\\|r|n|x([0-9a-f]{2}))/g, (whole, hex: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    return whole === '\\r' ? '\r' : whole === '\\n' ? '\n' : '\\'
  })

const line = /^(\d{1,9}) (\d{1,12}) ([+<>=-])(?: (.*))?$/
const longestRecording = 256 * 1024 * 1024

/** Reads a recording. Throws, with the number of the line, when it is none. */
export const readRecording = (text: string): Recording => {
  if (text.length > longestRecording) throw fault(0, 'is too long', '太长')
  const lines = text.split(/\r?\n/)
  if (lines[0] !== recordingHead) throw fault(1, `does not begin with "${recordingHead}"`, '不是录制文件')
  let encoding: Encoding = 'utf-8'
  const delimiter =
    lines.map(each => /^# delimiter (\S)$/.exec(each)?.[1]).find(mark => mark !== undefined) ?? '|'
  const entries: Entry[] = []
  lines.forEach((each, index) => {
    if (each === '' || each.startsWith('#')) return
    const [, connection, at, what, rest = ''] = line.exec(each) ?? []
    if (what === undefined) throw fault(index + 1, 'cannot be read', '无法读懂')
    const where = { connection: Number(connection), at: Number(at) }
    const charset = /^charset (\S+)$/.exec(rest)?.[1]
    if (what === '=') encoding = encodings.find(name => name === charset) ?? encoding
    else if (what === '+') entries.push({ kind: 'opened', ...where })
    else if (what === '-')
      entries.push({ kind: 'closed', ...where, by: rest.startsWith('ils') ? 'ils' : 'kiosk' })
    else entries.push(saidIn(rest, what === '>' ? 'kiosk' : 'ils', where, delimiter, index + 1))
  })
  return { encoding, delimiter, entries }
}

const saidIn = (
  text: string,
  by: By,
  where: { connection: number; at: number },
  delimiter: string,
  number: number,
): Entry => {
  const noise = /^\?(\d+)$/.exec(text)?.[1]
  if (noise !== undefined) return { kind: 'noise', ...where, by, bytes: Number(noise) }
  const whole = unescaped(text)
  const end = /[\r\n]*$/.exec(whole)?.[0] ?? ''
  const body = whole.slice(0, whole.length - end.length)
  const tail = /(?:AY(\d))?(?:AZ=(ok|utf-16|dp2|wrong))?$/.exec(body)
  const [found = '', sequence, sum] = tail ?? []
  const parsed = parseMessage(Buffer.from(body.slice(0, body.length - found.length)), {
    encoding: 'utf-8',
    delimiter,
  })
  if (isUnreadable(parsed)) throw fault(number, `holds no message: ${parsed.error}`, '没有报文')
  const message: Parsed = {
    ...parsed,
    sequence: sequence === undefined ? null : Number(sequence),
    checksum: sum === undefined ? 'absent' : (verdicts[sum] ?? 'absent'),
  }
  return { kind: 'said', ...where, by, message, end }
}

const fault = (number: number, en: string, zh: string): ProblemError =>
  new ProblemError(
    misconfigured('recording-unreadable', {
      zh: `录制文件第 ${number} 行${zh}`,
      en: `line ${number} of the recording ${en}`,
    }),
  )
